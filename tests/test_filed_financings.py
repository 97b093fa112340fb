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

from minecalc.deals.financing import Tranche
from minecalc.engine import PlanEvaluation, evaluate
from minecalc.figures import debt_figures
from minecalc.loading import load, loads
from minecalc.reference.financings import Financing, financings
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
    sculpted_life_years: float | None
    level_payment_usd: float
    level_average_dscr_ratio: float
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


RIVER_BEND = Filed(
    record="hut8-river-bend-2042",
    noi_usd_per_year=454e6,
    sculpted_dscr_ratio=1.3077508773603383,
    level_first_dscr_ratio=1.0905330680775986,
    sculpted_life_years=9.72676319919783,
    level_payment_usd=167876804.31994357,
    level_average_dscr_ratio=1.3521820415843637,
    level_life_years=8.876486432112442,
)
BEACON_POINT = Filed(
    record="hut8-beacon-point-2042",
    noi_usd_per_year=655e6,
    sculpted_dscr_ratio=1.449130,
    level_first_dscr_ratio=1.2080314807880055,
    sculpted_life_years=None,
    level_payment_usd=218643579.01393234,
    level_average_dscr_ratio=1.497871565572622,
    level_life_years=8.865499104231459,
)
each_bond = pytest.mark.parametrize("bond", [RIVER_BEND, BEACON_POINT], ids=lambda bond: bond.record)


def lent(amount_usd: float, noi_usd_per_year: float, tranche: str) -> PlanEvaluation:
    """A lease with that average income, built in a day before the first rent, and one tranche on it."""
    scenario = loads(f"""
name: as filed
start: 2027-01
months: 180
site: {{gross_mw: 100, electricity_price_usd_per_kwh: 0.05}}
plans:
  lease:
    kind: colocation
    critical_per_gross_fraction: 0.5
    contract: {{value_usd: {noi_usd_per_year * YEARS}, term_years: {YEARS}}}
    escalator_fraction_per_year: 0.03
    opex_fraction_of_rent: 0
    conversion: {{starts: 2027-01, ready: 2027-01, capex_usd_per_critical_mw: {1.01 * amount_usd / 50}}}
    financing: {{tranches: {{debt: {{amount_usd: {amount_usd}, {tranche}}}}}}}
""")
    return evaluate(scenario).plans["lease"]


def financed(bond: Filed, repayment: str) -> PlanEvaluation:
    """The bond on its lease, repaid half-yearly over the term of the lease."""
    terms = f"rate_fraction_per_year: {2 * bond.rate}, repayment: {repayment}, term_months: 180"
    return lent(bond.amount_usd, bond.noi_usd_per_year, terms)


def figure(plan: PlanEvaluation, name: str) -> float:
    """A figure of the plan's debt by its name."""
    (found,) = (each.measure(plan).number() for each in debt_figures.FIGURES if each.name == name)
    assert found is not None
    return found


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
    for name in ("dscr_min_ratio", "dscr_average_ratio", "llcr_ratio", "plcr_ratio"):
        assert figure(plan, name) == pytest.approx(bond.sculpted_dscr_ratio, abs=5e-7), name
    if bond.sculpted_life_years is not None:
        assert figure(plan, "average_life_years") == pytest.approx(bond.sculpted_life_years, rel=1e-9)
    assert figure(plan, "all_in_cost_fraction_per_year") == pytest.approx((1 + bond.rate) ** 2 - 1, rel=1e-9)


@each_bond
def test_in_equal_payments_the_first_is_covered_least(bond: Filed) -> None:
    plan = financed(bond, "level")
    cfads, service = by_date(plan)
    payment = bond.amount_usd * bond.rate / (1 - (1 + bond.rate) ** -HALVES)
    assert service == pytest.approx([payment] * HALVES, rel=1e-9)
    assert payment == pytest.approx(bond.level_payment_usd, abs=0.01)
    covered = [earned / paid for earned, paid in zip(cfads, service, strict=True)]
    assert covered[0] == min(covered) == pytest.approx(bond.level_first_dscr_ratio, rel=1e-9)
    assert figure(plan, "dscr_min_ratio") == pytest.approx(bond.level_first_dscr_ratio, rel=1e-9)
    assert figure(plan, "dscr_average_ratio") == pytest.approx(bond.level_average_dscr_ratio, rel=1e-9)
    assert figure(plan, "average_life_years") == pytest.approx(bond.level_life_years, rel=1e-9)


@pytest.mark.parametrize(
    ("record", "nominal"),
    [
        ("applied-pf1-2030", 0.10027547277242532),
        ("applied-pf2-2031", 0.072338),
        ("cipher-compute-tap", 0.07064781122760766),
    ],
)
def test_a_price_off_par_is_a_part_of_what_the_notes_cost(record: str, nominal: float) -> None:
    """As a bullet of five years, since their schedules are not public; half-yearly, so nominal is twice the half."""
    filed = financings()[record]
    assert filed.issue_price_fraction is not None
    terms = f"rate_fraction_per_year: {filed.rate_fraction_per_year}, repayment: bullet, term_months: 60"
    plan = lent(1e9, 1e9, f"{terms}, discount_fraction: {1 - filed.issue_price_fraction}")
    effective = figure(plan, "all_in_cost_fraction_per_year")
    assert 2 * (math.sqrt(1 + effective) - 1) == pytest.approx(nominal, abs=5e-7)


def test_interest_that_is_due_at_the_horizon_is_no_principal() -> None:
    """River Bend's bond at the horizon of its file, a month after a date, when a part is still owed.

    Payments begin in May 2028, fourteen months after the halls are ready.
    """
    plan = evaluate(load(SCENARIOS / "leases/hut8-river-bend.yaml")).plans["lease at financed cost"]
    rate, payments, operates = RIVER_BEND.rate, 30, 120 - 15
    owed, weighed = 1.0, 0.0
    payment = rate / (1 - (1 + rate) ** -payments)
    for month in range(14, operates, 6):
        principal = payment - owed * rate
        owed, weighed = owed - principal, weighed + principal * month / 12
    life = weighed + owed * operates / 12
    assert figure(plan, "average_life_years") == pytest.approx(life, rel=1e-9)


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
            _is_due_when_filed(scenario, terms, filed)


def _is_due_when_filed(scenario: Scenario, terms: Tranche, filed: Financing) -> None:
    """The last payment is in the month of the maturity, or within half a year of it; a year alone means its middle."""
    if not filed.maturity:
        return
    if terms.term_months is None:
        assert terms.maturity == filed.maturity[:7]
        return
    ready = max(
        int(use.inputs.conversion.ready_in(scenario.timeline))
        for plan in scenario.plans.values()
        for use in plan.uses
        if use.inputs.conversion
    )
    last = parse_month(scenario.start) + ready - 1 + float(terms.term_months)
    due = parse_month(filed.maturity[:7] if filed.maturity[4:] else f"{filed.maturity}-07")
    assert abs(last - due) <= 6, filed.id
