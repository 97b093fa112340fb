"""The tree of inputs: what a class declares is found, varied, traced, explained, diffed, completed and defaulted."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import ClassVar, NamedTuple

import numpy as np
import pytest

from minecalc.analysis.diff.changes import differences
from minecalc.businesses import bitcoin_mining
from minecalc.cli._settable import settable
from minecalc.loading import Reading, load, loads, read_bytes
from minecalc.loading.origins import Origins, defaulted
from minecalc.scenario import Plans, PlanTerms, Scenario
from minecalc.scenario.movables import movable, movables
from minecalc.scenario.places import NoPlaceError, changed, group_at, place_at, places, replaced
from minecalc.scenario.site import Site
from minecalc.scenario.traced import traced
from minecalc.scenario.varying import vary
from minecalc.schema.fields import anything, number, text
from minecalc.schema.names import split_path
from minecalc.solving.told import refusal
from minecalc.trace import Traced
from minecalc.values.paths import Month, TimedInputs, ValueOverTime, over_time
from tests.by_hand import terms
from tests.cli.running import TEXAS

TEXT = """name: it
months: 24
site: {gross_mw: 10, electricity_price_usd_per_kwh: 0.05}
plans:
  mine: {kind: bitcoin_mining, uptime_fraction: 1, pool_fee_fraction: 0, opex_usd_per_mw_per_year: 0,
      hash_rate_eh_per_s: 1, efficiency_j_per_th: 10, pue_ratio: 1}
"""


class Loan(TimedInputs):
    """A class of inputs that no other file knows."""

    month_fields: ClassVar[frozenset[str]] = frozenset({"drawn"})

    rate_fraction_per_year: float = number(low=0, high=1, default=0.1, default_source="a bank", help="interest")
    fee_usd_per_month: ValueOverTime = over_time(low=0, high=1e6, default=5, help="what the bank takes")
    drawn: Month = text(default="2027-03", help="month in which it is paid out")


class LoanPlan(PlanTerms):
    """What a plan may say, and a loan."""

    loan: Loan = anything(default=None, help="a loan")


class LoanSite(Site):
    """A site with a loan."""

    loan: Loan = anything(default=None, help="a loan")


class LoanUse(bitcoin_mining.Inputs):
    """A fleet with a loan."""

    loan: Loan = anything(default=None, help="a loan")


class Hung(NamedTuple):
    """Where a loan was hung into a scenario, and the reading of that."""

    at: str
    reading: Reading

    @property
    def scenario(self) -> Scenario:
        """The scenario that was read."""
        assert self.reading.scenario is not None
        return self.reading.scenario


def hung(where: str, loan: Loan) -> Hung:
    reading = read_bytes(TEXT.encode(), "it.yaml", Path())
    scenario = reading.scenario
    assert scenario is not None
    plan = scenario.plans["mine"]
    (use,) = plan.uses
    match where:
        case "site":
            site = LoanSite.model_construct(scenario.site.model_fields_set, **vars(scenario.site), loan=loan)
            changed = scenario.model_copy(update={"site": site})
        case "plan":
            plan = plan._replace(inputs=LoanPlan.model_construct(set(), **vars(plan.inputs), loan=loan))
            changed = scenario.model_copy(update={"plans": Plans({"mine": plan})})
        case _:
            inputs = LoanUse.model_construct(use.inputs.model_fields_set, **vars(use.inputs), loan=loan)
            plan = plan._replace(uses=(use._replace(inputs=inputs),))
            changed = scenario.model_copy(update={"plans": Plans({"mine": plan})})
    return Hung("site.loan" if where == "site" else "plans.mine.loan", reading._replace(scenario=changed))


@pytest.fixture(params=["site", "plan", "use"])
def one(request: pytest.FixtureRequest) -> Hung:
    return hung(request.param, Loan())


def test_a_made_up_class_of_inputs_is_found_and_moved(one: Hung) -> None:
    found = movables(one.scenario)
    assert [path for path in found if path.startswith(one.at)] == [
        f"{one.at}.rate_fraction_per_year",
        f"{one.at}.fee_usd_per_month",
        f"{one.at}.drawn",
    ]
    rate = movable(one.scenario, f"{one.at}.rate_fraction_per_year")
    assert (rate.present, rate.low, rate.high) == (0.1, 0, 1)
    assert refusal(one.scenario, rate, 0.2) is None
    assert "must lie in 0..1" in str(refusal(one.scenario, rate, 2.0))


def test_a_made_up_class_of_inputs_is_varied_in_columns(one: Hung) -> None:
    rates, fees, months = [0.1, 0.2], [1.0, 2.0], ["2027-01", "2027-02"]
    columns: dict[str, list[float] | list[str]] = {
        "rate_fraction_per_year": rates,
        "fee_usd_per_month": fees,
        "drawn": months,
    }
    varied = vary(one.scenario, {f"{one.at}.{name}": column for name, column in columns.items()})
    owner, _ = group_at(varied, tuple(split_path(f"{one.at}.drawn")))
    assert owner.rate_fraction_per_year.tolist() == rates
    assert owner.fee_usd_per_month.values(varied.timeline).tolist() == [fees]
    assert np.diff(owner.drawn).tolist() == [1.0]
    with pytest.raises(ValueError, match="must lie in"):
        vary(one.scenario, {f"{one.at}.rate_fraction_per_year": 2})
    with pytest.raises(ValueError, match="there is no rate_fraction; did you mean"):
        vary(one.scenario, {f"{one.at}.rate_fraction": 2})


def test_a_made_up_class_of_inputs_is_traced_and_explained(one: Hung) -> None:
    owner, _ = group_at(traced(one.scenario), tuple(split_path(f"{one.at}.drawn")))
    assert isinstance(owner.rate_fraction_per_year, Traced)
    assert owner.rate_fraction_per_year.name == f"{one.at}.rate_fraction_per_year"
    assert owner.drawn.name == f"{one.at}.drawn"
    assert Origins(one.reading).of(f"{one.at}.rate_fraction_per_year").text == "default: a bank"


def test_a_made_up_class_of_inputs_is_completed_and_defaulted(one: Hung) -> None:
    known = {".".join(item.parts): item.now for item in settable(one.scenario)}
    assert known[f"{one.at}.rate_fraction_per_year"] == "0.1"
    assert known[f"{one.at}.drawn"] == "2027-03"
    assert known[f"{one.at}.fee_usd_per_month.scale"] == "1"
    told = {item.path: (item.value, item.origin.source) for item in defaulted(one.scenario)}
    assert told[f"{one.at}.rate_fraction_per_year"] == (0.1, "a bank")
    assert told[f"{one.at}.fee_usd_per_month"] == (5.0, "convention")


@pytest.mark.parametrize("where", ["site", "plan", "use"])
def test_a_made_up_class_of_inputs_is_diffed(where: str) -> None:
    one, other = hung(where, Loan()), hung(where, Loan(rate_fraction_per_year=0.2, drawn="2027-04"))
    found = differences(one.reading, other.reading)
    assert [(change.path, change.inputs[0].a, change.inputs[0].b) for change in found.changes] == [
        (f"{one.at}.rate_fraction_per_year", 0.1, 0.2),
        (f"{one.at}.drawn", "2027-03", "2027-04"),
    ]


def test_every_place_leads_back_to_its_input() -> None:
    scenario = load(TEXAS)
    found = list(places(scenario))
    assert len({place.path for place in found}) == len(found)
    for place in found:
        if place.name != "plans":
            back = place_at(scenario, place.path)
            assert back is not None
            assert back.value is place.value
            assert back.idle == place.idle
    assert place_at(scenario, ("site", "gross_mv")) is None
    assert place_at(scenario, ("plans", "nobody", "gross_mw")) is None


def test_what_has_no_effect_says_why() -> None:
    idle = {place.dotted: place.idle for place in places(load(TEXAS)) if place.idle}
    lease = 'plans."lease to an AI tenant"'
    assert idle[f"{lease}.capex_usd_per_critical_mw"] == "conversion takes its place"
    given = loads(TEXT + "market: {hash_price_usd_per_ph_per_day: 20}\n")
    assert set(given.market.idle) == {
        "btc_price_usd",
        "network_hash_rate_eh_per_s",
        "network_difficulty",
        "fee_btc_per_block",
        "fee_fraction",
    }


def test_inputs_are_replaced_unchecked_wherever_they_stand() -> None:
    scenario = load(TEXAS)
    halves, clouds = ("plans", "half and half"), ("plans", "rent out GPUs")
    made = replaced(
        scenario,
        {
            (*halves, "uses", "lease", "rent_usd_per_kw_per_month"): -1.0,
            (*clouds, "conversion", "ready"): "2029-01",
            (*clouds, "discount_rate_fraction_per_year"): 0.5,
            ("site", "gross_mw"): -2.0,
        },
    )
    lease = {use.name: use for use in made.plans["half and half"].uses}["lease"]
    assert terms(lease).rent_usd_per_kw_per_month == -1.0
    assert terms(made.plans["rent out GPUs"].uses[0]).conversion.ready == "2029-01"
    assert made.plans["rent out GPUs"].inputs.discount_rate_fraction_per_year == 0.5
    assert made.site.gross_mw == -2.0
    made = replaced(made, {("plans", "keep mining"): made.plans["half and half"]})
    assert made.plans["keep mining"] is made.plans["half and half"]
    assert list(made.plans) == list(scenario.plans)
    assert scenario == load(TEXAS)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("plans.nobody.gross_mw", "there is no nobody"),
        ('plans."half and half".gross_mw', "the plan half and half has uses; name one after uses"),
        ('plans."half and half".uses.leese.gross_mw', "there is no leese; did you mean lease?"),
    ],
)
def test_a_path_that_leads_nowhere_says_so(path: str, message: str) -> None:
    with pytest.raises(NoPlaceError, match=message.replace("?", r"\?")):
        changed(load(TEXAS), tuple(split_path(path)), lambda owner, _: owner)


def test_a_copy_finds_its_own_places() -> None:
    scenario = load("tests/bench/three_plans.yaml")
    before = list(places(scenario))
    other = replaced(scenario, {("site", "gross_mw"): 60.0})
    assert [place.value for place in places(other) if place.path == ("site", "gross_mw")] == [60.0]
    assert list(places(scenario)) == before
    sent = pickle.loads(pickle.dumps(scenario))
    assert sent == scenario
    assert all(place.owner is not scenario for place in places(sent))
