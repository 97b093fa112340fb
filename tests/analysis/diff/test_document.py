"""What a reader of a difference is told first, what differs in which words, and how the waterfalls run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from minecalc import __version__
from minecalc.analysis.diff.attribution import Record, diff
from minecalc.analysis.diff.document import document
from minecalc.document import Cell, Chart, Document, Note, Phrase, Table, Text
from minecalc.loading import Reading, read, read_bytes
from minecalc.reports import render
from tests.by_hand import CLOUD, CONVERSION, LEASE, MARKET, MINER, SITE, Data, freed
from tests.reports.whole import WHOLE

TEXAS = Path(__file__).parents[2] / "examples" / "texas.yaml"
PLANS = {"mine": MINER, "let": LEASE}


def reading(plans: Data, *assignments: str, file: str = "a.yaml", **rest: Any) -> Reading:
    content = {"name": "it", "months": 24, "site": SITE, "market": MARKET, "plans": freed(plans)} | rest
    content = {"discount_rate_fraction_per_year": 0} | content
    return read_bytes(json.dumps(content).encode(), file, Path(), assignments)


def shown(*assignments: str, plans: Data = PLANS, **other: Any) -> Document:
    """What differs from ``PLANS``."""
    return document(diff(reading(PLANS), reading(plans, *assignments, **other)))


def plain(phrase: Phrase) -> str:
    """A sentence whose numbers stand as ``<number unit>``."""
    if isinstance(phrase, str):
        return phrase
    return "".join(part if isinstance(part, str) else f"<{part.number:.6g} {part.unit}>" for part in phrase)


def notes(found: Document, kind: str = "plain") -> list[str]:
    return [plain(block.text) for block in found.blocks if isinstance(block, Note) and block.kind == kind]


def headline(*assignments: str, **other: Any) -> str:
    (found,) = notes(shown(*assignments, **other), "headline")
    return found


def tables(found: Document) -> dict[str, list[list[str | float | None]]]:
    return {
        block.title: [[cell(own) for own in row] for row in block.rows]
        for block in found.blocks
        if isinstance(block, Table)
    }


def cell(own: Cell) -> str | float | None:
    return own.text if isinstance(own, Text) else own.number


def chart(found: Document) -> Chart:
    (only,) = (block for block in found.blocks if isinstance(block, Chart))
    return only


def test_headline_of_a_lead() -> None:
    """A lease at 100 is 12 million in two years; the fleet makes 8,000 USD on each of 730 days."""
    assert headline("plans.let.rent_usd_per_kw_per_month=130") == (
        "Lead of let over mine: <6.152e+06 usd> becomes <9.752e+06 usd>: Rent, year 1 +<3.6e+06 usd>. "
        "let stays the best plan."
    )
    assert headline("plans.let.rent_usd_per_kw_per_month=40") == (
        "Lead of let over mine: <6.152e+06 usd> becomes <-1.048e+06 usd>: Rent, year 1 <-7.2e+06 usd>. "
        "The best plan was let and is now mine."
    )


def test_headline_names_the_largest_changes_and_sums_the_others() -> None:
    sets = ["rent_usd_per_kw_per_month=110", "opex_fraction_of_rent=0.1", "free_months=1", "term_months=23"]
    told = headline(*(f"plans.let.{item}" for item in sets), "plans.mine.pool_fee_fraction=0.01")
    effects = told.split(": ")[2].split(". ")[0].split("; ")
    assert len(effects) == 4
    assert effects[0].startswith("Opex, share of rent <")
    assert effects[1].startswith("Rent, year 1 +<")
    assert effects[3].startswith("2 others ")


def test_headline_where_nothing_moves() -> None:
    site = {"site": SITE | {"fixed_cost_usd_per_year": 1000}}
    assert headline(**site) == "Lead of let over mine: <6.152e+06 usd> in A and in B. let stays the best plan."
    assert headline("plans.let.rent_usd_per_kw_per_month=100") == "A and B do not differ."
    assert headline("name=other") == "A and B do not differ."
    other = diff(reading(PLANS), reading(PLANS | {"more": LEASE}))
    assert notes(document(other), "headline") == ["No input differs in the plans that A and B share."]


def test_headline_without_a_lead_or_a_plan() -> None:
    one = document(diff(reading({"x": MINER}), reading({"x": MINER | {"pool_fee_fraction": 0.01}})))
    assert notes(one, "headline") == ["NPV of x: <5.848e+06 usd> becomes <5.7018e+06 usd>: Pool fee <-146200 usd>."]
    none = document(diff(reading({"x": MINER}), reading({"y": LEASE})))
    assert notes(none, "headline") == ["A and B have no plan in common, so no change can be attributed."]


def test_headline_is_about_the_plan_that_was_best() -> None:
    """Another plan is further ahead in B; a reader asks what became of the first."""
    plans = PLANS | {"cloud": LEASE | {"rent_usd_per_kw_per_month": 90}}
    record = diff(reading(plans), reading(plans, "plans.cloud.rent_usd_per_kw_per_month=120"))
    assert notes(document(record), "headline") == [
        "Lead of let over mine: <6.152e+06 usd> in A and in B. The best plan was let and is now cloud."
    ]
    turned = diff(reading(plans, "baseline=let"), reading(plans, "baseline=cloud"))
    (told,) = notes(document(turned), "headline")
    assert told.startswith(
        "Lead of let over the baseline (let in A, cloud in B): <0 usd> becomes <1.2e+06 usd>: Another"
    )


def test_what_differs_stands_under_its_plan_as_it_was_given() -> None:
    found = shown(
        "name=new",
        "site.electricity_price_usd_per_kwh={start: 0.05, growth_fraction_per_year: 0.025, scale: 1.1}",
        "plans.mine.curtail=false",
        "plans.let.conversion={starts: 2027-03, ready: 2027-05, capex_usd_per_critical_mw: 0}",
        "plans.let.rent_usd_per_kw_per_month=100.004",
        file="b.yaml",
    )
    table = tables(found)["Inputs that differ"]
    assert table == [
        ["Electricity price (site)", "0.05", "0.05, +2.5% a year x 1.1", "USD per kWh", "1", "--set"],
        ["mine", "", "", "", "", ""],
        ["  Curtail", "true", "false", "", "default", "--set"],
        ["let", "", "", "", "", ""],
        ["  Conversion", "none", "starts 2027-03, ready 2027-05, capex_usd_per_critical_mw 0", "", "", "--set"],
        ["  Rent, year 1", "100", "100.004", "USD per kW per month", "1", "--set"],
        ["Name", "it", "new", "", "1", "--set"],
    ]
    (block,) = (block for block in found.blocks if isinstance(block, Table) and block.title == "Inputs that differ")
    assert block.sections == [6]
    assert block.caption == "A is a.yaml, B is b.yaml. What stands below the line enters no cash flow."
    one_file = shown("plans.mine.curtail=false")
    assert next(block.caption for block in one_file.blocks if isinstance(block, Table)) == "A and B are a.yaml."


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"steps": {"2027-01": 0.9, "2028-01": 0.8}}, "0.9 in 2027-01, 0.8 in 2028-01"),
        ({"points": {f"202{i}-01": 0.9 - i / 100 for i in range(5)}}, "0.9 in 2020-01, 3 more, 0.86 in 2024-01"),
        ({"value": 0.8, "scale": 1.2}, "0.8 x 1.2"),
        ({"scale": 0.5}, "0.89 x 0.5"),
        ({"value": 0.8, "scale": 1.2, "shift": -0.1}, "0.8 x 1.2 -0.1"),
    ],
)
def test_values_over_time_in_few_words(value: Any, words: str) -> None:
    found = shown(plans=PLANS | {"mine": MINER | {"uptime_fraction": value}})
    assert tables(found)["Inputs that differ"][1][1:3] == ["1", words]


def test_series_lists_and_scales_in_few_words(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("p\n1\n2.5\n")
    spend = {"conversion": CONVERSION | {"ready": "2027-07", "spend": [0.1, 0.2, 0.3, 0.4]}}
    plain_ = {"conversion": CONVERSION | {"ready": "2027-07"}}
    market = {"btc_price_usd": 1, "hash_price_usd_per_ph_per_day": {"scale": 2}}
    a = reading({"mine": MINER, "let": LEASE | plain_}, market={"btc_price_usd": 1})
    content = {"mine": MINER, "let": LEASE | spend}
    b_market = market | {"btc_price_usd": {"csv": "p.csv", "column": "p"}}
    data = {"name": "it", "months": 24, "site": SITE, "market": b_market, "plans": content}
    b = read_bytes(json.dumps(data | {"discount_rate_fraction_per_year": 0}).encode(), "b.yaml", tmp_path)
    table = tables(document(diff(a, b)))["Inputs that differ"]
    assert [row[1:3] for row in table] == [
        ["1", "csv, 2 months: 1 to 2.5"],
        ["x 1", "x 2"],
        ["", ""],
        ["none", "4 values: 0.1 to 0.4"],
    ]


def test_changes_of_several_inputs_stand_together() -> None:
    market = {"btc_price_usd": 50_000, "network_hash_rate_eh_per_s": 1000, "fee_fraction": 0.1}
    record = diff(reading(PLANS), reading(PLANS, market=market))
    found = document(record)
    labels = [row[0] for row in tables(found)["Inputs that differ"]]
    assert labels == ["Hash price", "with BTC price", "with Network hash rate", "with Fees over subsidy"]
    assert tables(found)["mine"][1][0] == "Hash price and 3 more"


def test_a_waterfall_runs_from_a_to_b() -> None:
    sets = ("plans.let.rent_usd_per_kw_per_month=130", "plans.mine.pool_fee_fraction=0.01", "baseline=mine")
    found = shown(*sets, site=SITE | {"fixed_cost_usd_per_year": 1e6})
    waterfalls = {title: rows for title, rows in tables(found).items() if title != "Inputs that differ"}
    assert list(waterfalls) == ["mine", "let, and its lead over mine"]
    let = waterfalls["let, and its lead over mine"]
    assert [row[0] for row in let] == [
        "A",
        "Rent, year 1",
        "Pool fee (mine)",
        "Fixed cost of the site (site)",
        "B",
    ]
    expected: list[list[float]] = [
        [12e6, 6.152e6],
        [3.6e6, 15.6e6, 3.6e6, 9.752e6],
        [0, 15.6e6, 146_200, 9.8982e6],
        [-2e6, 13.6e6, 0, 9.8982e6],
        [1.6e6, 13.6e6, 3.7462e6, 9.8982e6],
    ]
    for row, wanted in zip(let, expected, strict=True):
        assert [value for value in row[1:] if value != ""] == pytest.approx(wanted, abs=1e-6)
    bars = chart(found)
    assert (bars.title, bars.kind, bars.unit) == ("Lead of let over mine", "bar", "usd")
    assert list(bars.labels) == ["A", "Rent, year 1", "Pool fee (mine)", "B"]
    assert bars.series[0].values == pytest.approx([6.152e6, 3.6e6, 146_200, 9.8982e6])


def test_running_levels_end_where_b_is() -> None:
    found = document(diff(read(TEXAS), read(TEXAS, ["market.btc_price_usd=9e4", "months=100"])))
    for title, rows in tables(found).items():
        if title != "Inputs that differ":
            last, end = rows[-2], rows[-1]
            assert [last[2], *last[4:]] == pytest.approx([end[2], *end[4:]])
            assert (rows[0][0], end[0]) == ("A", "B")


def many(count: int) -> Record:
    """A difference of 13 or more changes that all move the lease, so that shares are sampled."""
    inputs = {
        "rent_usd_per_kw_per_month": 130,
        "critical_per_gross_fraction": 0.55,
        "opex_fraction_of_rent": 0.1,
        "escalator_fraction_per_year": 0.02,
        "free_months": 1,
        "term_months": 22,
        "leased_fraction": 0.9,
        "tenant_pays_power": False,
        "pue_ratio": 1.3,
        "load_factor_fraction": 0.9,
        "exit_cap_rate_fraction": 0.1,
        "capex_usd_per_critical_mw": 1e5,
        "discount_rate_fraction_per_year": 0.05,
        "electricity_price_usd_per_kwh": 0.04,
        "gross_mw": 9,
    }
    chosen = dict(list(inputs.items())[:count])
    return diff(reading(PLANS), reading({"mine": MINER, "let": LEASE | chosen}), samples=20, seed=3)


def test_sampled_shares_show_their_error_and_many_changes_are_summed() -> None:
    record = many(15)
    found = document(record)
    (table,) = (b for b in found.blocks if isinstance(b, Table) and b.title.startswith("let"))
    assert [column.title for column in table.columns] == [
        "",
        "adds to NPV",
        "+/-",
        "NPV",
        "adds to lead",
        "+/-",
        "Lead",
    ]
    assert len(table.rows) == 15
    assert cell(table.rows[-2][0]) == "3 others"
    assert cell(table.rows[-2][2]) == ""
    errors = {e["usd"]: e["standard_error_usd"] for e in record["plans"][1]["npv"]["effects"]}
    added = cell(table.rows[1][1])
    assert isinstance(added, float)
    assert cell(table.rows[1][2]) == errors[added]
    assert "20 orders were sampled (seed 3); +/- is the standard error." in notes(found)[-1]
    assert "sampled" not in notes(document(many(11)))[-1]


def test_as_many_rows_as_there_are_changes_where_one_more_is_no_gain() -> None:
    (table,) = (b for b in document(many(13)).blocks if isinstance(b, Table) and b.title.startswith("let"))
    assert len(table.rows) == 15
    assert not any(str(cell(row[0])).endswith("others") for row in table.rows)


def test_what_stands_still_is_named() -> None:
    found = shown("plans.mine.life_months=61", "plans.let.rent_usd_per_kw_per_month=130")
    assert "No change moves mine." in notes(found)
    assert "Without effect on what is shown: Life (mine)." in notes(found)
    idle = shown("plans.mine.life_months=61")
    assert not any(isinstance(block, Chart) for block in idle.blocks)


def test_plans_that_came_went_or_were_renamed_are_named() -> None:
    a = reading({"mine": MINER, "let": LEASE, "gone": CLOUD})
    b = reading({"mine": MINER, "rented": LEASE, "new": LEASE | {"rent_usd_per_kw_per_month": 50}})
    found = notes(document(diff(a, b)))
    assert "The plan let of A is called rented in B, with the same content." in found
    assert "B has one more plan: new, NPV <6e+06 usd>." in found
    assert any(note.startswith("B no longer has the plan: gone, NPV <") for note in found)
    other = notes(document(diff(a, reading({"let": LEASE, "dig": CLOUD}))))
    assert "No lead over a baseline can be attributed: the baseline of A, mine, is not in both." in other


def test_a_plan_of_other_uses_is_one_change() -> None:
    found = shown(plans=PLANS | {"let": CLOUD})
    rows = tables(found)["Inputs that differ"]
    assert rows == [["let", "", "", "", "", ""], ["  Uses of let", "let colocation", "let gpu_cloud", "", "1", "1"]]
    assert tables(found)["let, and its lead over mine"][1][0] == "Uses of let"


def test_data_and_rows_for_programs() -> None:
    record = diff(read(TEXAS), read(TEXAS, ["market.btc_price_usd=9e4", "months=100"]))
    found = document(record)
    assert found.data == {"format": "minecalc.diff/1", "version": __version__, **record}
    assert len(found.records.rows) == 4 * 2
    columns = [column.key for column in found.records.columns]
    rows = [dict(zip(columns, map(cell, row), strict=True)) for row in found.records.rows]
    for row in rows:
        (plan,) = (plan for plan in record["plans"] if plan["name"] == row["plan"])
        for key, part in (("npv", plan["npv"]), ("npv_difference", plan["vs_baseline"])):
            effect = None if part is None else {e["path"]: e["usd"] for e in part["effects"]}[str(row["change"])]
            assert row[f"{key}_effect_usd"] == effect
            assert row[f"{key}_b_usd"] == (None if part is None else part["b_usd"])
    assert {row["method"] for row in rows} == {"exact"}


@pytest.mark.parametrize("name", WHOLE)
def test_every_format_shows_it(name: str) -> None:
    for record in (many(15), diff(reading(PLANS), reading(PLANS)), diff(reading(PLANS), reading({"x": CLOUD}))):
        assert render(document(record), name)


@pytest.mark.parametrize("width", [80, 120])
def test_screens_fit_their_width(width: int) -> None:
    text = render(document(many(15)), "terminal", width=width)
    assert isinstance(text, str)
    assert max(map(len, text.splitlines())) <= width
    assert "(continued)" not in text
