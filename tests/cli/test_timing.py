"""``minecalc timing``: what is asked is answered, refused, or said to have no answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.timing.waiting import LEASE, PHASES
from tests.cli.running import HILLTOP, ROOT, process, run

_QUICK = ("--every", "12", "--until", "24", "--paths", "300")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "phases.yaml"
    found.write_text(PHASES, encoding="utf-8")
    return found


def test_json_has_the_whole_answer(file: Path) -> None:
    done = run("timing", file, *_QUICK, "--format", "json", "--switch-back", "200000", "--seed", "3")
    assert (done.code, done.err) == (0, "")
    tree = done.data
    assert (tree["format"], tree["plan"], tree["seed"], tree["paths"]) == ("minecalc.timing/1", "halls", 3, 300)
    assert tree["switch_back"]["added_usd"]["estimate"] >= 0.0
    assert [date["month"] for date in tree["whole"]["dates"]] == ["2027-01", "2028-01", "2029-01"]


@pytest.mark.parametrize("kind", ["terminal", "markdown", "csv"])
def test_other_formats(file: Path, kind: str) -> None:
    done = run("timing", file, *_QUICK, "--format", kind)
    assert (done.code, done.err) == (0, "")
    assert "halls" in done.out or "north" in done.out
    assert "nan" not in done.out.lower().split()


def test_quiet_is_the_headline_alone(file: Path) -> None:
    done = run("timing", file, *_QUICK, "--quiet")
    assert done.code == 0
    assert len(done.out.strip().splitlines()) <= 7
    assert "halls" in done.out


def test_the_best_plan_as_it_stands_is_asked_about(tmp_path: Path) -> None:
    file = tmp_path / "two.yaml"
    better = LEASE[LEASE.index("  lease:") : LEASE.index("uncertainty:")].replace("lease:", "better:")
    file.write_text(LEASE.replace("uncertainty:", better.replace("115", "150") + "uncertainty:"), encoding="utf-8")
    assert run("timing", file, *_QUICK, "--format", "json").data["plan"] == "better"
    assert run("timing", file, *_QUICK, "--format", "json", "--plan", "lease").data["plan"] == "lease"


def test_the_same_bytes_for_any_workers_and_in_another_process(file: Path) -> None:
    arguments = ("timing", str(file), *_QUICK, "--format", "json", "--workers")
    found = run(*arguments, "1").out
    assert process(*arguments, "2").out == found
    assert run(*arguments, "1", "--seed", "2").out != found


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--every", "0"), "--every is 0; it must be at least 1 month"),
        (("--every", "12", "--until", "6"), "--until is 6, before the first date after now"),
        (("--until", "61"), "halls can wait for 60 months"),
        (("--paths", "10"), "--paths is 10; it must lie in 256..32,768"),
        (("--seed", "-1"), "--seed is -1; it must be at least 0"),
        (("--switch-back", "-1"), "--switch-back is -1; it must lie in 0..1e+09"),
        (("--switch-back", "nan"), "--switch-back is nan"),
        (("--plan", "mine"), 'has no conversion that could wait; name one of "halls"'),
        (("--plan", "hals"), "did you mean halls?"),
        (("--format", "pdf"), "is not a format"),
    ],
)
def test_what_cannot_be_asked(file: Path, arguments: tuple[str, ...], words: str) -> None:
    done = run("timing", file, *arguments)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_what_has_no_answer(file: Path) -> None:
    done = run("timing", HILLTOP)
    assert (done.code, done.err) == (3, "")
    assert "No plan of this scenario has a conversion" in done.out
    short = run("timing", file, "--set", "months=14", "--format", "json")
    assert short.code == 3
    assert short.data["plan"] is None
    assert "halls cannot wait: it is ready only 2 months before the horizon ends" in short.data["reason"]
    late = run(
        "timing",
        file,
        "--set",
        "months=14",
        "--set",
        "plans.halls.uses.south.conversion.delay_months=3",
        "--format",
        "json",
    )
    assert late.code == 3
    assert "halls cannot wait: it is ready after the horizon ends" in late.data["reason"]


def test_the_shipped_example_is_worth_waiting_for() -> None:
    scenario = ROOT / "scenarios" / "archetypes" / "wait-or-convert.yaml"
    tree = run("timing", scenario, "--every", "12", "--paths", "1024", "--format", "json").data
    whole = tree["whole"]
    gain = whole["value_of_waiting_usd"]
    assert whole["best"] in ("rule", "trigger")
    assert gain["estimate"] > 10.0 * gain["standard_error"]
