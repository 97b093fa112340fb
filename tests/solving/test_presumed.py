"""Whether an answer rests on a published figure that the file does not give."""

from __future__ import annotations

import pytest

from minecalc.engine import evaluate
from minecalc.loading import loads
from minecalc.scenario import Scenario
from minecalc.solving.presumed import presumed, turnings
from minecalc.varying import vary

TEXT = """
name: rests on the cost of halls
months: 120
site: {gross_mw: 10, electricity_price_usd_per_kwh: 0.05}
market: {hash_price_usd_per_ph_per_day: 35}
plans:
  off: {kind: bitcoin_mining, hash_rate_eh_per_s: 0, uptime_fraction: 1, pool_fee_fraction: 0,
    opex_usd_per_mw_per_year: 0}
  lease: {kind: colocation, rent_usd_per_kw_per_month: RENT}
"""


def scenario(rent: float) -> Scenario:
    return loads(TEXT.replace("RENT", str(rent)))


def test_what_is_presumed_is_what_was_chosen_from_published_values() -> None:
    assert [one.path for one in presumed(scenario(130))] == [
        "plans.lease.capex_usd_per_critical_mw",
        "plans.lease.opex_fraction_of_rent",
    ]


def test_an_answer_that_turns_within_the_published_range() -> None:
    """The rents of ten years pay for halls of some 9 million USD per critical MW, and opex of a fifth is too much."""
    found = {one.default.path: one.values for one in turnings(scenario(148), "lease", "off")}
    (capex,) = found["plans.lease.capex_usd_per_critical_mw"]
    assert 8e6 < capex < 13.2e6
    level = vary(scenario(148), {"plans.lease.capex_usd_per_critical_mw": capex})
    assert evaluate(level).difference_npv_usd("lease")[0] == pytest.approx(0, abs=1)


def test_an_answer_that_nothing_published_turns() -> None:
    assert turnings(scenario(400), "lease", "off") == []
    with pytest.raises(ValueError, match="there is no plan halls"):
        turnings(scenario(400), "halls", "off")
