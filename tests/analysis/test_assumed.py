"""What readers of anything simulated are told: why the mean is another world."""

from __future__ import annotations

from minecalc.analysis.assumed import assumed, one_world, stops_assumed, stops_chosen
from minecalc.document import Note
from minecalc.looks import sentence
from tests.analysis.simulate.worlds import CERTAIN, answer


def told(*assignments: str) -> str:
    found = answer(*assignments)
    world = found.world
    notes: list[Note] = [assumed(found.assumptions), *one_world(found.scenario, world.uncertain)]
    notes += [*stops_chosen(world.stops_fixed), *stops_assumed(world.stops_assumed)]
    return "\n".join(sentence(part) for note in notes for part in (note.text, *note.bullets))


def test_why_the_mean_is_not_the_scenarios_figure() -> None:
    text = told()
    assert "its BTC price is the median of the simulated ones, whose mean lies above it (path_is: median)." in text
    assert "delay, building cost and defaults of tenants mostly go one way." in text
    mean = told("uncertainty.btc_price_usd={path_is: mean}", "uncertainty.tenant_default=fixed")
    assert "its BTC price is the median" not in mean
    assert "delay and building cost mostly go one way." in mean
    assert "not the average" not in told(CERTAIN)
    assert "machines that earn less than their power shut off" in text


def test_a_note_on_the_mean_is_there_only_where_it_holds() -> None:
    assert "shut off" not in told("plans.mine.curtail=false")
    lease_alone = "uncertainty={others: fixed, delay_months: {distribution: pert, low: 0, mode: 2, high: 18}}"
    assert "shut off" not in told(lease_alone)
    assert "delay mostly goes one way." in told(lease_alone)
    still = (
        "uncertainty={others: fixed, btc_price_usd: {volatility_fraction_per_year: 0, trend_sd_fraction_per_year: 0}}"
    )
    assert "not the average" not in told(still)
    even = "uncertainty={others: fixed, capex_usd_per_critical_mw: {distribution: uniform, low: 0.8, high: 1.2}}"
    assert "one way" not in told(even)
    never = "uncertainty={others: fixed, tenant_default: {probability_fraction_per_year: 0}}"
    assert "one way" not in told(never)
