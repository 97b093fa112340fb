"""What a reader is told first, in which rows, and in which order scenarios stand: documents made from records alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from minecalc import __version__
from minecalc.analysis.compare.document import document
from minecalc.analysis.compare.record import Record, compare
from minecalc.document import Cell, Column, Details, Document, Note, Phrase, Table, Text, Value, shown_blocks
from minecalc.loading import load
from minecalc.reports import render
from tests.by_hand import CLOUD, CONVERSION, LEASE, MINER, Data, compared
from tests.reports.whole import WHOLE

TEXAS = Path(__file__).parents[2] / "examples" / "texas.yaml"
BETTER = LEASE | {"rent_usd_per_kw_per_month": 130}
WORSE = LEASE | {"rent_usd_per_kw_per_month": 90}


def record(plans: Data, **scenario: Any) -> Record:
    """The record of ``plans`` at the site of ``by_hand``, by default without discounting."""
    return compare(compared(plans, **{"discount_rate_fraction_per_year": 0} | scenario).scenario)


def plain(phrase: Phrase) -> str:
    """A sentence whose numbers stand as ``<number unit>``."""
    if isinstance(phrase, str):
        return phrase
    return "".join(part if isinstance(part, str) else f"<{part.number:.6g} {part.unit}>" for part in phrase)


def headline(plans: Data, **scenario: Any) -> str:
    (found,) = (b for b in document([record(plans, **scenario)], "1").blocks if getattr(b, "kind", "") == "headline")
    assert isinstance(found, Note)
    return plain(found.text)


def table(found: Document, title: str) -> Table:
    (wanted,) = (
        block for block in shown_blocks(found, in_full=True) if isinstance(block, Table) and block.title == title
    )
    return wanted


def shown(cell: Cell) -> str | float | None:
    return cell.text if isinstance(cell, Text) else cell.number


def test_headline_when_a_rival_is_ahead_or_behind() -> None:
    assert headline({"a": LEASE, "b": WORSE, "c": BETTER}) == "c beats a by <3.6e+06 usd> NPV at <0 fraction>."
    assert headline({"a": BETTER, "b": WORSE, "c": LEASE}) == (
        "a beats every other plan: c is <3.6e+06 usd> behind at <0 fraction>; they draw level at rent, year 1 "
        "<130 usd_per_kw_per_month> (<1.3 ratio> now)."
    )
    assert headline({"a": BETTER, "b": LEASE}, baseline="b") == "a beats b by <3.6e+06 usd> NPV at <0 fraction>."


def test_headline_of_a_tie_and_of_a_single_plan() -> None:
    assert headline({"a": LEASE, "b": LEASE}) == "b and a are worth the same at <0 fraction>."
    assert headline({"a": LEASE}) == "a is worth <1.2e+07 usd> at <0 fraction>."


def test_headline_names_both_rates_and_both_signs() -> None:
    """A twelve-million lease is worth more at 10% than a slightly better one at 30%."""
    other = LEASE | {"rent_usd_per_kw_per_month": 101, "discount_rate_fraction_per_year": 0.3}
    assert headline({"a": LEASE, "b": other}, discount_rate_fraction_per_year=0.1) == (
        "b beats a by <108823 usd> NPV at <0.1 fraction> (at its own rate of <0.3 fraction>: <1.5546e+06 usd> behind)."
    )
    safer = BETTER | {"discount_rate_fraction_per_year": 0.05}
    assert " but with both at " not in headline({"a": LEASE, "b": safer}, discount_rate_fraction_per_year=0.1)


def test_headline_quotes_the_gap_to_mining_stopped_at_its_best() -> None:
    """Stopped at once, the loss-making fleet fetches a million; a lease of a tenth of the rent is behind that."""
    loss = MINER | {"curtail": False, "opex_usd_per_mw_per_year": 1e6, "machine_resale_usd_per_th": 1}
    assert headline({"mine": loss, "lease": LEASE}) == (
        "lease beats mine by <2.5152e+07 usd> NPV at <0 fraction>; they draw level at hash price "
        "<54.4077 usd_per_ph_per_day>; <1.1e+07 usd> ahead when mining stops at its best (2027-01)."
    )
    cheap = LEASE | {"rent_usd_per_kw_per_month": 5}
    assert "; <400000 usd> behind when mining stops at its best (2027-01)" in headline({"mine": loss, "lease": cheap})
    assert "stops at its best" not in headline({"mine": MINER, "lease": LEASE})


def test_headline_draws_level_at_bitcoin_and_hash_price() -> None:
    found = document([compare(load(TEXAS))], "1").blocks[0]
    assert isinstance(found, Note)
    assert (
        "; they draw level at hash price <6.3546 ratio> the path (<29.4353 usd_per_ph_per_day> to <187.05 "
        "usd_per_ph_per_day> in 2027-01; "
    ) in plain(found.text)
    assert " or BTC <400346 usd> with the network as it is" in plain(found.text)


def test_rows_that_say_nothing_are_left_out() -> None:
    def labels(plans: Data, **scenario: Any) -> set[str | float | None]:
        rows = table(document([record(plans, **scenario)], "1"), "Plans side by side").rows
        return {shown(row[0]) for row in rows}

    leases = labels({"a": LEASE, "b": BETTER})
    assert {"NPV", "Ahead of the baseline by", "Critical MW"} <= leases
    assert not leases & {"NPV at the scenario's rate", "  each at its own rate", "BTC mined", "GPU-hours sold"}
    assert not leases & {"  which is", "NPV, mining stopped at its best", "Memo: curtailment value"}
    assert not leases & {"IRR", "Payback", "Yield on cost"}, "neither plan has one"
    assert not leases & {"Residual, share of NPV", "Memo: mining margin lost in the build"}
    many = labels(
        {
            "a": MINER | {"curtail": True},
            "b": BETTER | {"discount_rate_fraction_per_year": 0.05, "exit_cap_rate_fraction": 0.07},
            "c": CLOUD | {"conversion": CONVERSION | {"meanwhile": "a"}},
        },
        market={"btc_price_usd": 90_000},
    )
    assert {"NPV at the scenario's rate", "  each at its own rate", "BTC mined", "GPU-hours sold"} <= many
    assert {"  which is", "NPV, mining stopped at its best", "Residual, share of NPV"} <= many
    assert "Memo: mining margin lost in the build" in many


def test_cells_are_the_records_figures_with_their_units() -> None:
    found = record({"a": LEASE, "b": BETTER | {"capex_usd_per_critical_mw": 360_000}})
    side = table(document([found], "1"), "Plans side by side")
    assert [column.title for column in side.columns] == ["", "a", "b"]
    by_label = {shown(row[0]): row[1:] for row in side.rows}
    assert by_label["NPV"] == [Value(1.2e7, "usd", tone="strong"), Value(1.38e7, "usd", tone="strong")]
    assert by_label["Ahead of the baseline by"] == [Text("baseline", "muted"), Value(1.8e6, "usd", tone="good")]
    a, b = by_label["Payback"]
    assert isinstance(a, Value)
    assert isinstance(b, Value)
    assert (a.number, a.reason) == (None, found["plans"][0]["reasons"]["payback_months"])
    assert b.number == found["plans"][1]["metrics"]["payback_months"]


def test_break_evens_stand_by_plan_with_labels_for_people() -> None:
    halves = {"uses": {"hall 1.2": LEASE | {"gross_mw": 5}, "B": BETTER | {"gross_mw": 5}}}
    found = table(document([record({"a": LEASE, "b": BETTER, "halves": halves})], "1"), "Worth the same as a at")
    labels = [shown(row[0]) for row in found.rows]
    assert labels[0] == "b"
    assert "  Rent, year 1" in labels
    assert "  Rent, year 1 (hall 1.2)" in labels
    assert "  Rent, year 1 (B)" in labels
    assert list(found.sections) == [labels.index("halves")]
    rent = found.rows[labels.index("  Rent, year 1")]
    assert [shown(cell) for cell in rent[1:]] == [130, pytest.approx(100), pytest.approx(100 / 130)]
    alone = document([record({"a": LEASE})], "1")
    assert not [block for block in alone.blocks if getattr(block, "title", "").startswith("Worth the same")]


def test_a_lead_that_rests_on_the_residual_is_said_below_the_break_evens() -> None:
    dear = load(TEXAS, ['plans."lease to an AI tenant".rent_usd_per_kw_per_month=260'])
    for scenario, told in ((dear, False), (load(TEXAS), True)):
        caption = table(document([compare(scenario)], __version__), "Worth the same as keep mining at").caption
        assert ("Latest delay of lease to an AI tenant: the lead rests on the residual" in caption) == told


def test_defaults_and_warnings_are_told() -> None:
    miner = {key: value for key, value in MINER.items() if key != "efficiency_j_per_th"} | {"hash_rate_eh_per_s": 0.5}
    lease = {key: value for key, value in LEASE.items() if key != "critical_per_gross_fraction"}
    found = document([record({"a": miner, "b": lease, "c": lease})], "1")
    defaults = {shown(row[0]): [shown(cell) for cell in row[1:]] for row in table(found, "Defaults").rows}
    assert defaults["efficiency_j_per_th (a)"][:2] == [17.5, "2023-10"]
    assert defaults["critical_per_gross_fraction (2 places)"][0] == 0.7
    notes = [block for block in shown_blocks(found, in_full=True) if isinstance(block, Note)]
    assert any("curtail true" in plain(note.text) for note in notes), "conventions stand in a line"
    warnings = [plain(note.text) for note in notes if note.kind == "warning"]
    assert "a: 1.25 of the site's 10 MW stand idle" in warnings


def test_a_screen_ends_in_how_many_defaults_there_are_and_how_many_decide() -> None:
    def last(plans: Data, **scenario: Any) -> str:
        details = document([record(plans, **scenario)], "1").blocks[-1]
        assert isinstance(details, Details)
        return plain(details.note.text)

    few = {"a": LEASE, "b": BETTER}
    made = record(few)
    listed = {(item["path"].rsplit(".", 1)[-1], item["value"], item["source"]) for item in made["defaulted"]}
    assert last(few) == f"{len(listed)} defaults, none of them deciding: --full lists them."
    assert last({"a": LEASE}).endswith(" defaults: --full lists them.")
    turns = {"low": 0.0, "high": 1.0, "difference_at_low_usd": -1.0, "difference_at_high_usd": 1.0}
    made["deciding_defaults"] = [made["defaulted"][0] | turns] * 2
    told = document([made], "1").blocks[-1]
    assert isinstance(told, Details)
    assert plain(told.note.text) == f"{len(listed)} defaults, 2 of them deciding: --full lists them."


def test_a_rate_of_return_that_nobody_has_stays_where_several_would_do() -> None:
    made = record({"a": LEASE, "b": BETTER})
    for plan in made["plans"]:
        plan["metrics"]["irr_fraction_per_year"] = None
        plan["metrics"]["irr_roots"] = [-0.1, 0.2] if plan["name"] == "b" else []
        plan["reasons"]["irr_fraction_per_year"] = "several rates"
    rows = {shown(row[0]): row[1:] for row in table(document([made], "1"), "Plans side by side").rows}
    assert [cell.reason for cell in rows["IRR"] if isinstance(cell, Value)] == [
        "several rates",
        "several rates: -10%, 20%",
    ]


def notes(found: Document) -> list[tuple[str, str]]:
    return [(note.kind, plain(note.text)) for note in found.blocks if isinstance(note, Note)]


def test_requirements_are_told_last_each_that_fails_or_that_all_hold() -> None:
    plans = {"a": LEASE, "b": BETTER}
    some = document([record(plans, require=["months > 30", "months > 3", "site.gross_mw > 30"])], "1")
    assert notes(some)[-2:] == [
        ("warning", "Requirement not met: months > 30 (months is 24)."),
        ("warning", "Requirement not met: site.gross_mw > 30 (site.gross_mw is 10)."),
    ]
    assert not any("requirement" in text.lower() for _, text in notes(document([record(plans)], "1")))
    assert notes(document([record(plans, require=["months > 3"] * 2)], "1"))[-1] == (
        "plain",
        "All 2 requirements hold.",
    )
    assert notes(document([record(plans, require=["months > 3"])], "1"))[-1] == ("plain", "The requirement holds.")


def test_a_league_counts_the_requirements_that_fail() -> None:
    first = record({"a": LEASE, "b": BETTER}, name="first", require=["months > 3", "months > 30"])
    second = record({"a": LEASE, "b": BETTER}, name="second", require=["months > 3"])
    assert notes(document([first, second], "1"))[-1] == (
        "warning",
        "Requirements not met: first: 1 of 2; see the errors.",
    )
    assert not any(kind == "warning" for kind, _ in notes(document([second, second], "1")))


def test_flat_rows_hold_a_plan_each_with_every_figure() -> None:
    first, second = record({"a": LEASE, "b": BETTER}, name="first"), record({"c": MINER}, name="second")
    flat = document([first, second], "1").records
    keys = [column.key for column in flat.columns]
    assert len(keys) == len(set(keys))
    rows = [dict(zip(keys, map(shown, row), strict=True)) for row in flat.rows]
    assert [(row["scenario"], row["plan"]) for row in rows] == [("first", "a"), ("first", "b"), ("second", "c")]
    assert rows[1]["npv_usd"] == first["plans"][1]["metrics"]["npv_usd"]
    assert rows[1]["break_even_rent_usd_per_kw_per_month"] == pytest.approx(100)
    assert rows[2]["break_even_rent_usd_per_kw_per_month"] == ""


def test_flat_rows_hold_corners_and_debt_where_any_plan_has_them() -> None:
    tranche = {"share_of_cost_fraction": 0.5, "rate_fraction_per_year": 0.06, "repayment": "level", "term_months": 12}
    lease = LEASE | {"conversion": CONVERSION, "financing": {"every_months": 3, "tranches": {"notes": tranche}}}
    found = record({"a": MINER, "b": lease})
    flat = document([found], "1").records
    keys = [column.key for column in flat.columns]
    assert len(keys) == len(set(keys))
    mine, debt = (dict(zip(keys, map(shown, row), strict=True)) for row in flat.rows)
    told = found["plans"][1]
    assert debt["npv_levered_usd"] == told["corners"]["levered"]["npv_usd"] == debt["npv_usd"]
    assert debt["npv_unlevered_usd"] == told["corners"]["unlevered"]["npv_usd"]
    assert debt["dscr_min_ratio"] == told["financing"]["dscr_min_ratio"]
    assert debt["dscr_min_month"] == told["financing"]["dscr_min_month"]
    assert debt["total_cost_usd"] == told["financing"]["total_cost_usd"]
    assert mine["npv_unlevered_usd"] == mine["npv_usd"]
    assert mine["debt_usd"] == mine["dscr_min_month"] == ""
    plain = document([record({"a": MINER, "b": LEASE})], "1").records
    assert not any("unlevered" in column.key or "dscr" in column.key for column in plain.columns)


def test_the_tree_is_the_records_under_a_format_and_version() -> None:
    found = record({"a": LEASE})
    assert document([found], __version__).data == {
        "format": "minecalc.compare/1",
        "version": __version__,
        "scenarios": [found],
    }


def test_every_format_takes_every_kind_of_document() -> None:
    texas, tie = compare(load(TEXAS)), record({"a": LEASE, "b": LEASE})
    for records in ([texas], [tie], [texas, tie]):
        for name in WHOLE:
            assert render(document(records, "1"), name)


@pytest.mark.parametrize("several", [1, 2])
def test_one_part_alone_is_that_of_the_whole(several: int) -> None:
    records = [record({"a": LEASE, "b": BETTER}), record({"a": LEASE, "b": WORSE})][:several]
    whole = document(records, "1")
    blocks, rows, data = (document(records, "1", only=part) for part in ("blocks", "records", "data"))
    assert (blocks.blocks, rows.records, data.data) == (whole.blocks, whole.records, whole.data)
    assert not any((blocks.records.rows, rows.blocks, data.blocks, data.records.rows))


def test_columns_are_named_for_machines() -> None:
    side = table(document([record({"a": LEASE, "b": BETTER})], "1"), "Plans side by side")
    assert side.columns[0] == Column("figure", "", "left")
