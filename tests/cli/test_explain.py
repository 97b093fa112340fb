"""``minecalc explain``."""

from __future__ import annotations

import pytest

from tests.cli.running import EXAMPLES, HILLTOP, TEXAS, run

LEASE = "lease to an AI tenant"


def test_a_number_is_taken_apart_to_the_line_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES)  # a long path is broken into lines
    done = run("explain", "texas.yaml", "rent_usd@2029-09", "--plan", LEASE)
    assert (done.code, done.err) == (0, "")
    assert "rent_rate_usd_per_kw_per_month" in done.out
    assert "texas.yaml:7:13" in done.out


def test_the_plan_may_stand_in_the_target() -> None:
    whole = run("explain", TEXAS, f'plans."{LEASE}".npv_usd', "--format", "json")
    assert whole.data["target"] == "npv_usd"
    assert whole.data["value"] == run("explain", TEXAS, "npv_usd", "--plan", LEASE, "--format", "json").data["value"]


def test_it_agrees_with_compare() -> None:
    plans = {plan["name"]: plan for plan in run("compare", TEXAS, "--format", "json").scenarios[0]["plans"]}
    for figure in ("npv_usd", "irr_fraction_per_year", "capex_usd"):
        explained = run("explain", TEXAS, figure, "--plan", LEASE, "--format", "json").data
        assert explained["value"] == plans[LEASE]["metrics"][figure]


def test_set_is_a_source() -> None:
    done = run("explain", TEXAS, "critical_kw", "--plan", LEASE, "--set", "site.gross_mw=60")
    assert "--set site.gross_mw=60" in done.out
    assert "42,000 kW" in done.out


def test_quiet_is_the_headline_alone() -> None:
    done = run("explain", TEXAS, "rent_usd@2029-09", "--plan", LEASE, "--quiet")
    assert done.out == f"rent_usd of {LEASE} in 2029-09 is $4.69M, in full 4686500.0.\n"


def test_a_figure_without_an_answer_exits_3_with_the_reason() -> None:
    done = run("explain", HILLTOP, "irr_fraction_per_year", "--plan", "keep mining")
    assert done.code == 3
    assert "does not exist: " in done.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("npv_used", "--plan", LEASE), "did you mean npv_usd?"),
        (("npv_usd",), "the scenario has 4 plans; add --plan with one of"),
        (("npv_usd", "--plan", "leese to an AI tenant"), f"did you mean {LEASE}?"),
        (("rent_usd@2050-01", "--plan", LEASE), "outside the horizon"),
        (("plans..npv_usd",), "is not a dotted path"),
        (('plans."keep mining".npv_usd', "--plan", LEASE), f"is of the plan keep mining, not of {LEASE}"),
        (("npv_difference_usd", "--plan", "keep mining"), "which keep mining is; name another plan"),
        (("rent_usd@", "--plan", LEASE), "names no figure, line or month"),
    ],
)
def test_what_cannot_be_explained_exits_2_with_one_line(arguments: tuple[str, ...], message: str) -> None:
    done = run("explain", TEXAS, *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert done.err.count("\n") == 1


def test_a_figure_that_does_not_exist_is_an_empty_cell() -> None:
    done = run("explain", TEXAS, "payback_months", "--plan", "keep mining", "--format", "csv")
    assert done.code == 3
    assert done.out.splitlines()[1].startswith("payback_months,,0,,months,")
    assert ",nan," not in done.out
