"""The screen of all break-evens that matter: what turns the order round, nearest first, and what miners go by."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from minecalc.analysis.breakeven.answer import Record, head, overview
from minecalc.analysis.breakeven.document import document
from minecalc.analysis.level_words import cell, word
from minecalc.document import Document, Table, Text, Value, shown_blocks
from minecalc.engine import evaluate
from minecalc.loading import load, read
from minecalc.reference.machines import machines
from minecalc.reports import render
from minecalc.scenario.varying import vary
from minecalc.solving.gap import Question
from minecalc.solving.solve import solve
from tests.by_hand import CLOUD, CONVERSION, LEASE, MINER, compared
from tests.cli.running import ROOT, TEXAS
from tests.solving.test_solve import RIVAL

KEEP, LEASING, CLOUDY = "keep mining", "lease to an AI tenant", "rent out GPUs"


def shown(record: Record) -> Document:
    return document(head(load(TEXAS), read(TEXAS)) | record)


def screen(record: Record, width: int = 100, *, in_full: bool = True) -> str:
    text = render(shown(record), "terminal", width=width, in_full=in_full)
    assert isinstance(text, str)
    return text


@pytest.fixture(scope="module")
def texas() -> Record:
    return overview(load(TEXAS), [Question(LEASING, KEEP), Question(CLOUDY, KEEP)])


def test_the_headline_names_what_would_turn_the_best_plan_round(texas: Record) -> None:
    words = " ".join(screen(texas).split("\n\n")[0].split())
    assert words == (
        "lease to an AI tenant is $249M ahead of keep mining at 12.0% (each at its own rate: $362M ahead); "
        "nearest to turning that round: Lease term at 92 mo (0.77x now), Rent, year 1 at $65.9 "
        "(0.51x now), Leased share at 50.7% (0.51x now)."
    )


def test_a_headline_where_nothing_turns_it_round() -> None:
    record = overview(compared({"baseline": LEASE, "rival": LEASE | {"leased_fraction": 0.5}}).scenario, [RIVAL])
    rows = [row | {"value": None} for row in record["plans"][0]["break_evens"]]
    hopeless = record | {"plans": [record["plans"][0] | {"break_evens": rows}]}
    assert "behind baseline at 12.0%; no single input is enough, within its range, for turning that round." in " ".join(
        screen(hopeless).split()
    )
    tables = [block for block in shown_blocks(shown(hopeless), in_full=True) if isinstance(block, Table)]
    assert [table.title for table in tables] == ["Machines on record at this site"]


def test_a_tie_and_a_target_that_is_met_in_words() -> None:
    tie = screen(overview(compared({"baseline": LEASE, "rival": LEASE}).scenario, [RIVAL]))
    assert tie.startswith("rival and baseline are worth the same at 12.0%.\n")
    off = compared({"mine": MINER}, site={"gross_mw": 10, "electricity_price_usd_per_kwh": 0.5}).scenario
    idle = " ".join(screen(overview(off, [Question("mine")])).split())
    assert idle.startswith("The NPV of mine is $0; nearest to moving it from there: "), "a fleet that is shut off"
    assert "Electricity price (site) at 8.33 c/kWh (0.17x now) and everything above" in idle
    none = " ".join(screen(overview(off, [Question("mine", None, "irr_fraction_per_year", 0.1)])).split())
    assert none.startswith("The IRR of mine is n/a (mine has none); no single input is enough, within its range, for ")


def test_the_fleet_that_machines_are_measured_by_is_named() -> None:
    """The baseline's, though it is not the first."""
    plans = {"rival": MINER | {"pue_ratio": 1.2, "hash_rate_eh_per_s": 0.5}, "baseline": MINER}
    text = screen(overview(compared(plans, baseline="baseline").scenario, [RIVAL]))
    assert "a machine on record has the PUE and pool fee of baseline." in " ".join(text.split())


def test_a_machine_whose_pool_takes_the_margin_is_marked() -> None:
    """It earns 20 and burns 19.92 a PH/s and day, and the pool takes 2% of the 20."""
    mine = MINER | {"pool_fee_fraction": 0.02, "efficiency_j_per_th": 16.6, "hash_rate_eh_per_s": 0.5}
    record = overview(compared({"baseline": mine, "rival": LEASE}).scenario, [RIVAL])
    tables = [block for block in shown(record).blocks if isinstance(block, Table) and block.title.startswith("Fleets")]
    tones = [cell.tone for cell in tables[0].rows[0] if isinstance(cell, Value)]
    assert "bad" in tones


def test_tables_are_nearest_first_and_what_never_turns_it_is_named(texas: Record) -> None:
    text = screen(texas)
    inputs = re.findall(r"^(Rent, year 1|Building capex|BTC price|Delay)  ", text, re.MULTILINE)
    assert inputs[:4] == ["Rent, year 1", "Building capex", "BTC price", "Delay"]
    assert re.search(r"^BTC price +\$63,001 +\$400k +6\.35x$", text, re.MULTILINE)
    assert re.search(r"^Delay +0 mo +102 mo$", text, re.MULTILINE)
    never = " ".join(text.split())
    assert "lease to an AI tenant: these draw level at no value they may take: " in never
    assert "Fleet hash rate (keep mining)" in never


def test_what_to_type_is_told_of_the_first_and_of_the_others_in_full(texas: Record) -> None:
    short = " ".join(screen(texas, in_full=False).split())
    settings = re.findall(r"compare with (--set '[^']+'); --full lists all (\d+), and the (\d+) inputs that", short)
    assert len(settings) == 2
    full = screen(texas)
    machines = re.search(r"(\d+) of (\d+) machines on record earn more than their power at this site: --full", short)
    assert machines
    assert 0 < int(machines[1]) < int(machines[2]) == len(texas["machines"])
    assert "Machines on record" not in short
    assert "Machines on record" in full
    for first, count, never in settings:
        assert f"- {first}" in " ".join(full.split())
        assert min(int(count), int(never)) > 5
    assert full.count("--set '") == sum(int(count) for _, count, _ in settings)


def test_every_answer_has_a_row_and_what_to_type() -> None:
    cases = Path(__file__).parents[2] / "cases"
    pair = Question("hungry, no upkeep", "efficient, dear upkeep")
    text = screen(overview(load(cases / "two-roots.yaml"), [pair]))
    assert re.search(r"^Hash price +\$10\.0 +\$33\.6 +3\.36x\n  and +\$48\.0$", text, re.MULTILINE)
    for price in ("33.6", "48"):
        assert f"- --set 'market.hash_price_usd_per_ph_per_day={price}'" in text
    shifted = screen(overview(load(cases / "price-crosses-zero.yaml"), [Question("off", "mine")]))
    assert re.search(r"6\.02 c/kWh\n  by a shift of all months +3\.02 c/kWh$", shifted, re.MULTILINE)
    stretch = screen(overview(load(cases / "flat-stretch.yaml"), [Question("off", "run")]))
    assert re.search(r"\$36\.0 +0\.84x\n  and everything below$", stretch, re.MULTILINE)


def test_fleets_and_machines(texas: Record) -> None:
    text = screen(texas)
    assert re.search(r"^keep mining +18\.0 J/TH +4\.50 c/kWh +6\.1\d c/kWh +\$20\.4 ", text, re.MULTILINE)
    tables = (block for block in shown_blocks(shown(texas), in_full=True) if isinstance(block, Table))
    table = next(block for block in tables if block.title.startswith("Machines"))
    assert [row[0] for row in table.rows][:1] == [Text("sealminer-a4-ultra-hyd")]
    assert len(table.rows) == len(machines())
    tones = {cell.tone for row in table.rows for cell in row if isinstance(cell, Value) and cell.unit == "usd_per_kwh"}
    assert tones == {"good", "bad"}, "those that do not earn their power are marked"
    assert (
        "the site's power costs 4.50 c/kWh; a machine on record has the PUE and pool fee of keep mining."
        in " ".join(text.split())
    )


def test_without_a_bitcoin_price_or_a_fleet() -> None:
    given = screen(overview(compared({"baseline": MINER, "rival": LEASE}).scenario, [RIVAL]))
    assert "a hash price given directly does not say how many BTC are mined" in " ".join(given.split())
    assert "at the network and fees of 2026-06, for the hash price given here has none." in " ".join(given.split())
    none = screen(overview(compared({"baseline": LEASE, "rival": CLOUD}).scenario, [RIVAL]))
    assert "Fleets" not in none
    assert "a machine on record has the PUE of its cooling and no pool fee." in " ".join(none.split())


@pytest.mark.parametrize("width", [80, 120])
def test_it_fits(texas: Record, width: int) -> None:
    text = screen(texas, width)
    assert max(map(len, text.splitlines())) <= width
    assert "(continued)" not in text


def test_rows_of_every_plan(texas: Record) -> None:
    records = shown(texas).records
    assert len(records.rows) == sum(len(plan["break_evens"]) for plan in texas["plans"])
    assert [column.key for column in records.columns][:4] == ["file", "scenario", "plan", "against"]


def test_a_month_is_text_and_a_number_has_its_unit() -> None:
    assert cell("2028-06", "plans.x.conversion.ready") == Text("2028-06")
    assert cell(1.5, "plans.x.rent_usd_per_kw_per_month") == Value(1.5, "usd_per_kw_per_month")
    assert cell(None, "site.gross_mw", "why") == Value(None, "mw", "why")
    assert (word("2028-06", "x"), word(2.0, "site.gross_mw")) == ("2028-06", Value(2.0, "mw"))


def test_every_input_that_meets_a_lenders_ratio_is_listed_whatever_others_are_tried() -> None:
    """At some rates of the bond no deal closes; those cases must not spoil the others, which are columns beside them.

    A count that is the last to keep the order as it is now is told after what moves.
    """
    scenario = load(str(ROOT / "scenarios" / "archetypes" / "greenfield-campus.yaml"))
    asked = Question("lease", None, "dscr_min_ratio", 1.3)
    rows = {row["path"]: row for row in overview(scenario, [asked])["plans"][0]["break_evens"]}
    for path in ("plans.lease.rent_usd_per_kw_per_month", "plans.lease.conversion.capex_usd_per_critical_mw"):
        assert rows[path]["value"] == float(solve(scenario, path, asked).value[0])
        debt = evaluate(vary(scenario, {path: rows[path]["value"]})).plans["lease"].financed
        assert debt is not None
        assert float(debt.dscr_min_ratio[0]) == pytest.approx(1.3, abs=1e-9)
    found = [path.rpartition(".")[2] for path, row in rows.items() if row["value"] is not None]
    assert found[:2] == ["share_of_cost_fraction", "rent_usd_per_kw_per_month"]
    assert {"rate_fraction_per_year", "balloon_fraction", "opex_fraction_of_rent"} <= {*found}
    assert found.index("term_months") > found.index("opex_fraction_of_rent")


def test_what_a_lender_asks_is_answered_without_what_miners_go_by() -> None:
    file = ROOT / "tests/bench/two_tranches.yaml"
    record = overview(load(file), [Question("lease", None, "dscr_min_ratio", 1.3)])
    text = screen(record)
    assert "The least DSCR of lease meets its target at" in text
    assert "Fleets of this scenario" not in text
    assert "NPV" not in text, "of a delay it is told elsewhere what worth gains by it"
    worth = screen(overview(load(file), [Question("lease", "keep mining")]))
    assert "Fleets of this scenario" in worth
    assert "raises the plan's NPV by $103M" in " ".join(worth.split())


def test_what_is_as_far_from_the_present_stands_in_the_order_of_the_inputs() -> None:
    """A rent and the share that is let scale the same flow, whatever rounding says of either."""
    orders = set[tuple[str, ...]]()
    for rent in range(130, 140):
        lease = LEASE | {"rent_usd_per_kw_per_month": rent, "opex_fraction_of_rent": 0.1, "conversion": CONVERSION}
        rows = overview(compared({"baseline": MINER, "rival": lease}).scenario, [RIVAL])["plans"][0]["break_evens"]
        orders.add(tuple(row["path"] for row in rows if "rent_usd" in row["path"] or "leased" in row["path"]))
    assert orders == {("plans.rival.rent_usd_per_kw_per_month", "plans.rival.leased_fraction")}
