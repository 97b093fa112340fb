"""A Dask cluster does the work: answers in order whatever becomes of its workers, and nothing of ours left on it."""

from __future__ import annotations

import os
import pickle
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pytest

import minecalc
from minecalc.work import cluster as module
from minecalc.work.cluster import Cluster, connected, done, versions
from minecalc.work.workers import WorkersError
from tests.clusters import HANGS_SECONDS, ROOT, Meeting, Noting, Running, ends, fails, local_cluster, squared, until

SQUARES = [number * number for number in range(40)]


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test fails because the machine is busy: whoever is there is waited for."""
    monkeypatch.setattr(module, "_CONNECT_SECONDS", HANGS_SECONDS)
    monkeypatch.setattr(module, "_FIRST_WORKER_SECONDS", HANGS_SECONDS)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with local_cluster(2, tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


@pytest.fixture
def running(shared: Running) -> Running:
    """Two workers, also after a test that killed some."""
    until(lambda: shared.workers() == 2)
    return shared


def test_answers_come_in_order(running: Running) -> None:
    with connected(running.address) as cluster:
        assert [square for square, _ in cluster.share_out(squared, range(40))] == SQUARES
        assert list(cluster.share_out(squared, [])) == []


def test_all_workers_work(running: Running, tmp_path: Path) -> None:
    with connected(running.address) as cluster:
        found = {*cluster.share_out(Meeting(tmp_path, processes=2), range(8))}
    assert found == {*running.on_workers(os.getpid)}


def test_an_error_in_the_work_is_the_callers(running: Running) -> None:
    with connected(running.address) as cluster, pytest.raises(ValueError, match="number 3"):
        list(cluster.share_out(fails, [3]))


def test_little_is_worked_on_ahead_and_the_work_does_not_go_with_every_batch(running: Running, tmp_path: Path) -> None:
    work = Noting(tmp_path, seconds=0.01)
    with connected(running.address) as cluster:
        found = cluster.share_out(work, range(200))
        assert next(found) == 0
        until(lambda: work.count("done") >= 6)
        time.sleep(0.1)
        assert work.count("done") == 6
        assert list(found) == list(range(1, 200))
    assert work.count("done") == 200
    assert 1 <= work.count("unpacked") < 10  # not once a batch, of which there are 15 or more


def test_what_is_no_longer_asked_for_is_dropped_and_the_workers_forget_the_work(
    running: Running, tmp_path: Path
) -> None:
    work = Noting(tmp_path, seconds=0.1)
    with connected(running.address) as cluster:
        found = cluster.share_out(work, range(400))
        assert next(found) == 0
        assert isinstance(found, Generator)
        found.close()
        until(lambda: running.tasks() == 0)
    until(lambda: running.on_workers(works_held) == [0, 0])
    assert work.count("done") <= 6


def works_held() -> int:
    import gc

    gc.collect()
    return len(module._unpacked)


def test_an_asker_that_is_killed_leaves_nothing_on_the_cluster(running: Running, tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from minecalc.work.cluster import connected
from tests.clusters import Meeting
with connected({running.address!r}) as cluster:
    list(cluster.share_out(Meeting(Path({str(tmp_path)!r}), 3), range(400)))
"""
    asker = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    until(lambda: len(list(tmp_path.iterdir())) == 2)
    assert running.tasks() > 0
    asker.kill()
    asker.wait()
    until(lambda: running.tasks() == 0)
    (tmp_path / "the third").touch()


def test_a_worker_that_is_killed_is_survived(running: Running) -> None:
    found, killed = [], 0
    with connected(running.address) as cluster:
        for square, process in cluster.share_out(squared, range(40)):
            found.append(square)
            if len(found) == 5:
                os.kill(process, signal.SIGKILL)
                killed = process
    assert killed
    assert found == SQUARES


def test_work_that_kills_its_workers_is_given_up(running: Running) -> None:
    with connected(running.address) as cluster, pytest.raises(WorkersError, match="2 workers were lost over the same"):
        list(cluster.share_out(ends, [1]))


def computed(cluster: Cluster, then: Callable[[], object]) -> list[int]:
    """More squares than any test waits for; when the first few are there, something else happens."""
    found: list[int] = []
    for square, _ in cluster.share_out(squared, range(100_000)):
        found.append(square)
        if len(found) == 5:
            then()
    return found


@pytest.mark.parametrize("busy", [False, True])
def test_a_cluster_that_ends_is_an_error_that_says_so(busy: bool, tmp_path: Path) -> None:
    """Also to one who was busy with an answer until Dask had given up calling again."""
    with local_cluster(1, tmp_path) as ending, connected(ending.address) as cluster:
        message = f"^the Dask scheduler at {ending.address} has ended, or dropped the work$"
        client = cluster._client
        client._timeout = 0.5  # for which it calls again

        def then() -> None:
            ending.kill()
            until(lambda: not busy or client.status == "closed")

        with pytest.raises(WorkersError, match=message):
            computed(cluster, then)


@contextmanager
def another_worker(running: Running, folder: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker that is not started again when it ends."""
    command = [sys.executable, "-m", "distributed.cli.dask_worker", running.address, "--nthreads", "1", "--no-nanny"]
    command += ["--no-dashboard", "--local-directory", str(folder), *options]
    with (folder / "worker").open("w") as log:
        worker = subprocess.Popen(command, stderr=log, cwd=ROOT)
    try:
        yield worker
    finally:
        worker.kill()
        worker.wait()


def test_a_cluster_without_workers_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with local_cluster(0, tmp_path) as running:
        monkeypatch.setattr(module, "_FIRST_WORKER_SECONDS", 0.1)
        message = f"{running.address} has no workers; start some with: dask worker {running.address}"
        with pytest.raises(WorkersError, match=message), connected(running.address):
            pass


def test_a_cluster_whose_workers_are_all_gone_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        local_cluster(0, tmp_path) as running,
        another_worker(running, tmp_path) as worker,
        connected(running.address) as cluster,
    ):
        monkeypatch.setattr(module, "_WORKERLESS_SECONDS", 0.3)
        monkeypatch.setattr(module, "_COUNT_SECONDS", 0.1)
        with pytest.raises(WorkersError, match=f"^{running.address} has no workers any more$"):
            computed(cluster, worker.kill)


#: What a worker runs before it begins, so that it is one that has no minecalc.
WITHOUT = "import sys; sys.modules['minecalc'] = None"


def test_a_worker_without_minecalc_is_named(tmp_path: Path) -> None:
    with local_cluster(0, tmp_path) as running, another_worker(running, tmp_path, "--preload", WITHOUT):
        advice = f"type there: pip install minecalc=={minecalc.__version__}"
        with (
            pytest.raises(WorkersError, match=rf"worker tcp://127.0.0.1:\d+ cannot load minecalc: .*; {advice}$"),
            connected(running.address),
        ):
            pass


def test_a_worker_without_minecalc_that_comes_late_is_an_error_and_no_end_of_waiting(tmp_path: Path) -> None:
    message = r"^a worker cannot load minecalc: No module named .*; type there: pip install minecalc=="
    with ExitStack() as ending, local_cluster(1, tmp_path) as running, connected(running.address) as cluster:
        late = another_worker(running, tmp_path, "--preload", WITHOUT)
        with pytest.raises(WorkersError, match=message):
            computed(cluster, lambda: ending.enter_context(late))


def test_other_versions_are_named(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    has = f"has minecalc {minecalc.__version__}; type there: pip install minecalc==99.0"
    monkeypatch.setattr(minecalc, "__version__", "99.0")
    with (
        pytest.raises(WorkersError, match=rf"worker tcp://127.0.0.1:\d+ {has} \(2 of 2 workers are unfit\)$"),
        connected(running.address),
    ):
        pass


def test_a_worker_of_another_version_that_comes_late_says_so() -> None:
    with pytest.raises(WorkersError, match=r"^a worker has numpy [\d.]+; type there: pip install numpy==1$"):
        done(partial(pickle.loads, pickle.dumps(squared)), pickle.dumps([1]), {**versions(), "numpy": "1"})


@pytest.mark.parametrize(
    "address",
    [
        "",
        "8786",
        "localhost:8786",
        "tls://localhost:8786",
        "tcp://localhost",
        "tcp://a:b",
        "tcp://a:1/x",
        "tcp://a b:1",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(WorkersError, match=r"is no address of a Dask scheduler; write tcp://host:8786"):
        connected(address).__enter__()


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "tcp://[::1]:1", "tcp://127.0.0.1:99999"])
def test_nobody_at_the_address(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CONNECT_SECONDS", 0.3)
    with pytest.raises(WorkersError, match=f"^no Dask scheduler answers at {re.escape(address)}$"):
        connected(address).__enter__()


@pytest.mark.parametrize("says", [b"", b"SSH-2.0-OpenSSH_9.2p1 Debian-2", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_somebody_else_at_the_address(says: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CONNECT_SECONDS", 0.3)
    ending = threading.Event()

    def answer() -> None:
        with other.accept()[0] as call:
            call.sendall(says)
            ending.wait()

    with socket.create_server(("127.0.0.1", 0)) as other:
        answering = threading.Thread(target=answer)
        answering.start()
        address = f"tcp://127.0.0.1:{other.getsockname()[1]}"
        try:
            with pytest.raises(WorkersError, match=f"^no Dask scheduler answers at {address}$"):
                connected(address).__enter__()
        finally:
            ending.set()
            socket.create_connection(other.getsockname()).close()  # should nobody have called in time
            answering.join()


def test_without_dask_it_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(WorkersError, match=r"Dask is not installed; type: pip install 'minecalc\[cluster\]'"):
        connected("tcp://127.0.0.1:8786").__enter__()


FAULTS = """
import pickle, resource
from functools import partial
import numpy as np
from minecalc.work.cluster import done, versions
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(50):
        np.ones(500_000)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
before = faults()
done(partial(pickle.loads, pickle.dumps(len)), pickle.dumps([[]]), versions())
print(before, faults())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the allocator of Linux")
def test_memory_is_used_again_where_the_nanny_would_have_it_given_back() -> None:
    environment = {**os.environ, "MALLOC_TRIM_THRESHOLD_": "65536"}
    done = subprocess.run(
        [sys.executable, "-c", FAULTS], capture_output=True, check=True, cwd=ROOT, env=environment, text=True
    )
    before, after = map(int, done.stdout.split())
    assert after < before / 10
