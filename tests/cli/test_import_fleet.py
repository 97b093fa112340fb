"""``minecalc import-fleet``: a block on standard output or in a file, or the error at its place and nothing written."""

from __future__ import annotations

from pathlib import Path

from tests.cli.running import run

MACHINES = "Model,Hashrate (TH/s),Power (W),Status\nS21,200,3500,ok\nS21,,,offline\n"


def test_the_block_goes_to_standard_output_or_to_a_file(tmp_path: Path) -> None:
    (tmp_path / "machines.csv").write_text(MACHINES)
    shown = run("import-fleet", str(tmp_path / "machines.csv"))
    assert (shown.code, shown.err) == (0, "")
    assert "fleets:\n  S21:\n    machine: antminer-s21\n    machine_count: 2  # 1 of them offline\n" in shown.out
    done = run("import-fleet", str(tmp_path / "machines.csv"), "-o", str(tmp_path / "fleets.yaml"))
    assert (done.code, done.out, done.err) == (0, "", "")
    assert (tmp_path / "fleets.yaml").read_text() == shown.out


def test_it_has_its_page() -> None:
    page = run("help", "import-fleet")
    assert (page.code, page.err) == (0, "")
    assert page.out.startswith("# import-fleet: Turn a list of machines")


def test_a_wrong_list_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "machines.csv").write_text(MACHINES.replace("3500", "x"))
    done = run("import-fleet", str(tmp_path / "machines.csv"), "-o", str(tmp_path / "fleets.yaml"))
    assert (done.code, done.out) == (2, "")
    assert 'machines.csv:2:9: error[bad-fleet-file]: Power (W) is "x"' in done.err
    assert not (tmp_path / "fleets.yaml").exists()
    for arguments, message in [((), "name a list of machines"), (("none.csv",), "cannot be read")]:
        wrong = run("import-fleet", *arguments)
        assert (wrong.code, wrong.out) == (2, "")
        assert message in wrong.err
