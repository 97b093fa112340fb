"""Hut 8's two bonds as the product repays them, against what the published terms come to by hand.

Published are amount, coupon, a full repayment in thirty half-yearly payments, and the average income of the lease, with
a rent that rises by 3% a year. Ours is the calendar: equal halves of a year, the first payment six months after the
first rent.
The expected figures were computed twice, in closed form and by replay of the loan, which agreed to 1e-12.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import pytest

from minecalc.engine import PlanEvaluation, evaluate
from minecalc.loading import load, loads
from minecalc.reference import Financing, financings
from minecalc.scenario import Scenario
from minecalc.timeline import parse_month

YEARS, GROWTH, HALVES = 15, 1.03, 30


@dataclass(frozen=True)
class Filed:
    """A bond on record, the average income that pays it, and what follows."""

    record: str
    noi_usd_per_year: float
    sculpted_dscr_ratio: float
    level_first_dscr_ratio: float
    level_payment_usd: float
    level_life_years: float

    @property
    def amount_usd(self) -> float:
        amount = financings()[self.record].amount_usd
        assert amount is not None
        return amount

    @property
    def rate(self) -> float:
        """Of half a year."""
        rate = financings()[self.record].rate_fraction_per_year
        assert rate is not None
        return rate / 2

    @property
    def income_usd(self) -> list[float]:
        """Of each half-year."""
        growth = [GROWTH**year for year in range(YEARS)]
        return [self.noi_usd_per_year * YEARS / math.fsum(growth) * growth[half // 2] / 2 for half in range(HALVES)]


RIVER_BEND = Filed("hut8-river-bend-2042", 454e6, 1.307750877360, 1.090533068078, 167876804.32, 8.876486432112)
BEACON_POINT = Filed("hut8-beacon-point-2042", 655e6, 1.449130, 1.208031480788, 218643579.01, 8.865499104231)
each_bond = pytest.mark.parametrize("bond", [RIVER_BEND, BEACON_POINT], ids=lambda bond: bond.record)


def financed(bond: Filed, repayment: str) -> PlanEvaluation:
    """A lease with that income, built in a day before the first rent, and the bond on it."""
    scenario = loads(f"""
name: {bond.record}
start: 2027-01
months: 180
site: {{gross_mw: 100, electricity_price_usd_per_kwh: 0.05}}
plans:
  lease:
    kind: colocation
    critical_per_gross_fraction: 0.5
    contract: {{value_usd: {bond.noi_usd_per_year * YEARS}, term_years: {YEARS}}}
    escalator_fraction_per_year: 0.03
    opex_fraction_of_rent: 0
    conversion: {{starts: 2027-01, ready: 2027-01, capex_usd_per_critical_mw: {bond.amount_usd / 50}}}
    financing:
      tranches:
        bond:
          amount_usd: {bond.amount_usd}
          rate_fraction_per_year: {2 * bond.rate}
          repayment: {repayment}
          term_months: 180
""")
    return evaluate(scenario).plans["lease"]


def by_date(plan: PlanEvaluation) -> tuple[list[float], list[float]]:
    """CFADS and debt service of the thirty dates."""
    assert plan.financed is not None
    dates = slice(6, 181, 6)
    return plan.financed.period_cfads_usd[dates, 0].tolist(), plan.financed.service_usd[dates, 0].tolist()


@each_bond
def test_a_lease_earns_what_was_published(bond: Filed) -> None:
    cfads, _ = by_date(financed(bond, "level"))
    assert cfads == pytest.approx(bond.income_usd, rel=1e-12)
    assert math.fsum(cfads) / YEARS == pytest.approx(bond.noi_usd_per_year, rel=1e-12)


@each_bond
def test_sculpted_it_is_covered_alike_on_every_date(bond: Filed) -> None:
    plan = financed(bond, "sculpted")
    cfads, service = by_date(plan)
    covered = [earned / paid for earned, paid in zip(cfads, service, strict=True)]
    worth = math.fsum(usd / (1 + bond.rate) ** (half + 1) for half, usd in enumerate(bond.income_usd))
    assert covered == pytest.approx([worth / bond.amount_usd] * HALVES, rel=1e-9)
    assert covered[0] == pytest.approx(bond.sculpted_dscr_ratio, abs=5e-7)


@each_bond
def test_in_equal_payments_the_first_is_covered_least(bond: Filed) -> None:
    plan = financed(bond, "level")
    cfads, service = by_date(plan)
    payment = bond.amount_usd * bond.rate / (1 - (1 + bond.rate) ** -HALVES)
    assert service == pytest.approx([payment] * HALVES, rel=1e-9)
    assert payment == pytest.approx(bond.level_payment_usd, abs=0.01)
    covered = [earned / paid for earned, paid in zip(cfads, service, strict=True)]
    assert covered[0] == min(covered) == pytest.approx(bond.level_first_dscr_ratio, rel=1e-9)


SCENARIOS = Path(__file__).parents[1] / "scenarios"

#: The records behind the tranches of shipped scenarios; of the others the rate is of no record.
AS_FILED = {
    "leases/applied-digital-oracle": {"notes": "applied-pf2-2031"},
    "leases/cipher-fluidstack": {"notes": "cipher-compute-2030"},
    "leases/core-scientific-coreweave": {"notes": "core-scientific-2031"},
    "leases/galaxy-helios": {"term loan": "galaxy-helios-1"},
    "leases/hut8-beacon-point": {"bond": "hut8-beacon-point-2042"},
    "leases/hut8-river-bend": {"bond": "hut8-river-bend-2042"},
    "leases/iren-microsoft": {"notes": "iren-microsoft-notes", "delayed-draw loan": "iren-microsoft-loan"},
    "leases/terawulf-fluidstack": {"notes": "wulf-compute-2030"},
    "systems/northern-data": {"Tether loan": "northern-data-tether"},
}

#: What stands in files for a rate that was not published: SOFR at IREN's swapped 3.8% + margin, and a judgement.
ASSUMED = {"galaxy-helios-1": 0.038 + 0.0475, "iren-microsoft-loan": 0.038 + 0.0225, "northern-data-tether": 0.10}

#: What stands for an amount that was not published in USD.
CONVERTED = {"northern-data-tether": 575e6 * 1.08}


def test_every_shipped_financing_is_on_record_or_of_an_archetype() -> None:
    found = {
        file.relative_to(SCENARIOS).with_suffix("").as_posix()
        for file in SCENARIOS.glob("*/*.yaml")
        if any(plan.inputs.financing is not None for plan in load(file).plans.values())
    }
    assert {name for name in found if not name.startswith("archetypes/")} == {*AS_FILED}
    assert len(found) - len(AS_FILED) == 2


@pytest.mark.parametrize("name", AS_FILED)
def test_a_shipped_financing_is_the_record_that_its_file_names(name: str) -> None:
    file = SCENARIOS / f"{name}.yaml"
    scenario, text = load(file), file.read_text(encoding="utf-8")
    lent = [plan.inputs.financing for plan in scenario.plans.values() if plan.inputs.financing is not None]
    assert lent
    for financing in lent:
        assert set(financing.tranches) == set(AS_FILED[name])
        for tranche, record in AS_FILED[name].items():
            terms, filed = financing.tranches[tranche], financings()[record]
            assert record in text
            rate = filed.rate_fraction_per_year or ASSUMED[record]
            assert terms.rate_fraction_per_year.values(scenario.timeline) == pytest.approx(rate, abs=1e-4)
            if terms.amount_usd is not None:
                assert terms.amount_usd == filed.amount_usd or terms.amount_usd == CONVERTED[record]
            assert 1.0 - terms.discount_fraction == pytest.approx(filed.issue_price_fraction or 1.0)
            _is_due_when_filed(scenario, float(terms.term_months), filed)


def _is_due_when_filed(scenario: Scenario, term_months: float, filed: Financing) -> None:
    """The last payment is within half a year of the maturity, of which a year alone means its middle."""
    if not filed.maturity:
        return
    ready = max(
        int(use.inputs.conversion.ready_in(scenario.timeline))
        for plan in scenario.plans.values()
        for use in plan.uses
        if use.inputs.conversion
    )
    last = parse_month(scenario.start) + ready - 1 + term_months
    due = parse_month(filed.maturity[:7] if filed.maturity[4:] else f"{filed.maturity}-07")
    assert abs(last - due) <= 6, filed.id
