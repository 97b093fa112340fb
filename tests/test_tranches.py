"""A term that the tranches of a plan share moves in all of them first, by a path with ``*``, and then one at a time."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.deals.financing import Financing
from minecalc.engine import evaluate
from minecalc.loading import ScenarioError, loads
from minecalc.randomness.streams import Sampler
from minecalc.scenario import Scenario
from minecalc.scenario.movables import movable, movables, movables_and_shared
from minecalc.scenario.places import NoPlaceError, expanded
from minecalc.scenario.varying import vary
from minecalc.simulation.world import World
from minecalc.solving.gap import Question
from minecalc.solving.solve import solve
from tests.cli.running import run

TEXT = """name: tranches
months: 84
site: {gross_mw: 50, electricity_price_usd_per_kwh: 0.05}
plans:
  mine: {kind: bitcoin_mining, uptime_fraction: 1, pool_fee_fraction: 0, opex_usd_per_mw_per_year: 0,
      hash_rate_eh_per_s: 2, efficiency_j_per_th: 20}
  lease:
    kind: colocation
    opex_fraction_of_rent: 0
    rent_usd_per_kw_per_month: 130
    conversion: {starts: 2027-03, ready: 2028-01, capex_usd_per_critical_mw: 5000000}
    financing:
      tranches:
        senior: {share_of_cost_fraction: 0.4, rate_fraction_per_year: 0.06, repayment: level, term_months: 60}
        junior notes: {amount_usd: 20000000, rate_fraction_per_year: 0.09, repayment: level, term_months: 60}
"""
RATES = "plans.lease.financing.tranches.*.rate_fraction_per_year"
SHARES, AMOUNTS = (f"plans.lease.financing.tranches.*.{name}" for name in ("share_of_cost_fraction", "amount_usd"))


def lent(*assignments: str) -> Scenario:
    return loads(TEXT, assignments)


def terms(scenario: Scenario) -> Financing:
    found = scenario.plans["lease"].inputs.financing
    assert found is not None
    return found


def rates(scenario: Scenario) -> list[float]:
    found = (tranche.rate_fraction_per_year for tranche in terms(scenario).tranches.values())
    return [float(np.asarray(rate.values(scenario.timeline))[0, 0]) for rate in found]


def test_what_tranches_share_comes_first_together_then_one_at_a_time() -> None:
    shared = movables_and_shared(lent())
    own = ["plans.lease.financing.tranches.senior", 'plans.lease.financing.tranches."junior notes"']
    name = "rate_fraction_per_year"
    assert [path for path in shared if path.endswith(name)][-3:] == [RATES, f"{own[0]}.{name}", f"{own[1]}.{name}"]
    assert [path for path in shared if "*" not in path] == list(movables(lent()))
    assert SHARES not in shared, "one tranche alone has a share"
    assert AMOUNTS not in shared
    assert shared["plans.lease.financing.tranches.*.term_months"].present == 60


def test_what_is_alike_moves_by_its_value_and_what_differs_by_a_scale() -> None:
    rate = movable(lent(), RATES)
    assert (rate.at, rate.present, rate.value) == (f"{RATES}.scale", 1.0, 0.06)
    assert rate.high * 0.09 == pytest.approx(2.0), "the dearer one is the first at the end of its range"


def test_every_tranche_that_has_the_input_is_varied_and_set() -> None:
    assert rates(lent(f"{RATES}=0.07")) == rates(vary(lent(), {RATES: 0.07})) == [0.07, 0.07]
    assert rates(lent("plans.*.financing.tranches.*.rate_fraction_per_year=0.07")) == [0.07, 0.07]
    assert rates(lent(f"{RATES}.scale=2")) == rates(vary(lent(), {f"{RATES}.scale": 2})) == [0.12, 0.18]
    for scenario in (lent(f"{SHARES}=0.5"), vary(lent(), {SHARES: 0.5}), lent(f"{SHARES}.scale=1.25")):
        given = [(one.share_of_cost_fraction, one.amount_usd) for one in terms(scenario).tranches.values()]
        assert given == [(0.5, None), (None, 20e6)], "a tranche that has an amount keeps it"
    assert [way[4] for way in expanded(lent(), tuple(RATES.split(".")))] == ["senior", "junior notes"]


def test_a_share_chosen_on_the_command_line_takes_an_amount_out() -> None:
    scenario = lent('plans.lease.financing.tranches."junior notes".share_of_cost_fraction=0.2')
    found = terms(scenario).tranches["junior notes"]
    assert (found.share_of_cost_fraction, found.amount_usd) == (0.2, None)


@pytest.mark.parametrize(
    ("assignment", "message", "advice"),
    [
        ("plans.mine.financing.tranches.*.term_months=12", "* stands for no name here", "every tranche after tranches"),
        ("plans.lease.financing.*=12", "* stands for no name here", "every tranche after tranches"),
        ("plans.lease.financing.tranches.*.rate=0.1", 'unknown key "rate"', "rate_fraction_per_year"),
        ("plans.lease.financing.tranches.senor.term_months=12", "there is no tranche senor", "did you mean senior?"),
        (
            "plans.lease.financing.tranches.mezzanine.term_months=12",
            "there is no tranche mezzanine",
            "it is one of senior, junior notes; a new tranche needs a repayment",
        ),
        (f"{RATES}.scale=many", "", "scale"),
    ],
)
def test_what_stands_for_nothing_is_refused(assignment: str, message: str, advice: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        lent(assignment)
    (first, *more) = raised.value.diagnostics
    assert message in first.message
    assert advice in f"{first.help} {first.message}"
    assert more == [] or message == ""


def test_a_new_tranche_may_be_set_whole_or_key_by_key() -> None:
    at = "plans.lease.financing.tranches.mezzanine"
    keys = ("share_of_cost_fraction=0.1", "rate_fraction_per_year=0.12", "repayment=bullet", "term_months=60")
    whole = f"{at}={{{', '.join(key.replace('=', ': ') for key in keys)}}}"
    for scenario in (lent(whole), lent(*(f"{at}.{key}" for key in keys))):
        assert list(terms(scenario).tranches) == ["senior", "junior notes", "mezzanine"]


def test_paths_that_stand_for_nothing_say_so() -> None:
    with pytest.raises(NoPlaceError, match=r"nothing that . stands for has gpu_count"):
        expanded(lent(), ("plans", "lease", "financing", "tranches", "*", "gpu_count"))
    with pytest.raises(ValueError, match="or of a tranche after tranches"):
        vary(lent(), {"plans.lease.financing.*": 1})


def test_the_rate_of_all_debt_at_which_it_is_just_covered_can_be_typed_back() -> None:
    solved = solve(lent(), RATES, Question("lease", None, "dscr_min_ratio", 1.3))
    setting = movable(lent(), RATES).setting(float(solved.x[0]))
    debt = evaluate(lent(setting)).plans["lease"].financed
    assert debt is not None
    assert float(debt.dscr_min_ratio[0]) == pytest.approx(1.3, abs=1e-9)


@pytest.mark.parametrize("path", [RATES, RATES.replace("lease", "*")])
def test_it_may_be_drawn_and_required(path: str) -> None:
    drawn = {"distribution": "uniform", "low": 0.05, "high": 0.1}
    scenario = lent(f'uncertainty={{inputs: {{"{path}": {drawn}}}}}')
    found = terms(World(scenario, Sampler(1)).paths(0).scenario).tranches.values()
    first, second = (np.asarray(one.rate_fraction_per_year.values(scenario.timeline)) for one in found)
    assert first.std() > 0.0
    assert second == pytest.approx(1.5 * first), "what differs keeps its ratio"
    assert len(lent(f'require=["{RATES} < 0.1"]').require) == 1


def test_the_screens_name_it() -> None:
    asked = ("--vary", f"{RATES}=0.05,0.08", "--metric", "dscr_min_ratio")
    shown = run("sweep", "-", *asked, stdin=TEXT.encode()).out
    assert "Interest rate (lease," in shown
    assert "all tranches)" in shown
