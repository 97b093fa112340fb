from __future__ import annotations

from minecalc.reference.peak_rules import peak_rules
from minecalc.timeline import parse_month


def test_ercot_charges_four_summer_months_until_its_rule_is_amended() -> None:
    """The published case of 1.675 M USD for 25 MW, 67 USD a kW-year, lies in what is quoted."""
    rule = peak_rules()["ercot-4cp"]
    assert rule.months_of_year == (6, 7, 8, 9)
    assert rule.until == "2027-01"
    assert rule.low_usd_per_kw_per_year <= 67.0 <= rule.high_usd_per_kw_per_year


def test_every_rule_names_months_of_the_year_and_a_range() -> None:
    for rule in peak_rules().values():
        assert set(rule.months_of_year) <= {*range(1, 13)}
        assert len(set(rule.months_of_year)) == len(rule.months_of_year)
        assert rule.until is None or parse_month(rule.until)
        assert 0.0 < rule.low_usd_per_kw_per_year < rule.high_usd_per_kw_per_year
