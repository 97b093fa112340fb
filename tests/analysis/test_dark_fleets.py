"""From when machines stand still, by hand: 20 USD pays for the power of 10 J/TH, 12 USD is the least, 11 does not."""

from __future__ import annotations

import pytest

from minecalc.analysis.dark_fleets import dark_fleets, fleet_name, hash_rate_running, off_words, running
from tests.by_hand import CONVERSION, LEASE, MINER, Data, compared

LOW = {"steps": {"2027-01": 20, "2027-06": 11, "2027-08": 20, "2028-03": 11}}
MARKET = {"hash_price_usd_per_ph_per_day": LOW}
HALVES: Data = {
    "uses": {
        "rigs": MINER | {"gross_mw": 5, "hash_rate_eh_per_s": 0.5},
        "hall": LEASE | {"gross_mw": 5, "conversion": CONVERSION | {"meanwhile": "mine"}},
    }
}


def test_machines_are_off_from_the_month_after_their_last() -> None:
    evaluation = compared(
        {"mine": MINER | {"machine": "antminer-s21", "stops": "2028-01"}, "half": HALVES}, market=MARKET
    )
    first, second = dark_fleets(evaluation)
    assert first == ("mine", "mine", "Antminer S21", "2028-01", 2)
    assert second == ("half", "rigs", "rigs of half", "2028-03", 2)
    assert off_words([dark._asdict() for dark in (first, second, second)]) == (
        "Antminer S21 off from 2028-01, rigs of half from 2028-03"
    )
    again = [first._asdict(), first._replace(name="old")._asdict()]
    assert off_words(again) == "Antminer S21 and old off from 2028-01"
    again.append(first._replace(plan="half", name="Antminer S21 (rigs)")._asdict())
    assert off_words(again) == "Antminer S21 and old off from 2028-01", "the same machines in two plans are told once"
    later = first._replace(name="Antminer S21 (rigs)", off_from="2028-02")._asdict()
    assert off_words([*again, later]) == "Antminer S21 and old off from 2028-01, Antminer S21 (rigs) from 2028-02"
    assert off_words([]) == ""


def test_machines_that_run_to_the_end_are_not_told() -> None:
    assert dark_fleets(compared({"mine": MINER, "let": LEASE})) == []
    never = compared({"mine": MINER}, market={"hash_price_usd_per_ph_per_day": 11})
    assert [(dark.off_from, dark.months_off_before) for dark in dark_fleets(never)] == [("2027-01", 0)]


def test_hash_rate_is_of_the_months_that_run_until_a_conversion_too() -> None:
    half = compared({"mine": MINER, "half": HALVES}, market=MARKET).plans["half"]
    rigs = half.uses["rigs"]
    months = [1.0] * 5 + [0.0] * 2 + [1.0] * 7 + [0.0] * 10
    assert running(half, rigs)[""][:, 0].tolist() == months
    meanwhile = [0.5] * 2 + [0.0] * 22
    expected = [0.5 * on + until for on, until in zip(months, meanwhile, strict=True)]
    assert hash_rate_running(half)[:, 0].tolist() == pytest.approx(expected)


def test_machines_are_called_by_their_record_and_beside_others_by_their_use() -> None:
    plans = compared({"mine": MINER, "half": HALVES}).scenario.plans
    assert fleet_name(plans["mine"], plans["mine"].uses[0]) == "mine"
    named = compared({"half": {"uses": {"old": MINER | {"machine": "antminer-s21"}}}}).scenario.plans["half"]
    assert fleet_name(named, named.uses[0]) == "Antminer S21 (old)"
