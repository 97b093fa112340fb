"""What every business keeps, whatever its kind: found in the folder, tried from what its inputs declare.

Batch equals loop: an input varied as a column gives, to the last bit, what its values give one by one.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

import numpy as np
import pytest
from numpy.typing import NDArray

from minecalc.arrays import FloatArray, accumulate
from minecalc.businesses import business, kinds
from minecalc.deals.taxation import Tax
from minecalc.deals.taxed import taxed
from minecalc.engine import PlanEvaluation, evaluate
from minecalc.figures import Metric, annual, plan_metrics, quantities
from minecalc.scenario import Scenario
from minecalc.scenario.varying import vary
from minecalc.schema.fields import FieldMeta, field_meta, meant
from minecalc.schema.validate import validate_data
from minecalc.units import unit_of
from minecalc.values.paths import TimedInputs, ValueOverTime

MONTHS = 30
SCENARIO = {
    "name": "contract",
    "start": "2027-09",
    "months": MONTHS,
    "site": {"gross_mw": 1000, "electricity_price_usd_per_kwh": 0.05, "fixed_cost_usd_per_year": 1e6},
    "market": {"network_hash_rate_eh_per_s": {"start": 900, "growth_fraction_per_year": 0.2}},
}
MINE = {
    "kind": "bitcoin_mining",
    "hash_rate_eh_per_s": 20,
    "machine_resale_usd_per_th": {"start": 5, "growth_fraction_per_year": -0.4},
}
#: Of cases, the last but one more than numpy computes at once over some months, the last in a row.
BATCHES = (1, 2, 7, 1025, 8193)
DISTINCT = 7
#: Durations tried are at most this long, so that they end on both sides of the horizon.
LONGEST_MONTHS = 70.0
#: What a member of inputs by name is called here, what makes one valid, and what some inputs need beside them.
MEMBER = "one"
VALID: dict[str, dict[str, Any]] = {"fleets": {"hash_rate_eh_per_s": 20}}
BESIDE: dict[str, dict[str, Any]] = {
    "machine_count": {"machine_hash_rate_th_per_s": 200},
    "machine_hash_rate_th_per_s": {"machine_count": 1000},
}


@dataclass(frozen=True)
class Input:
    """One numeric input of a use: where it stands below the use, and what its class declares of it."""

    path: tuple[str, ...]
    meta: FieldMeta
    whole: bool

    def values(self, count: int, seed: int = 0) -> FloatArray:
        """Values in the input's range, both ends first."""
        assert self.meta.low is not None
        assert self.meta.high is not None
        share = np.random.default_rng([seed, count]).random(count) ** 3
        share[:2] = 0.0, 1.0
        if self.whole:
            return self.meta.low + np.floor(share * (min(self.meta.high, LONGEST_MONTHS) - self.meta.low))
        return self.meta.low + share * (self.meta.high - self.meta.low)


def numeric_inputs(model: type[TimedInputs], place: tuple[str, ...] = ()) -> Iterator[Input]:
    """Every number and value over time of ``model`` and of the inputs inside it."""
    for name, field in model.model_fields.items():
        members = members_of(field.annotation)
        inner, named = inputs_in(field.annotation), named_inputs_in(field.annotation)
        if inner is not None:
            yield from numeric_inputs(inner, (*place, name))
        elif named is not None:
            yield from numeric_inputs(named, (*place, name, MEMBER))
        elif get_origin(field.annotation) is not tuple and {int, float, ValueOverTime} & set(members):
            yield Input((*place, name), field_meta(model, name), int in members)


def members_of(annotation: Any) -> tuple[Any, ...]:
    """The members of a union, or the type itself; in place of ``later`` the classes that it stands for."""
    members = getattr(annotation, "__args__", None) or (annotation,)
    return tuple(meant(member) if isinstance(member, type) else member for member in members)


def inputs_in(annotation: Any) -> type[TimedInputs] | None:
    """The class of inputs that a field holds, if it holds one."""
    members = (m for m in members_of(annotation) if isinstance(m, type) and issubclass(m, TimedInputs))
    return next(members, None)


def named_inputs_in(annotation: Any) -> type[TimedInputs] | None:
    """The class of inputs that a field holds by name, if it holds some."""
    members = (get_args(one)[0] if get_origin(one) is Annotated else one for one in members_of(annotation))
    found = (members_of(get_args(member)[1])[0] for member in members if get_origin(member) is dict)
    return next((kind for kind in found if isinstance(kind, type) and issubclass(kind, TimedInputs)), None)


def something(model: type[TimedInputs], name: str) -> Any:
    """Plain data for one field: inputs with what they require, a number of its range, years or a month."""
    meta, annotation = field_meta(model, name), model.model_fields[name].annotation
    inner = inputs_in(annotation)
    if inner is not None:
        return requirements(inner)
    named = named_inputs_in(annotation)
    if named is not None:
        return {MEMBER: requirements(named) | VALID.get(name, {})}
    if meta.low is not None and meta.high is not None:
        return int(min(max(meta.low, 18), meta.high))
    return [1, 2] if get_origin(annotation) is tuple else "2028-03"


def requirements(model: type[TimedInputs]) -> dict[str, Any]:
    """Plain data for the fields of ``model`` that have no default."""
    return {name: something(model, name) for name, field in model.model_fields.items() if field.is_required()}


def scenario_of(kind: str, use: dict[str, Any]) -> Scenario | None:
    """A scenario whose plan ``it`` is this use, its conversion preceded by mining; None if not valid."""
    if "conversion" in use:
        use = use | {"conversion": use["conversion"] | {"meanwhile": "mine"}}
    plans = {"it": {"kind": kind, **use}, "mine": MINE}
    return validate_data(SCENARIO | {"plans": plans}, Scenario)[0]


def completed(kind: str, use: dict[str, Any]) -> dict[str, Any]:
    """``use`` with what it requires, and with one or two more inputs if it is not valid without."""
    model = business(kind).Inputs
    given = requirements(model) | use
    beside = [{name: something(model, name)} for name in model.model_fields if name not in given]
    pairs = (one | other for one, other in itertools.combinations(beside, 2))
    candidates = (given | extra for extra in itertools.chain([{}], beside, pairs))
    return next(candidate for candidate in candidates if scenario_of(kind, candidate) is not None)


def given_at(model: type[TimedInputs], place: tuple[str, ...]) -> Any:
    """Plain data for the field that ``place`` begins with, in which the input that it leads to is given."""
    name, *parts = place
    annotation = model.model_fields[name].annotation
    data, inner, named = something(model, name), inputs_in(annotation), named_inputs_in(annotation)
    if inner is not None and parts:
        data |= {parts[0]: given_at(inner, tuple(parts))}
    if named is not None and len(parts) > 1:
        own = {parts[1]: given_at(named, tuple(parts[1:]))}
        data = {MEMBER: own | BESIDE[parts[1]] if parts[1] in BESIDE else data[MEMBER] | own}
    return data


def scenario_with(kind: str, place: tuple[str, ...]) -> Scenario:
    """A scenario of one use in which the input at ``place`` is given, with what that asks for beside it."""
    scenario = scenario_of(kind, completed(kind, {place[0]: given_at(business(kind).Inputs, place)}))
    assert scenario is not None
    return scenario


def scenario_with_all(kind: str, named: str = "") -> Scenario:
    """A scenario of one use with every number that can be given beside the others.

    Where ``named`` are inputs by name, one of them has every number that it can have.
    """
    model, use = (
        business(kind).Inputs,
        completed(kind, {named: something(business(kind).Inputs, named)} if named else {}),
    )
    for given in numeric_inputs(model):
        if named and given.path[0] == named and given.path[2] not in BESIDE:
            member = use[named][MEMBER] | given_at(model, given.path)[MEMBER]
            if scenario_of(kind, use | {named: {MEMBER: member}}) is not None:
                use |= {named: {MEMBER: member}}
    for name in {given.path[0]: given for given in numeric_inputs(model)}:
        if name == named:
            continue
        inner = inputs_in(model.model_fields[name].annotation)
        extra = something(model, name)
        if inner is not None:
            extra |= {given.path[0]: given_at(inner, given.path) for given in numeric_inputs(inner)}
        if scenario_of(kind, use | {name: extra}) is not None:
            use |= {name: extra}
    scenario = scenario_of(kind, use)
    assert scenario is not None
    return scenario


def money_and_quantities(plan: PlanEvaluation, cases: int) -> list[FloatArray]:
    """Everything computed month by month, each of shape ``(rows, cases)``."""
    worth = (plan.npv_usd, plan.npv_at_scenario_rate_usd, plan.npv_of_residual_usd)
    flows = [line.usd for line in plan.flows.lines] + list(plan.flows.quantities.values())
    arrays = [plan.net_usd, plan.project_usd, plan.engine.lost_margin_usd(plan.plan), *flows, *worth]
    return [np.broadcast_to(a, (*a.shape[:-1], cases)).reshape(-1, cases) for a in arrays]


def figures(plan: PlanEvaluation, cases: int) -> list[FloatArray]:
    """What a comparison shows, each of shape ``(1, cases)``."""
    rows = [value for year in annual(plan) for value in year.values()]
    shown: list[Metric] = [*plan_metrics(plan).values(), *quantities(plan).values()]
    return [np.broadcast_to(a, (1, cases)) for a in (*rows, *(metric.numbers for metric in shown))]


def bits(arrays: list[FloatArray]) -> NDArray[np.int64]:
    """All arrays on top of each other, as bits, so that equal means equal; adding 0 makes -0 into 0."""
    return (np.concatenate(arrays) + 0.0).view(np.int64)


def path_of(place: tuple[str, ...]) -> str:
    return ".".join(("plans", "it", *place))


EVERY_INPUT = [(kind, given) for kind in kinds() for given in numeric_inputs(business(kind).Inputs)]
IDS = [f"{kind}.{'.'.join(given.path)}" for kind, given in EVERY_INPUT]


@pytest.mark.parametrize(("kind", "given"), EVERY_INPUT, ids=IDS)
def test_batch_equals_loop(kind: str, given: Input) -> None:
    scenario, path = scenario_with(kind, given.path), path_of(given.path)
    values = given.values(DISTINCT)
    alone = [evaluate(vary(scenario, {path: value})).plans["it"] for value in values.tolist()]
    loop = np.concatenate([bits(money_and_quantities(plan, 1)) for plan in alone], axis=1)
    for cases in BATCHES[:-1]:
        plan = evaluate(vary(scenario, {path: np.resize(values, cases)})).plans["it"]
        wanted = loop[:, np.arange(cases) % DISTINCT]
        assert np.array_equal(bits(money_and_quantities(plan, cases)), wanted), f"{cases} cases"
    shown = np.concatenate([bits(figures(plan, 1)) for plan in alone], axis=1)
    batch = evaluate(vary(scenario, {path: values})).plans["it"]
    assert np.array_equal(bits(figures(batch, DISTINCT)), shown)


@pytest.mark.parametrize(("kind", "named"), [*((kind, "") for kind in kinds()), ("bitcoin_mining", "fleets")])
def test_batch_equals_loop_when_all_inputs_vary(kind: str, named: str) -> None:
    scenario = scenario_with_all(kind, named)
    every = list(numeric_inputs(business(kind).Inputs))
    stated = [i for i in every if is_stated(scenario, i.path)]
    idle = scenario.plans["it"].uses[0].inputs.idle
    assert len(stated) > 0.6 * len([i for i in every if MEMBER not in i.path or named])
    stated = [i for i in stated if i.path[0] not in idle]
    cases = BATCHES[-1]
    columns = {path_of(given.path): given.values(cases, seed) for seed, given in enumerate(stated)}
    plan = evaluate(vary(scenario, columns)).plans["it"]
    batch, shown = bits(money_and_quantities(plan, cases)), bits(figures(plan, cases))
    for case in (0, 1, 2, 4095, 4096, 8000, *range(8183, 8193)):
        one = evaluate(vary(scenario, {path: float(column[case]) for path, column in columns.items()})).plans["it"]
        assert np.array_equal(batch[:, case], bits(money_and_quantities(one, 1))[:, 0])
        assert np.array_equal(shown[:, case], bits(figures(one, 1))[:, 0])


@pytest.mark.parametrize("kind", kinds())
def test_capex_says_what_it_buys_and_all_of_it_is_deducted(kind: str) -> None:
    """Whatever the inputs are: each line is what its lots cost, and tax is the same for a case alone."""
    scenario = scenario_with_all(kind)
    stated = [i for i in numeric_inputs(business(kind).Inputs) if is_stated(scenario, i.path)]
    columns = {path_of(given.path): given.values(200, seed) for seed, given in enumerate(stated)}
    plan = evaluate(vary(scenario, columns)).plans["it"]
    law = Tax.model_validate({"regime": "us-federal-2026", "basis_of_owned_machines_usd": 1e6})
    capex = [line for line in plan.lines if line.category == "capex"]
    assert capex
    for line in capex:
        assert line.assets is not None
        costs = sum(np.broadcast_to(line.cost_usd(lot), (200,)) for lot in line.assets.lots)
        assert costs == pytest.approx(np.broadcast_to(-accumulate(line.usd), (200,)), rel=1e-12, abs=1e-6)
    batch = taxed(plan.operating_lines, plan.taxable, law, None)
    assert batch.basis_gap_usd == pytest.approx(np.zeros(200), abs=1e-9 * float(np.max(batch.left_usd)) + 1e-3)
    paid = np.broadcast_to(batch.paid_usd, (MONTHS + 1, 200))
    for case in (0, 1, 2, 99, 199):
        one = evaluate(vary(scenario, {path: float(column[case]) for path, column in columns.items()})).plans["it"]
        assert np.array_equal(paid[:, case], taxed(one.operating_lines, one.taxable, law, None).paid_usd[:, 0])


@pytest.mark.parametrize("kind", kinds())
def test_contracts_fix_a_share_of_revenue_the_same_for_a_case_alone(kind: str) -> None:
    scenario = scenario_with_all(kind)
    stated = [i for i in numeric_inputs(business(kind).Inputs) if is_stated(scenario, i.path)]
    columns = {path_of(given.path): given.values(50, seed) for seed, given in enumerate(stated)}
    lines = evaluate(vary(scenario, columns)).plans["it"].lines
    for place, line in enumerate(lines):
        if line.contracted is None:
            continue
        share = line.contracted()
        assert line.category == "revenue"
        assert ((share >= 0.0) & (share <= 1.0)).all()
        for case in (0, 1, 2, 49):
            one = {path: float(column[case]) for path, column in columns.items()}
            alone = evaluate(vary(scenario, one)).plans["it"].lines[place].contracted
            assert alone is not None
            assert np.array_equal(alone()[:, 0], share[:, case if share.shape[1] > 1 else 0])


def is_stated(scenario: Scenario, place: tuple[str, ...]) -> bool:
    owner: Any = scenario.plans["it"].uses[0].inputs
    for part in place:
        owner = owner[part] if isinstance(owner, dict) else getattr(owner, part, None)
    return owner is not None


@pytest.mark.parametrize(("kind", "given"), EVERY_INPUT, ids=IDS)
def test_every_number_has_a_unit_a_range_and_help(kind: str, given: Input) -> None:
    name, meta = given.path[-1], given.meta
    assert unit_of(name) is not None or name == "every_months"
    assert meta.low is not None
    assert meta.high is not None
    assert meta.low < meta.high
    assert not (name.endswith(("_fraction", "_count", "_months", "_mw", "_ratio")) and meta.low < 0)


def every_model(model: type[TimedInputs]) -> Iterator[type[TimedInputs]]:
    yield model
    for field in model.model_fields.values():
        inner = inputs_in(field.annotation)
        if inner is not None:
            yield from every_model(inner)


@pytest.mark.parametrize("kind", kinds())
def test_every_input_explains_itself_and_its_default(kind: str) -> None:
    for model in every_model(business(kind).Inputs):
        for name in model.model_fields:
            meta = field_meta(model, name)
            assert meta.help, f"{name} has no help"
            needs_source = type(meta.default) in (int, float, ValueOverTime)
            assert meta.default_source or not needs_source, f"the default of {name} has no source"


@pytest.mark.parametrize("kind", kinds())
def test_every_module_has_a_manual_and_what_the_folder_promises(kind: str) -> None:
    module = business(kind)
    assert len(module.__doc__ or "") > 300, "tell how its money is made, with formulas and sources: it is its page"
    assert isinstance(module.Inputs.is_ai, bool)
    scenario = scenario_with_all(kind)
    engine = evaluate(scenario).plans["it"].engine
    plan = scenario.plans["it"]
    setting = engine.setting(plan, plan.uses[0])
    inputs = plan.uses[0].inputs
    for mw, how in filter(None, (inputs.required_mw(setting), inputs.peak_draw_mw(setting))):
        assert float(np.max(mw)) >= 0.0
        assert how
    assert all(isinstance(text, str) for text in module.warnings(plan.uses[0].inputs, setting))
