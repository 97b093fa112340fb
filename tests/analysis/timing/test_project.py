"""Which uses may wait, for how long, and what waiting makes of a scenario."""

from __future__ import annotations

import pytest

from minecalc.analysis.timing.project import converting, longest_wait_months, moved_dates, project
from minecalc.engine import evaluate
from minecalc.scenario.varying import vary
from minecalc.simulation.relevance import uncertain
from minecalc.uses.meanwhile import Meanwhile
from tests.analysis.timing.waiting import LEASE, PHASES, scenario, waiting
from tests.by_hand import terms

_CONTRACT = LEASE.replace("rent_usd_per_kw_per_month: 115", "contract: {value_usd: 30_000_000, term_years: 3}").replace(
    "opex_fraction_of_rent: 0\n", "opex_fraction_of_rent: 0.1\n"
)


def test_only_plans_with_a_conversion_can_wait() -> None:
    assert converting(scenario(PHASES)) == ["halls"]
    assert converting(scenario(LEASE, "plans={mine: {kind: bitcoin_mining, hash_rate_eh_per_s: 0.5}}")) == []


def test_phases_stand_in_the_order_of_their_starts() -> None:
    found = waiting(PHASES, "halls")
    assert [phase.name for phase in found.phases] == ["north", "south"]
    assert [(phase.starts, phase.ready, phase.after_months) for phase in found.phases] == [(3, 6, 0), (9, 12, 6)]
    assert [use.name for use in found.uses] == ["north", "south"]
    assert found.gross_mw == 20.0
    assert found.delays == (0, 12, 24)
    assert [found.label(months) for months in found.delays] == ["2027-01", "2028-01", "2029-01"]
    later = waiting(
        PHASES,
        "halls",
        "plans.halls.uses.north.conversion.starts=2027-10",
        "plans.halls.uses.north.conversion.ready=2027-12",
    )
    assert [(phase.name, phase.after_months) for phase in later.phases] == [("south", 0), ("north", 1)]


def test_all_that_may_wait_is_ready_before_the_horizon_ends() -> None:
    found = scenario(PHASES)
    assert longest_wait_months(found, found.plans["halls"]) == 72 - 12
    phase = waiting(PHASES, "halls").phases[1]
    last = vary(found, moved_dates(phase, found, 60))
    assert terms(last.plans["halls"].uses[1]).conversion.ready == "2032-12"
    assert terms(last.plans["halls"].uses[1]).conversion.starts == "2032-09"


def test_the_baseline_runs_until_then_where_nothing_else_is_named() -> None:
    silent = LEASE.replace(", meanwhile: mine", "")
    found = waiting(silent, "lease")
    assert found.assumed_meanwhile == "mine"
    assert terms(found.plan.uses[0]).conversion.meanwhile == Meanwhile("mine")
    assert found.idle == ()
    assert waiting(LEASE, "lease").assumed_meanwhile == ""


def test_a_prepayment_stays_a_share_of_the_contracts_value_whatever_the_term_of_its_rents() -> None:
    text = _CONTRACT.replace(
        "term_years: 3}", "term_years: 3}\n    prepayment: {fraction: 0.3, credited_years: [1, 2]}\n    term_months: 40"
    )
    given, found = scenario(text), waiting(text, "lease")
    use = found.plan.uses[0]
    assert terms(use).contract is None
    assert terms(use).term_months == 40
    for name in ("prepayment_received_usd", "prepayment_credited_usd"):
        ours, theirs = (
            next(line.usd for line in evaluate(of).plans["lease"].flows.lines if line.name == name)
            for of in (found.scenario, given)
        )
        assert ours == pytest.approx(theirs, rel=1e-12)
        assert ours.any()


def test_a_baseline_that_does_more_than_mine_runs_nowhere_else() -> None:
    silent = LEASE.replace(", meanwhile: mine", "").replace("site: {", "baseline: lease\nsite: {")
    found = waiting(silent, "lease")
    assert (found.assumed_meanwhile, found.idle) == ("", ("lease",))


def test_a_lease_is_signed_at_the_market_of_the_decision() -> None:
    found = waiting(PHASES, "halls")
    assert found.signed_later
    rent = uncertain(found.scenario).factors["rent_usd_per_kw_per_month"]
    assert rent.model_dump()["signed"] == "at_conversion"
    assert not waiting(LEASE, "lease").signed_later, "its market rent is fixed"
    own = PHASES + "uncertainty: {rent_usd_per_kw_per_month: {signed: at_ready}}\n"
    kept = waiting(own, "halls")
    assert not kept.signed_later, "the scenario says itself when"
    assert uncertain(kept.scenario).factors["rent_usd_per_kw_per_month"].model_dump()["signed"] == "at_ready"


def test_a_contract_is_read_as_its_rent() -> None:
    given = scenario(_CONTRACT)
    found = project(given, "lease", 12, 24)
    inputs = terms(found.plan.uses[0])
    assert inputs.contract is None
    assert inputs.term_months == 36.0
    assert inputs.rent_usd_per_kw_per_month == pytest.approx(30e6 / 36 / 7000)
    ours, theirs = (float(evaluate(each).plans["lease"].npv_usd[0]) for each in (found.scenario, given))
    assert ours == pytest.approx(theirs, rel=1e-12)


def test_a_contract_whose_value_is_drawn_stays_one() -> None:
    drawn = _CONTRACT + "  inputs: {plans.lease.contract.value_usd: {distribution: uniform, low: 2e7, high: 4e7}}\n"
    assert terms(waiting(drawn, "lease").plan.uses[0]).contract is not None
