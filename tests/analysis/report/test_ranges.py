"""Pictures of break-evens go over round values about where plans draw level."""

from __future__ import annotations

import minecalc
from minecalc import load
from minecalc.analysis.report.ranges import Range, price_range, solved_input
from minecalc.scenario import Scenario
from tests.cli.running import ROOT


def ranged(name: str) -> tuple[Range | None, str | None]:
    scenario: Scenario = load(ROOT / "scenarios" / name)
    record = minecalc.compare(scenario).records[0]
    plan = next(one for one in record["plans"] if one["name"] == record["headline_plan"])
    over = price_range(scenario, plan)
    return over, None if over is None else solved_input(plan, over)


def test_a_price_goes_from_half_to_past_the_break_even_by_round_steps() -> None:
    over, own = ranged("archetypes/retrofit.yaml")  # level at 119,825 USD; 63,001 now
    assert over == Range(
        "market.btc_price_usd", "market.btc_price_usd=30000:150000:13", "market.btc_price_usd=30000:150000:13"
    )
    assert own == 'plans."retrofit both in turn".uses.*.rent_usd_per_kw_per_month'


def test_a_price_over_time_is_scaled() -> None:
    over, own = ranged("leases/core-scientific-coreweave.yaml")  # level at 3.68 times the path, which begins at 90,464
    assert over is not None
    assert over.vary == "market.btc_price_usd.scale=0.5:4.5:9"
    assert over.by == "market.btc_price_usd=45232:407088:9"
    assert own == 'plans."lease to CoreWeave".contract.value_usd'


def test_where_no_price_makes_it_level_an_input_of_the_plan_does() -> None:
    over, own = ranged("leases/whitefiber-nscale.yaml")
    assert over is not None
    assert over.path == 'plans."lease to Nscale".contract.value_usd'
    assert own is None
