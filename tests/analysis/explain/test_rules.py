"""What is looked for or summed over time, with numbers that can be checked by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minecalc.analysis.explain.rules import money, with_numbers
from minecalc.arrays import accumulate, last_largest
from minecalc.finance import returns
from minecalc.timeline import Timeline, parse_month
from minecalc.trace import Traced, named, recorded

TIMELINE = Timeline(parse_month("2027-01"), 3)


def leaf(name: str, *rows: float) -> Any:
    return Traced(np.array(rows)[:, None] if len(rows) > 1 else np.array(rows[0]), "constant", (), name)


FLOWS = leaf("net_usd", -100.0, 60.0, 30.0, 40.0)


def told(rule: str, flows: Any, *rates: Any) -> str:
    found = getattr(returns, rule)(flows.value, *(rate.value for rate in rates))
    return with_numbers(recorded(rule, getattr(found, "numbers", found), flows, *rates), TIMELINE)


def test_payback_shows_the_month_it_turns() -> None:
    assert told("payback", FLOWS) == "2 + $10 / ($10 + $30); it is −$10 after 2 months and $30 after 3"
    assert returns.payback(FLOWS.value).numbers[0] == pytest.approx(2 + 10 / (10 + 30))
    assert told("payback", leaf("net_usd", 5.0, -1.0, 0.0, 0.0)) == "0: it is never below zero"


def test_moic_and_mirr_are_ratios() -> None:
    assert told("moic", FLOWS) == "$130 / $100"
    rate = leaf("discount_rate_fraction_per_year", 0.12)
    grown = 60 * 1.12 ** (2 / 12) + 30 * 1.12 ** (1 / 12) + 40
    assert told("mirr", FLOWS, rate, rate) == f"(${grown:.3f} / $100)^(12/3) − 1"
    assert returns.mirr(FLOWS.value, 0.12, 0.12).numbers[0] == pytest.approx((grown / 100) ** 4 - 1)


def test_peak_funding_says_when() -> None:
    assert told("peak_funding", leaf("net_usd", -1.0, -2.0, 1.0, 5.0)) == "$3, at the end of 2027-01"
    assert told("peak_funding", FLOWS) == "$100, at the start"
    assert told("peak_funding", leaf("net_usd", 0.0, 1.0, 1.0, 1.0)) == "$0: it is never below zero"


def test_irr_shows_the_flows_it_is_of() -> None:
    rate: Any = recorded("irr", np.array([0.5]), FLOWS)
    assert with_numbers(rate, TIMELINE) == "r = 0.5; the flows −$100 + $60 + $30 + $40"


def test_what_has_no_answer_has_no_numbers() -> None:
    assert told("payback", leaf("net_usd", -5.0, 1.0, 1.0, 1.0)) == ""


def test_the_largest_says_where() -> None:
    stops: Any = last_largest(leaf("value_by_stop_usd", 1.0, 7.0, 3.0, 2.0))
    assert with_numbers(stops, TIMELINE) == "$7 for a stop in 2027-02"


def test_sums_are_told_by_year_and_long_ones_end_in_a_sum() -> None:
    two = Timeline(parse_month("2027-03"), 24)
    total: Any = accumulate(leaf("rent_usd", *[10.0] * 24))
    assert with_numbers(total, two) == "by year, from 2027-03: $120; 2028-03: $120"
    long: Any = accumulate(leaf("rent_usd", *[1.0] * 180))
    text = with_numbers(long, Timeline(parse_month("2027-01"), 180))
    assert text.endswith("2038-01: $12; 3 more years: $36")
    nothing: Any = accumulate(leaf("rent_usd", 0.0, 0.0))
    assert with_numbers(nothing, TIMELINE) == "0"


def test_a_sum_over_a_term_has_no_calendar() -> None:
    total: Any = accumulate(leaf("term_escalation_ratio", *[1.0] * 24))
    assert with_numbers(total, TIMELINE) == "by year of the term, year 1: 12; year 2: 12"
    rent: Any = accumulate(named("rent_usd", leaf("term_escalation_ratio", *[1.0] * 24) * 2.0))
    text = with_numbers(rent, Timeline(parse_month("2027-01"), 24))
    assert text == "by year, from 2027-01: $24; 2028-01: $24", "though something below it has a term"


def test_a_sum_has_the_unit_of_what_it_adds() -> None:
    hidden = named("ph_days_of_a_kind", leaf("price_usd", 2.0) * leaf("x_ratio", 1.0))
    mined: Any = accumulate(leaf("monthly_btc_mined", 811.0, 2.0))
    assert with_numbers(mined, TIMELINE) == "811 BTC + 2 BTC"
    assert money(hidden * leaf("energy_mwh", 1.0)).name == "energy_mwh", "what is below a name does not count"
