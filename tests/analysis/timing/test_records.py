"""The value of waiting for programs: everything in full, and the same in rows."""

from __future__ import annotations

import json

import pytest

from minecalc.analysis.timing.records import data, flat, without_answer
from minecalc.analysis.timing.solved import BOUNDS, WAYS
from minecalc.document import Value
from minecalc.version import VERSION
from tests.analysis.timing.waiting import LEASE, PHASES, answer, reading


def test_the_tree_has_every_number_in_full() -> None:
    found = answer(PHASES, "halls", back=1e5)
    tree = json.loads(json.dumps(data(found), allow_nan=False))
    assert (tree["format"], tree["version"], tree["plan"], tree["reason"]) == (
        "minecalc.timing/1",
        VERSION,
        "halls",
        None,
    )
    assert (tree["paths"], tree["seed"], tree["every_months"], tree["until_months"]) == (2048, 1, 12, 24)
    whole = tree["whole"]
    assert list(whole["ways"]) == [*WAYS, *BOUNDS]
    best = found.whole.ways[found.whole.best]
    assert whole["ways"][whole["best"]]["npv_usd"]["estimate"] == best.npv.number
    assert whole["value_of_waiting_usd"]["estimate"] == min(best.over_now.number or 0.0, best.over_never.number or 0.0)
    assert [date["month"] for date in whole["dates"]] == ["2027-01", "2028-01", "2029-01"]
    shares = whole["converts"]["rule"]
    total = sum(share["estimate"] for share in shares["by_month"].values()) + shares["never"]["estimate"]
    assert total == pytest.approx(1.0)
    assert [phase["name"] for phase in tree["by_phase"]["phases"]] == ["north", "south"]
    assert tree["switch_back"]["cost_usd_per_mw"] == 1e5
    assert tree["without_uncertainty"]["now_usd"] == found.certain_usd[0]
    assert tree["closed_form"]["reason"] is None or tree["closed_form"]["perpetual_usd"] is None


def test_a_trigger_is_told_by_name_and_threshold() -> None:
    tree = data(answer(LEASE, "lease"))
    assert tree["by_phase"] is None
    assert tree["switch_back"] is None
    names = {condition["of"] for condition in tree["whole"]["trigger"]}
    assert "hash_price_usd_per_ph_per_day" in names
    assert all(condition["is"] in ("at least", "below") for condition in tree["whole"]["trigger"])


def test_rows_have_every_way_and_date_with_errors() -> None:
    found = answer(PHASES, "halls", back=1e5)
    table = flat(found)
    keys = [column.key for column in table.columns]
    assert keys[:4] == ["choice", "way", "month", "npv_usd"]
    assert len(table.rows) == 3 * (len(WAYS) + len(BOUNDS) + 3) + 4
    row = next(row for row in table.rows if row[1] == ("rule", "plain"))
    npv, error = row[3], row[4]
    assert isinstance(npv, Value)
    assert isinstance(error, Value)
    rule = found.whole.ways["rule"].npv
    assert (npv.number, error.number) == (rule.number, rule.error)


def test_without_an_answer_there_is_a_reason() -> None:
    read = reading(LEASE)
    assert read.scenario is not None
    tree = without_answer(read.scenario, "nothing converts")
    assert (tree["plan"], tree["reason"], tree["name"]) == (None, "nothing converts", "Waiting")
    assert flat(None).rows == []
