"""The part of a comparison that a lender reads: plain data, and tables made of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecalc.analysis.compare.financing import tables
from minecalc.analysis.compare.record import compare
from minecalc.document import Note, Table, Text, Value
from minecalc.engine.stated import Stated
from minecalc.loading import loads
from tests.by_hand import MARKET, SITE, Data, freed
from tests.cli.running import run
from tests.test_corners import LOAN, plans

SHARES: Data = {
    **LOAN,
    "reserve_months": 2,
    "lockup_dscr_ratio": 1.6,
    "default_dscr_ratio": 1.4,
    "tranches": {
        "loan": {
            **LOAN["tranches"]["loan"],
            "repayment": {"shares": [0.1] * 5},
            "balloon_fraction": 0.5,
            "term_months": 5,
        }
    },
}


def record(of: Data, **scenario: Any) -> dict[str, Any]:
    data = {"name": "by hand", "start": "2027-01", "months": 24, "site": SITE, "market": MARKET, "plans": freed(of)}
    found = loads(json.dumps(data | scenario))
    lease: dict[str, Any] = compare(found, with_break_evens=False)["plans"][1]
    return lease


def test_a_plan_without_debt_and_tax_has_no_such_part() -> None:
    assert not record(plans()).keys() & {"corner", "corners", "financing"}


def test_sources_are_uses_and_both_total_cost() -> None:
    debt = record(plans(financing=SHARES))["financing"]
    assert sum(debt["sources_usd"].values()) == pytest.approx(debt["total_cost_usd"], rel=1e-12)
    assert sum(debt["uses_usd"].values()) == pytest.approx(debt["total_cost_usd"], rel=1e-12)
    assert (debt["close"], debt["operation"]) == ("2027-03", "2027-05")
    assert 0.0 <= debt["checks_largest_gap_ratio"] < 1e-12


def test_the_least_dscr_of_a_sculpted_loan_stands_at_its_first_date() -> None:
    """Sculpted to one ratio, all dates have it but for rounding; which of them is least by that says nothing."""
    loan = {"rate_fraction_per_year": 0.12, "repayment": "sculpted", "dscr_ratio": 1.9, "term_months": 6}
    debt = record(plans(financing={**LOAN, "tranches": {"loan": loan}}))["financing"]
    assert debt["dscr_min_ratio"] == pytest.approx(1.9, rel=1e-12)
    assert debt["dscr_min_month"] == debt["operation"] == "2027-05"


def test_the_least_dscr_that_covenants_test_stands_beside_that_of_a_date() -> None:
    plan = record(plans(financing={**SHARES, "dscr_test_months": 2}))
    debt = plan["financing"]
    assert debt["dscr_tested_min_over_months"] == 1
    assert debt["dscr_tested_min_ratio"] >= debt["dscr_min_ratio"]
    assert debt["dscr_tested_min_month"] == debt["dscr_min_month"] == "2027-05", "the first date stands alone"
    assert debt["dscr_tested_min_ratio"] == pytest.approx(debt["dscr_min_ratio"], rel=1e-12)
    shown = next(block for block in tables(plan) if isinstance(block, Table) and "lender" in block.title)
    (row,) = (row for row in shown.rows if row[0] == Text("  as covenants test it"))
    assert row[2] == Text("2027-05, over 1 month", "muted"), "none was in operation before"
    assert not any("tested" in key for key in record(plans(financing=SHARES))["financing"])


def test_events_stand_by_date_with_their_kind_and_money() -> None:
    """Five instalments of a tenth and 1% a month: a DSCR of 500,000 / 0.11 of what is owed, 1.8 to 1.9 of it."""
    debt = record(plans(financing=SHARES))["financing"]
    kinds = {event["kind"] for event in debt["events"]}
    assert kinds == {"refinancing"}
    (balloon,) = debt["events"]
    assert balloon["month"] == "2027-09"
    worse = {**SHARES, "default_dscr_ratio": 1.9, "lockup_dscr_ratio": 2.0}
    found = record(plans(financing=worse))["financing"]["events"]
    assert next(event["month"] for event in found if event["kind"] == "default") == "2027-05"
    held = [event for event in found if event["kind"] == "lockup"]
    assert held
    assert all(event["usd"] > 0.0 for event in held)


def test_events_are_told_with_what_their_money_is() -> None:
    """Cash that is held pays the balloon; half of a loan of forty months is due at the horizon, after twenty."""
    assert notes(record(plans(financing=SHARES))) == ["A balloon is refinanced or paid by equity (2027-09): USD."]
    worse = {**SHARES, "default_dscr_ratio": 1.9, "lockup_dscr_ratio": 2.0}
    assert notes(record(plans(financing=worse))) == [
        "Distributions are held back (4 times, 2027-05 to 2027-08): at most USD.",
        "The default covenant is breached (5 times, 2027-05 to 2027-09).",
    ]
    long = {**LOAN, "tranches": {"loan": {**LOAN["tranches"]["loan"], "term_months": 40}}}
    assert notes(record(plans(financing=long))) == ["What is owed at the horizon is paid by equity (2028-12): USD."]
    short = {**long, "tranches": {"loan": {**long["tranches"]["loan"], "share_of_cost_fraction": 1, "term_months": 2}}}
    assert notes(record(plans(financing={**short, "default_dscr_ratio": 1.05}))) == [
        "Equity pays what cash does not cover (2 times, 2027-05 to 2027-06): USD.",
        "Distributions are held back (2027-05).",
        "The default covenant is breached (2 times, 2027-05 to 2027-06): CFADS is USD less than service.",
    ]


def notes(plan: dict[str, Any]) -> list[str]:
    """What is told of events, with USD in place of money."""
    found = [block.text for block in tables({"name": "lease"} | plan) if isinstance(block, Note)]
    return ["".join(part if isinstance(part, str) else "USD" for part in phrase) for phrase in found]


def test_debt_that_outlasts_the_horizon_is_owed_there_and_is_no_balloon() -> None:
    """Forty instalments from May 2027, of which twenty fall within the horizon; the twentieth is at it."""
    long = {**LOAN, "tranches": {"loan": {**LOAN["tranches"]["loan"], "term_months": 40}}}
    plan = record(plans(financing=long))
    (loan,) = plan["financing"]["tranches"]
    assert (loan["matures"], loan["last_payment"]) == ("2030-08", "2028-12")
    rows = {row[0].text: row[1:] for row in lenders_table(plan) if isinstance(row[0], Text)}
    assert rows["loan"][1] == Text("equal principal, matures 2030-08", "muted")
    assert rows["  owed at the horizon"][0] == Value(loan["owed_at_end_usd"], "usd")
    assert loan["owed_at_end_usd"] == pytest.approx(loan["amount_usd"] / 2)
    assert rows["Average life"][1] == Text("as if repaid at the horizon", "muted")
    assert rows["PLCR"][1] == Text("", "muted")
    assert "  balloon" not in rows
    inside = record(plans(financing=SHARES))
    assert inside["financing"]["tranches"][0]["matures"] == "2027-09"
    shown = {row[0].text for row in lenders_table(inside) if isinstance(row[0], Text)}
    assert "  balloon" in shown
    assert "  owed at the horizon" not in shown


def test_a_loan_that_lends_nothing_has_no_last_payment() -> None:
    sculpted = {**LOAN, "tranches": {"loan": {**LOAN["tranches"]["loan"], "repayment": "sculpted"}}}
    plan = record(plans(financing=sculpted, opex_fraction_of_rent=1))
    assert plan["financing"]["tranches"][0]["last_payment"] is None
    assert lenders_table(plan)[-1][1:] == [Value(0.0, "usd"), Text("sculpted, lends nothing", "muted")]


def lenders_table(plan: dict[str, Any]) -> Sequence[Sequence[Any]]:
    return [block for block in tables({"name": "lease"} | plan) if isinstance(block, Table)][-1].rows


def test_the_years_have_debt_tax_and_equity() -> None:
    years = record(plans(financing=LOAN), tax={"rate_fraction": 0.25})["annual"]
    for year in years:
        parts = sum(value for name, value in year.items() if name not in ("year", "net_usd", "equity_usd"))
        assert parts == pytest.approx(year["net_usd"], abs=1e-6)
        assert {"debt_usd", "tax_usd", "equity_usd"} <= year.keys()
    assert years[0]["debt_usd"] > 0.0 > years[1]["debt_usd"]


def test_the_screen_has_corners_sources_and_uses_and_what_lenders_look_at(tmp_path: Any) -> None:
    file = tmp_path / "deal.yaml"
    data = {"name": "Deal", "start": "2027-01", "months": 24, "site": SITE, "market": MARKET}
    file.write_text(json.dumps({**data, "plans": freed(plans(financing=SHARES)), "tax": {"rate_fraction": 0.2}}))
    found = run("compare", str(file))
    assert found.code == 0
    for words in (
        "lease (to equity, after tax)",
        "lease: before and after debt and tax",
        "lease: sources and uses, close 2027-03",
        "lease: what a lender looks at",
        "A balloon is refinanced or paid by equity (2027-09)",
    ):
        assert words in " ".join(found.out.split()), words


def test_accounts_that_do_not_agree_are_a_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data = {"name": "by hand", "start": "2027-01", "months": 24, "site": SITE, "market": MARKET}
    file = tmp_path / "it.yaml"
    file.write_text(json.dumps(data | {"plans": freed(plans(financing=SHARES))}), encoding="utf-8")
    assert run("compare", file, "--format", "json").code == 0
    monkeypatch.setattr(Stated, "largest_gap_ratio", np.array([2e-4]))
    done = run("compare", file, "--format", "json")
    assert done.code == 1
    which = "minecalc cashflow --statement debt says which and when"
    assert done.err == f"minecalc: checks do not hold of lease (by 2.0e-04 of total cost); {which}\n"
    assert done.scenarios[0]["plans"][1]["financing"]["checks_largest_gap_ratio"] == 2e-4
