"""The league table: one rate for all, columns and order as asked for, the same for people and machines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from minecalc.analysis.compare.document import document
from minecalc.analysis.compare.league_document import League, league_columns, league_of
from minecalc.analysis.compare.record import Record, compare, summary
from minecalc.document import Cell, Document, Note, Table, Text, Value
from minecalc.engine import evaluate
from minecalc.figures import figures_of, names_of
from minecalc.loading import load
from tests.by_hand import CONVERSION, LEASE, MINER, Data, compared

GAIN = "npv_difference_at_scenario_rate_usd"
BETTER = LEASE | {"rent_usd_per_kw_per_month": 130}
WORSE = LEASE | {"rent_usd_per_kw_per_month": 90}
LOAN: Data = {
    "every_months": 1,
    "tranches": {
        "loan": {
            "share_of_cost_fraction": 0.5,
            "rate_fraction_per_year": 0.12,
            "repayment": "equal_principal",
            "term_months": 12,
        }
    },
}
TWO_RATES = Path(__file__).parents[2] / "cases" / "same-flows-two-rates.yaml"


def record(plans: Data, *, brief: bool = True, **scenario: Any) -> Record:
    """The summary, or the whole record, of ``plans`` at the site of ``by_hand``, by default without discounting."""
    found = compared(plans, **{"discount_rate_fraction_per_year": 0} | scenario).scenario
    return summary(found) if brief else compare(found)


def shown(cell: Cell) -> str | float | None:
    return cell.text if isinstance(cell, Text) else cell.number


def table(found: Document) -> Table:
    (wanted,) = (block for block in found.blocks if isinstance(block, Table))
    return wanted


def headline(*records: Record, failed: int = 0) -> object:
    first = document(records, "1", failed, wanted=League()).blocks[0]
    assert isinstance(first, Note)
    return first.text


def three() -> list[Record]:
    return [
        record({"a": BETTER, "b": LEASE}, name="Losing"),
        record({"a": LEASE, "b": BETTER, "c": WORSE}, name="winning"),
        record({"a": LEASE}, name="single"),
    ]


def names(found: Document) -> list[str | float | None]:
    return [shown(row[0]) for row in table(found).rows]


def test_scenarios_are_ranked_by_what_their_best_plan_adds() -> None:
    found = document(three(), "1")
    assert names(found) == ["winning", "single", "Losing"]
    keys = [column.key for column in table(found).columns]
    rows = [dict(zip(keys, map(shown, row), strict=True)) for row in table(found).rows]
    assert rows[0]["best_rival"] == "b"
    assert rows[0][GAIN] == pytest.approx(3.6e6)
    assert rows[2][GAIN] == pytest.approx(-3.6e6)
    assert (rows[1]["best_rival"], rows[1][GAIN]) == ("a", 0.0)
    assert headline(*three()) == "In 1 of 3 scenarios a plan beats the baseline at the scenario's rate."


def test_identical_flows_at_two_rates_beat_nothing() -> None:
    scenario = load(TWO_RATES)
    for found in (summary(scenario), compare(scenario)):
        (rival,) = (plan for plan in found["plans"] if plan["name"] != found["baseline"])
        assert rival["vs_baseline"][GAIN] == 0.0
        assert rival["vs_baseline"]["npv_difference_usd"] == pytest.approx(3.07e6, rel=1e-3)
        assert headline(found) == (
            "In 0 of 1 scenarios a plan beats the baseline at the scenario's rate, in 1 at the plans' own rates."
        )
        row = document([found], "1", wanted=League()).data["league"][0]
        assert (row[GAIN], row["discount_rate_fraction_per_year"]) == (0.0, 0.12)
        assert row["residual_share_of_npv_difference_at_scenario_rate_fraction"] is None


def test_the_best_plan_is_that_at_one_rate() -> None:
    """A slightly better lease at a high rate of its own is the better plan."""
    plans = {"mine": MINER, "b": BETTER | {"discount_rate_fraction_per_year": 0.9}, "c": LEASE}
    for brief in (True, False):
        found = record(plans, brief=brief, discount_rate_fraction_per_year=0.1)
        (row,) = document([found], "1", wanted=League()).data["league"]
        assert row["best_rival"] == "b"
        alone = record({"mine": MINER, "b": BETTER}, discount_rate_fraction_per_year=0.1)
        assert row[GAIN] == document([alone], "1", wanted=League()).data["league"][0][GAIN]


def test_the_lead_without_exit_and_its_share_stand_beside() -> None:
    sold = BETTER | {"exit_cap_rate_fraction": 0.1}
    (row,) = document([record({"a": LEASE, "b": sold})], "1", wanted=League()).data["league"]
    # half of 10 MW at 130 USD per kW-month, for ever, at a cap rate of a tenth
    exits = 5_000 * 130 * 12 / 0.1
    assert row["npv_difference_without_residual_at_scenario_rate_usd"] == pytest.approx(3.6e6)
    assert row[GAIN] == pytest.approx(3.6e6 + exits)
    share = row["residual_share_of_npv_difference_at_scenario_rate_fraction"]
    assert share == pytest.approx(exits / (3.6e6 + exits))


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("name", ["Losing", "single", "winning"]),
        ("-name", ["winning", "single", "Losing"]),
        ("name:desc", ["winning", "single", "Losing"]),
        ("-name:desc", ["Losing", "single", "winning"]),
        (GAIN, ["Losing", "single", "winning"]),
        (f"{GAIN}:desc", ["winning", "single", "Losing"]),
        # the only plan has no such difference, so it comes last either way
        ("residual_share_of_npv_difference_at_scenario_rate_fraction", ["winning", "Losing", "single"]),
        (f"-{GAIN}_per_mw", ["winning", "single", "Losing"]),
    ],
)
def test_sorting(sort: str, order: list[str]) -> None:
    assert names(document(three(), "1", wanted=league_of(sort=sort))) == order
    assert [row["name"] for row in document(three(), "1", wanted=league_of(sort=sort)).data["league"]] == order


def test_columns_as_asked_for_in_every_form() -> None:
    wanted = league_of(columns=f"best_rival, name,{GAIN}")
    found = document(three(), "1", wanted=wanted)
    assert [column.key for column in table(found).columns] == ["best_rival", "name", GAIN]
    assert [column.title for column in found.records.columns] == ["best_rival", "name", GAIN]
    assert found.records.rows == table(found).rows
    assert found.data["league"][0] == {"best_rival": "b", "name": "winning", GAIN: pytest.approx(3.6e6)}
    assert not wanted.needs_figures
    assert league_of(sort="moic_ratio").needs_figures


def test_every_column_can_be_shown_of_a_whole_record() -> None:
    found = record({"a": MINER, "b": BETTER | {"capex_usd_per_critical_mw": 1e5}}, brief=False, name="whole")
    (row,) = document([found | {"file": "x.yaml"}], "1", wanted=league_of(",".join(league_columns()))).data["league"]
    plan = next(plan for plan in found["plans"] if plan["name"] == "b")
    assert row["irr_fraction_per_year"] == plan["metrics"]["irr_fraction_per_year"]
    assert row["incremental_payback_months"] == plan["vs_baseline"]["incremental_payback_months"]
    assert row["critical_mw"] == 5.0
    assert (row["file"], row["baseline"], row["warning_count"]) == ("x.yaml", "a", float(len(found["warnings"])))
    missing = {name for name, value in row.items() if value is None} - {*names_of("corner", "debt")}
    assert missing <= set(plan["reasons"]) | {"residual_share_of_npv_difference_at_scenario_rate_fraction"}


def test_figures_of_debt_and_of_corners_are_columns_too() -> None:
    plan = {"discount_rate_fraction_per_year": 0.1, "conversion": CONVERSION, "financing": LOAN}
    plans, every = {"a": MINER, "b": BETTER | plan}, names_of("corner", "debt")
    scenario = compared(plans, tax={"rate_fraction": 0.2}).scenario
    (row,) = document([compare(scenario)], "1", wanted=league_of(",".join(every))).data["league"]
    told = figures_of(evaluate(scenario).plans["b"], every)
    assert row == {name: metric.number() for name, metric in told.items()}
    assert sum(number is not None for number in row.values()) >= len(every) - 2
    taxed = record({"a": MINER, "b": BETTER}, brief=False, tax={"rate_fraction": 0.2})
    found = document([taxed], "1", wanted=league_of("dscr_min_ratio"))
    assert table(found).rows == [[Value(None, "ratio", "the plan has no debt")]]


def test_summaries_hold_what_whole_records_do() -> None:
    plans = {"a": MINER, "b": BETTER | {"exit_cap_rate_fraction": 0.1, "discount_rate_fraction_per_year": 0.05}}
    brief, whole = (record(plans, brief=brief, discount_rate_fraction_per_year=0.1) for brief in (True, False))
    assert (
        document([brief], "1", wanted=League()).data["league"]
        == (document([whole], "1", wanted=League()).data["league"])
    )


@pytest.mark.parametrize(
    ("columns", "sort", "message"),
    [
        ("name,npv", None, "--columns: there is no column npv; did you mean npv_usd?"),
        ("", None, "--columns: there is no column ; there are name, "),
        (None, "irr", "--sort: there is no column irr; "),
        (None, "name:up", "--sort name:up: behind the colon stands asc or desc"),
    ],
)
def test_a_column_that_does_not_exist_is_refused(columns: str | None, sort: str | None, message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("?", r"\?")):
        league_of(columns, sort)


def test_files_left_out_are_counted() -> None:
    found = record({"a": LEASE, "b": BETTER})
    assert str(headline(found, failed=1)).endswith("scenario's rate; 1 file is left out, see the errors.")
    assert str(headline(found, failed=2)).endswith("scenario's rate; 2 files are left out, see the errors.")
