"""``--workers`` and ``--dask``: the same bytes whoever does the work and whatever becomes of him."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from distributed import Client

from minecalc.analysis.questions import QuestionError, chosen_workers
from minecalc.analysis.sweep.cases import Chunk
from minecalc.analysis.sweep.spool import Spool
from minecalc.work import cluster as work_cluster
from minecalc.work.processes import Processes
from minecalc.work.workers import WorkersError
from tests.analysis.sweep.sweeping import POWER, TENANT, TEXT
from tests.cli.held import held_sweep, until_chunks
from tests.cli.running import HANGS_SECONDS, ROOT, TEXAS, run
from tests.clusters import Running, local_cluster, until

#: Five chunks.
MANY = ("--vary", f"{POWER}=0.02:0.08:40000", "--metric", "npv_usd", "--quiet")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with local_cluster(2, tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test fails because the machine is busy: whoever is there is waited for."""
    monkeypatch.setattr(work_cluster, "_CONNECT_SECONDS", HANGS_SECONDS)
    monkeypatch.setattr(work_cluster, "_FIRST_WORKER_SECONDS", HANGS_SECONDS)


@pytest.fixture
def small(tmp_path: Path) -> str:
    file = tmp_path / "small.yaml"
    file.write_text(TEXT)
    return str(file)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What the file of MANY holds."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "small.yaml").write_text(TEXT)
    output = folder / "x.csv"
    assert run("sweep", folder / "small.yaml", *MANY, "--workers", "1", "--output", output).code == 0
    return output.read_bytes()


@pytest.mark.parametrize(("count", "pieces", "chosen"), [(None, 1, 1), (None, 15, 1), (None, 32, 4), (3, 1, 3)])
def test_processes_are_by_the_cores_and_the_work(
    count: int | None, pieces: int, chosen: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    with chosen_workers(count, None, pieces) as workers:
        assert workers == Processes(chosen)


def test_work_that_cannot_go_on_is_no_bug() -> None:
    with pytest.raises(QuestionError, match=r"^no more$"), chosen_workers(1, None, 1):
        raise WorkersError("no more")


def test_both_are_one_too_many() -> None:
    found = run("sweep", TEXAS, "--vary", f"{POWER}=0.02,0.03", "--workers", "2", "--dask", "tcp://127.0.0.1:8786")
    assert (found.code, found.out) == (2, "")
    expected = "--workers are processes of this machine, --dask has workers of its own; give one of the two"
    assert found.err == f"minecalc: {expected}\n"


def test_no_address(small: str, tmp_path: Path) -> None:
    words = ("--vary", f"{POWER}=0.02,0.03", "--dask", "http://scheduler:8787", "--output", tmp_path / "x.csv")
    found = run("sweep", small, *words)
    assert (found.code, found.out) == (2, "")
    assert found.err == "minecalc: http://scheduler:8787 is no address of a Dask scheduler; write tcp://host:8786\n"
    assert [path.name for path in tmp_path.iterdir()] == ["small.yaml"]


def test_dask_is_imported_only_where_it_is_asked_for() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "minecalc", "sweep", TEXAS, "--vary", f"{POWER}=0.02,0.03"]
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, text=True)
    imported = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert "numpy" in imported
    assert {"dask", "distributed", "tornado", "asyncio"} & imported == set()


#: A price of power from a file beside the scenario, and words, for each of which the scenario is read again.
SERIES = "month,usd\n" + "".join(f"{2027 + m // 12}-{m % 12 + 1:02},{0.04 + 0.001 * m}\n" for m in range(24))
WORDS = ("--vary", 'plans."a lease".leased_fraction=0.5:1:9000', "--vary", f"{TENANT}=true,false", "--quiet")


@pytest.mark.parametrize("name", ["x.csv", "x.parquet"])
def test_a_cluster_gives_the_same_bytes_and_needs_no_file_of_ours(
    name: str, cluster: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "power.csv").write_text(SERIES)
    text = TEXT.replace(
        "electricity_price_usd_per_kwh: 0.05", "electricity_price_usd_per_kwh: {csv: power.csv, column: usd}"
    )
    (tmp_path / "small.yaml").write_text(text)
    monkeypatch.chdir(tmp_path)  # the workers are elsewhere
    printed = []
    for folder, words in (("here", ("--workers", "1")), ("there", ("--dask", cluster.address))):
        Path(folder).mkdir()
        done = run("sweep", "small.yaml", *WORDS, *words, "--output", f"{folder}/{name}")
        assert (done.code, done.err) == (0, "")
        printed.append(done.out)
    assert printed[0] == printed[1]
    assert Path("here", name).read_bytes() == Path("there", name).read_bytes()
    assert [path.name for path in Path("there").iterdir()] == [name]


def test_what_is_printed_is_the_same(small: str, cluster: Running) -> None:
    words = ("--vary", f"{POWER}=0.03:0.08:40", "--format", "json")
    assert run("sweep", small, *words, "--dask", cluster.address) == run("sweep", small, *words)


def kept_two(monkeypatch: pytest.MonkeyPatch, then: Callable[[], object]) -> None:
    """Have the next sweep do something else when it has kept its second chunk."""
    save = Spool.save

    def saved(spool: Spool, number: int, chunk: Chunk) -> None:
        save(spool, number, chunk)
        if number == 1:
            then()

    monkeypatch.setattr(Spool, "save", saved)


def test_a_worker_that_is_killed_changes_nothing(
    small: str, cluster: Running, whole: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = cluster.on_workers(os.getpid)
    kept_two(monkeypatch, lambda: os.kill(before[0], signal.SIGKILL))
    done = run("sweep", small, *MANY, "--dask", cluster.address, "--output", tmp_path / "x.csv")
    assert (done.code, done.err) == (0, "")
    assert (tmp_path / "x.csv").read_bytes() == whole


def test_an_interrupt_leaves_nothing_on_the_cluster_and_the_run_goes_on_without_it(
    small: str, cluster: Running, whole: bytes, tmp_path: Path
) -> None:
    output = tmp_path / "x.csv"
    running = held_sweep(1, small, *MANY, "--dask", cluster.address, "--output", str(output))
    until_chunks(output, 2, running)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=HANGS_SECONDS)
    assert (running.returncode, out) == (130, "")
    assert err == f"16,384 of 40,000 cases are in {output}; run the same command to go on\n"
    assert whole.startswith(output.read_bytes())
    until(lambda: cluster.tasks() == 0)
    done = run("sweep", small, *MANY, "--workers", "1", "--output", output)
    assert done.code == 0
    assert done.err.startswith("going on: ")
    assert output.read_bytes() == whole
    assert sorted(path.name for path in tmp_path.iterdir()) == ["small.yaml", "x.csv"]


def test_a_scheduler_that_ends_is_one_line_and_the_run_goes_on_without_it(
    small: str, whole: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output, folder = tmp_path / "x.csv", tmp_path / "cluster"
    folder.mkdir()
    with local_cluster(1, folder) as cluster, monkeypatch.context() as patch:

        def end() -> None:
            for client in Client._instances:
                client._timeout = 0.5  # for which it calls again
            cluster.kill()

        kept_two(patch, end)
        done = run("sweep", small, *MANY, "--dask", cluster.address, "--output", output)
    assert (done.code, done.out) == (2, "")
    gone = f"minecalc: the Dask scheduler at {cluster.address} has ended, or dropped the work; "
    assert done.err == f"{gone}16,384 of 40,000 cases are finished; run the same command to go on\n"
    assert not output.exists()
    assert run("sweep", small, *MANY, "--workers", "1", "--output", output).code == 0
    assert output.read_bytes() == whole
