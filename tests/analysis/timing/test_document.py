"""The screen of a value of waiting: the headline says what to do, and every table what it is worth."""

from __future__ import annotations

import re

import pytest

from minecalc import reports
from minecalc.analysis.timing.answer import TimingNumbers
from minecalc.analysis.timing.document import document, unanswered
from minecalc.document import Note, Table
from tests.analysis.timing.waiting import CERTAIN, LEASE, PHASES, answer, reading

_SURE = "uncertainty.hash_price_usd_per_ph_per_day.volatility_fraction_per_year=0"


def headline(found: TimingNumbers) -> str:
    shown = document(found)
    [only] = [block for block in shown.blocks if isinstance(block, Note) and block.kind == "headline"]
    text = reports.render(shown._replace(title="", blocks=[only]), "terminal", width=1000)
    return " ".join(str(text).split())


def test_to_wait_for_the_market() -> None:
    text = headline(answer(LEASE, "lease", paths=4096))
    assert text.startswith("Waiting with lease is worth $")
    assert "more than to convert now, which is worth $" in text
    assert "): convert when the hash price is below $" in text
    assert re.search(
        r"; as the scenario stands, now is \$[\d.]+M ahead of mine(: \w+ \w+ (take|add) \$[\d.]+M)?\.$", text
    )
    assert " per PH/s a day (in " in text
    assert "of worlds" in text


def test_waiting_is_told_over_the_better_of_now_and_never() -> None:
    text = headline(answer(LEASE, "lease", "plans.lease.rent_usd_per_kw_per_month=60", paths=4096))
    assert "more than never to convert ($" in text
    assert "); now is worth $" in text
    assert " less: convert when" in text
    assert "; as the scenario stands, now is $" in text
    assert " behind mine" in text


def test_to_convert_now_or_never() -> None:
    now = headline(answer(LEASE, "lease", _SURE, "plans.lease.rent_usd_per_kw_per_month=300", paths=256))
    assert now.startswith("Do not wait with lease: to convert now is worth $")
    assert "and no rule is worth more than $0 above that" in now
    never = headline(answer(LEASE, "lease", _SURE, "plans.lease.rent_usd_per_kw_per_month=40", paths=256))
    assert never.startswith("Do not convert to lease, now or later: now is worth $")
    assert "less than never" in never


def test_to_convert_on_a_date() -> None:
    falling = "market.hash_price_usd_per_ph_per_day={steps: {2027-01: 90, 2028-01: 20}}"
    text = headline(answer(LEASE, "lease", _SURE, falling, paths=256))
    assert ": convert in 2028-01, whatever the market does until then; as the scenario stands, now is $" in text


def test_phase_by_phase() -> None:
    wild = "uncertainty={rent_usd_per_kw_per_month: {volatility_fraction_per_year: 0.6}}"
    found = answer(PHASES, "halls", wild, "plans.halls.uses.north.rent_usd_per_kw_per_month=200")
    assert found.by_phase is not None
    text = headline(found)
    assert text.startswith("Deciding halls phase by phase is worth $")
    assert ": north now; south when the" in text


def test_the_plan_that_compare_tells_of_may_have_no_conversion() -> None:
    better = LEASE.replace(
        "uncertainty:",
        "  sure: {kind: colocation, opex_fraction_of_rent: 0, "
        "capex_usd_per_critical_mw: 0, rent_usd_per_kw_per_month: 500}\nuncertainty:",
    )
    assert "ahead of mine (compare tells of sure, which has no conversion)" in headline(answer(better, "lease"))


def test_never_that_is_not_the_baseline() -> None:
    half = LEASE.replace("  lease:\n", "  lease:\n    gross_mw: 5\n")
    assert re.search(r"; as the scenario stands, now is \$[\d.]+M behind mine\.$", headline(answer(half, "lease")))


def tables(found: TimingNumbers) -> list[Table]:
    return [block for block in document(found).blocks if isinstance(block, Table)]


def test_tables_of_ways_triggers_and_dates() -> None:
    ways, steps, triggers, dates = tables(answer(LEASE, "lease"))
    assert [len(table.rows) for table in (ways, steps, triggers, dates)] == [7, 7, 1, 4]
    assert triggers.columns[0].key == "when"
    ways, _, triggers, dates = tables(answer(PHASES, "halls", back=1e5))
    assert [len(table.rows) for table in (ways, triggers, dates)] == [11, 3, 7]
    assert [column.title for column in dates.columns][2:] == ["Rule: all at once", "Rule: north", "Rule: south"]


@pytest.mark.parametrize("width", [80, 120])
def test_it_fits_the_screen(width: int) -> None:
    for found in (answer(LEASE, "lease"), answer(PHASES, "halls", back=1e5), answer(CERTAIN, "halls")):
        for line in str(reports.render(document(found), "terminal", width=width)).splitlines():
            assert len(line) <= width
            assert "nan" not in line.split()


def test_without_an_answer_it_says_why() -> None:
    read = reading(LEASE)
    assert read.scenario is not None
    shown = unanswered(read.scenario, "no plan converts")
    assert shown.blocks == [Note("No plan converts.", "headline")]
    assert shown.data["reason"] == "no plan converts"
