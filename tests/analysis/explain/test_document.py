from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from minecalc.analysis.explain.document import document
from minecalc.analysis.explain.explanation import explain, find_target, trace_plans
from minecalc.analysis.questions import QuestionError
from minecalc.document import Document, Note, Table, Text, Value
from minecalc.loading import Reading, read
from minecalc.loading.origins import Origins
from tests.analysis.explain.replay import replay

TEXAS = Path(__file__).parents[2] / "examples" / "texas.yaml"
LEASE = "lease to an AI tenant"


@pytest.fixture(scope="module")
def reading() -> Reading:
    return read(TEXAS)


def answer(reading: Reading, target: str, plan: str = LEASE, depth: int | None = None) -> Document:
    assert reading.scenario is not None
    traced = trace_plans(reading.scenario)
    found = explain(traced, plan, find_target(traced, plan, target))
    return document(found, Origins(reading), reading.scenario.timeline, "texas.yaml", depth)


def tables(document: Document) -> dict[str, list[list[str]]]:
    return {
        block.title: [[cell.text if isinstance(cell, Text) else str(cell.number) for cell in row] for row in block.rows]
        for block in document.blocks
        if isinstance(block, Table)
    }


def test_a_screen_has_the_number_the_formulas_and_the_sources(reading: Reading) -> None:
    shown = answer(reading, "rent_usd@2029-09")
    headline = shown.blocks[0]
    assert isinstance(headline, Note)
    assert headline.kind == "headline"
    assert list(headline.text) == [
        f"rent_usd of {LEASE} in 2029-09 is ",
        Value(4686500.0, "usd"),
        ", in full 4686500.0.",
    ]
    rows = tables(shown)["How it is computed"]
    assert rows[0] == [
        "rent_usd@2029-09",
        "$4,686,500",
        "rent_rate_usd_per_kw_per_month × leased_fraction × critical_kw",
    ]
    assert rows[1] == ["", "", "= 133.9 USD/kW/month × 1 × 35,000 kW"]
    assert ["ready_month", "2028-06 (month 18)"] in [row[:2] for row in rows]
    sources = {row[0]: row[1:] for row in tables(shown)["Where the numbers come from"]}
    assert sources["site.gross_mw"] == ["50 MW", f"{TEXAS}:7:13"]
    assert sources["conversion.delay_months"] == ["0 months", "default: on time"]


def test_what_does_not_fit_is_counted_and_depth_shows_it(reading: Reading) -> None:
    short, whole = answer(reading, "npv_usd"), answer(reading, "npv_usd", depth=99)
    few, all_ = (len(tables(shown)["How it is computed"]) for shown in (short, whole))
    assert few < all_
    notes = [block.text for block in short.blocks if isinstance(block, Note) and block.kind == "plain"]
    assert len(notes) == 1
    assert "more quantities lie below: --depth " in str(notes[0])
    assert not [block for block in whole.blocks if isinstance(block, Note) and block.kind == "plain"]
    first = answer(reading, "npv_usd", depth=1)
    assert [row[0] for row in tables(first)["How it is computed"]] == ["npv_usd", ""]


def test_a_line_as_a_whole_has_its_total_and_a_month_of_it(reading: Reading) -> None:
    headline: Any = answer(reading, "building_usd").blocks[0]
    text = headline.text
    assert text.startswith(f"building_usd of {LEASE} is −$350,000,000 over all months; in 2027-06 it is −$29,166,700")


def test_a_figure_that_does_not_exist_has_its_reason(reading: Reading) -> None:
    shown = answer(reading, "irr_fraction_per_year", "keep mining")
    headline: Any = shown.blocks[0]
    assert "does not exist: " in headline.text
    assert shown.data["value"] is None
    assert shown.data["reason"]


def test_the_data_are_enough_to_compute_the_number_again(reading: Reading) -> None:
    data: Any = answer(reading, "net_usd@2028-07").data
    assert data["format"] == "minecalc.explain/1"
    assert (data["plan"], data["target"], data["month"], data["row"]) == (LEASE, "net_usd", "2028-07", 19)
    assert replay(data["steps"])[data["result"]][data["row"]] == pytest.approx(data["value"], rel=1e-12)
    inputs = [quantity for quantity in data["quantities"] if "path" in quantity]
    assert {(item["path"], item["line"]) for item in inputs} >= {("site.gross_mw", 7)}


def test_records_have_a_row_a_quantity(reading: Reading) -> None:
    shown = answer(reading, "rent_usd@2029-09")
    header = [column.key for column in shown.records.columns]
    assert header == ["quantity", "when", "level", "value", "unit", "formula", "numbers", "origin"]
    rows = [[cell.text for cell in row if isinstance(cell, Text)] for row in shown.records.rows]
    assert rows[0][:5] == ["rent_usd", "2029-09", "0", "4686500.0", "usd"]
    assert all(row[5] or row[7] or row[0] in ("month_number", "after_horizon_month") for row in rows), (
        "a formula or an origin"
    )


def test_a_rate_in_usd_a_month_is_no_month(reading: Reading) -> None:
    rows = tables(answer(reading, "rent_usd@2029-09"))["How it is computed"]
    assert ["rent_rate_usd_per_kw_per_month@2029-09", "133.9 USD/kW/month"] in [row[:2] for row in rows]


def test_months_are_told_as_months(reading: Reading) -> None:
    headlines: dict[str, Any] = {
        name: answer(reading, name, "keep mining").blocks[0] for name in ("best_stop", "discount_factor")
    }
    assert headlines["best_stop"].text.startswith("best_stop of keep mining is 20")
    assert " (month " in headlines["best_stop"].text
    assert (
        headlines["discount_factor"].text == "discount_factor of keep mining varies by month; in 2027-01 it is 0.9906."
    )


def test_the_btc_of_a_sum_are_no_dollars(reading: Reading) -> None:
    rows = tables(answer(reading, "btc_mined", "keep mining"))["How it is computed"]
    assert " BTC" in rows[1][2]
    assert "$" not in rows[1][2]


def test_a_list_is_told_by_its_items_each_with_its_place() -> None:
    spread = read(TEXAS, [f'plans."{LEASE}".conversion={{starts: 2027-06, ready: 2027-08, spend: [0.25, 0.75]}}'])
    shown = answer(spread, "conversion.spend")
    headline: Any = shown.blocks[0]
    assert headline.text == f"conversion.spend of {LEASE} is 0.25, 0.75."
    assert [row[:2] for row in tables(shown)["Where the numbers come from"]] == [
        ["conversion.spend@item 1", "0.25"],
        ["conversion.spend@item 2", "0.75"],
    ]
    rows = tables(answer(spread, "spent_after_fraction@2027-07"))["How it is computed"]
    assert rows[0][2] == (
        "(plan_spent_fraction − conversion.spend@item 2) of month (whole_months_after + 1) + conversion.spend@item 2 "
        "of month (whole_months_after + 1) × (planned_months_after − whole_months_after)"
    )
    assert ["plan_spent_fraction@month 2 of the plan", "1"] in [row[:2] for row in rows]
    with pytest.raises(QuestionError, match="is a list and has no months"):
        answer(spread, "conversion.spend@2027-07")
