"""Plans whose worth is one, by tax, one deal for several phases or charges at the site's meter, on each date.

A date's plan is a plan like any other, so the engine says what it is worth, and so do worlds of the moved scenario.
"""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.analysis.timing.answer import Asked, TimingNumbers
from minecalc.analysis.timing.project import DEBT, SITE_CHARGES, TAX, moved_dates
from minecalc.analysis.timing.records import data
from minecalc.analysis.timing.solved import NEVER, WAYS
from minecalc.engine import Engine, evaluate
from minecalc.randomness.streams import BLOCK_PATHS, Sampler
from minecalc.scenario import Scenario
from minecalc.scenario.varying import vary
from minecalc.simulation.world import World
from tests.analysis.timing.test_dated import dated, total
from tests.analysis.timing.test_walk import check
from tests.analysis.timing.waiting import LEASE, PHASES, answer, number, scenario, waiting

_LOAN = "amount_usd: 9e6, rate_fraction_per_year: 0.08, repayment: level, term_months: 36"
_BY_CASH = "dscr_ratio: 4, rate_fraction_per_year: 0.08, repayment: sculpted, term_months: 36"
_FINANCED = "    financing: {{every_months: 3, equity_rate_fraction_per_year: 0.2, tranches: {{bank: {{{}}}}}}}\n"
_TAX = "tax: {rate_fraction: 0.25, loss_limit_fraction: 0.8}\n"
_SURE = "uncertainty: {others: fixed}\n"

_BANK = PHASES + _FINANCED.format(_LOAN)
_CHARGED = PHASES.replace("per_kwh: 0.03}", "per_kwh: 0.03, demand_charge_usd_per_kw_per_month: 5}")
_TAXED = PHASES + _FINANCED.format(_BY_CASH) + _TAX


def moved(given: Scenario, text: str, months: int) -> Scenario:
    """``given`` with all conversions of ``halls`` in ``text`` so much later."""
    phases, found = waiting(text, "halls").phases, given
    for phase in phases:
        found = vary(found, moved_dates(phase, given, months))
    return found


@pytest.mark.parametrize(
    ("text", "joined_by", "corner"),
    [
        (PHASES + _TAX, (TAX,), "after_tax"),
        (_BANK, (DEBT,), "levered"),
        (_TAXED, (TAX, DEBT), "to_equity"),
        (_CHARGED, (SITE_CHARGES,), "unlevered"),
    ],
)
def test_without_uncertainty_each_date_is_the_moved_plan_as_compare_has_it(
    text: str, joined_by: tuple[str, ...], corner: str
) -> None:
    text += _SURE
    found, given = answer(text, "halls", paths=256), scenario(text)
    assert (found.project.joined_by, found.project.corner) == (joined_by, corner)
    never = float(evaluate(given).plans["mine"].npv_at_scenario_rate_usd[0])
    for months, on_date in zip(found.project.delays, found.whole.by_date, strict=True):
        later = evaluate(moved(given, text, months)).plans["halls"]
        assert later.deepest == corner
        npv = float(later.npv_at_scenario_rate_usd[0])
        assert number(on_date.npv.number) == pytest.approx(npv, rel=1e-9)
        assert number(on_date.over_never.number) == pytest.approx(npv - never, rel=1e-9)
    lead = evaluate(given).lead_usd("halls")
    assert number(found.whole.ways["now"].over_never.number) == pytest.approx(lead, rel=1e-9)
    assert [step.name for step in found.steps[:2]] == ["scenario", "now"], "never is the baseline, taxed alike"
    check(found)


@pytest.mark.parametrize("text", [_BANK, _BANK + _TAX, _CHARGED])
def test_worlds_of_a_date_are_those_of_the_moved_scenario(text: str) -> None:
    """At a rent that does not move, so that nothing is signed; a deal of a given amount is the same on every date."""
    text += "uncertainty: {rent_usd_per_kw_per_month: fixed}\n"
    of, given = dated(text, "halls"), scenario(text)
    block = of.block(0)
    assert not of.project.signed_later
    for months in of.project.delays:
        worlds = World(moved(given, text, months), Sampler(1)).paths(0).scenario
        expected = Engine(worlds).evaluate(worlds.plans["halls"]).npv_at_scenario_rate_usd
        np.testing.assert_allclose(total(block, of, months), expected, rtol=1e-9)
    mine = Engine(worlds).evaluate(worlds.plans["mine"]).npv_at_scenario_rate_usd
    np.testing.assert_allclose(block.rest + np.sum(block.staying, axis=(0, 1)), mine, rtol=1e-9)


def test_converting_now_has_the_deal_that_the_simulation_has() -> None:
    """Closed once, on the scenario as it stands; and the lease is the scenario's."""
    of = dated(_TAXED, "halls")
    worlds = World(scenario(_TAXED), Sampler(1)).paths(0).scenario
    expected = Engine(worlds).evaluate(worlds.plans["halls"]).npv_at_scenario_rate_usd
    np.testing.assert_allclose(total(of.block(0), of, 0), expected, rtol=1e-9)


def same(ours: TimingNumbers, theirs: TimingNumbers, rel: float) -> None:
    """Every way and every date is worth the same, within so much of what the plan is worth."""
    size = abs(number(theirs.whole.ways[NEVER].npv.number))
    pairs = [(ours.whole.ways[way], theirs.whole.ways[way]) for way in WAYS]
    for our, their in [*pairs, *zip(ours.whole.by_date, theirs.whole.by_date, strict=True)]:
        for one, other in zip(our, their, strict=True):
            assert number(one.number) == pytest.approx(number(other.number), abs=rel * size)


@pytest.mark.parametrize(("text", "plan"), [(LEASE, "lease"), (PHASES, "halls")])
def test_tax_at_a_rate_of_zero_is_none(text: str, plan: str) -> None:
    """The whole plan's worth is the sum of its phases', each signed on the date and started in its own month."""
    taxed = answer("tax: {rate_fraction: 0}\n" + text, plan)
    assert taxed.project.joined_by == (TAX,)
    same(taxed, answer(text, plan), 1e-12)


def test_two_phases_with_one_deal_are_one_use_with_it() -> None:
    """The same plan written twice: the one adds up and the other is valued as a whole."""
    hall = """{kind: colocation, opex_fraction_of_rent: 0, gross_mw: %d, rent_usd_per_kw_per_month: 100,
          tenant_pays_power: true,
        conversion: {starts: 2027-03, ready: 2027-06, capex_usd_per_critical_mw: 1_000_000, meanwhile: mine}}\n"""
    begins = PHASES.index("      north:")
    one, two = (
        PHASES[:begins] + "".join(f"      {name}: {hall % mw}" for name in names) + _FINANCED.format(_BY_CASH)
        for names, mw in ((["whole"], 20), (["north", "south"], 10))
    )
    joined, alone = answer(two, "halls"), answer(one, "halls")
    assert (joined.project.joined_by, alone.project.joined_by) == ((DEBT,), ())
    same(joined, alone, 1e-9)


def test_phases_and_the_way_back_are_left_out() -> None:
    found = answer(_BANK + _TAX, "halls", paths=256, back=1e5)
    assert (found.by_phase, found.back) == (None, None)
    assert found.asked.dates == found.project.delays
    record = data(found)
    assert (record["corner"], record["valued_together"]) == ("to_equity", ["tax", "debt"])
    assert (record["by_phase"], record["switch_back"]) == (None, None)
    added_up = data(answer(PHASES, "halls"))
    assert (added_up["corner"], added_up["valued_together"]) == ("unlevered", [])


def test_nothing_runs_on_where_nothing_runs_until_then() -> None:
    """Then never is the site alone, whose charges are of what draws nothing."""
    idle = LEASE.replace(", meanwhile: mine", "").replace("site: {", "baseline: lease\nsite: {")
    site = "per_kwh: 0.0, demand_charge_usd_per_kw_per_month: 5, fixed_cost_usd_per_year: 1e6"
    found = answer(idle.replace("per_kwh: 0.0", site), "lease", paths=256)
    assert found.project.joined_by == (SITE_CHARGES,)
    cost = np.full(60, 1e6 / 12) * 1.1 ** (-np.arange(1, 61) / 12)
    assert found.certain_usd[1] == pytest.approx(-float(np.sum(cost)), rel=1e-9)


def test_tax_of_one_plan_alone_decides_nothing() -> None:
    """As in compare, which sets no plan after tax beside one that pays none."""
    own = PHASES + "    tax: {rate_fraction: 0.25}\n"
    assert waiting(own, "halls").corner == "unlevered"
    same(answer(own, "halls"), answer(PHASES, "halls"), 0.0)


def test_what_is_drawn_of_tax_is_drawn() -> None:
    rate = "  inputs: {tax.rate_fraction: {distribution: uniform, low: 0.1, high: 0.4}}\n"
    of = Asked(waiting(_TAX + LEASE + rate, "lease"), BLOCK_PATHS, 1).dated
    block = of.block(0)
    assert np.isfinite(block.converted).all()
    assert np.std(block.rest + block.staying.sum(axis=(0, 1))) > 0.0
