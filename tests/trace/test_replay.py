"""A trace computed again: the engine's bits from the same inputs, its numbers from others, or a refusal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecalc import evaluate, load, vary
from minecalc.analysis.explain.graph import data
from minecalc.arrays import accumulate, as_row, recurrence, recurrences
from minecalc.scenario import Scenario
from minecalc.scenario.movables import movables
from minecalc.scenario.traced import traced
from minecalc.trace import TAKEN, Decision, Traced, decided, deciding, named
from minecalc.trace.replay import Body, body_of, in_order, joint_body_of
from tests.analysis.explain.replay import replay as json_replay
from tests.one_at_a_time import one_at_a_time
from tests.trace.replaying import TakesAnotherPathError, replay

ROOT = Path(__file__).parents[2]
SHIPPED = sorted([*(ROOT / "scenarios").rglob("*.yaml"), *(ROOT / "tests" / "examples").glob("*.yaml")])
TEXAS = ROOT / "tests" / "examples" / "texas.yaml"


def leaf(name: str, *rows: float) -> Any:
    return Traced(np.array(rows)[:, None] if len(rows) > 1 else np.array(rows[0]), "input", name=name)


OTHER = leaf("site.other_usd", 1.0)


def traced_npvs(scenario: Scenario) -> tuple[dict[str, Any], list[Decision]]:
    decisions: list[Decision] = []
    with deciding(decisions.append):
        npvs: dict[str, Any] = {name: plan.npv_usd for name, plan in evaluate(traced(scenario)).plans.items()}
    return npvs, decisions


@pytest.mark.parametrize("file", SHIPPED, ids=lambda path: path.stem)
def test_the_npv_of_every_plan_comes_back_to_the_last_bit(file: Path) -> None:
    scenario = load(file)
    npvs, decisions = traced_npvs(scenario)
    replayed = replay(list(npvs.values()), {}, decisions)
    for found, (name, plan) in zip(replayed, evaluate(scenario).plans.items(), strict=True):
        assert np.array_equal(found, plan.npv_usd), name
        assert found.tobytes() == npvs[name].value.tobytes()


@pytest.mark.parametrize("file", SHIPPED, ids=lambda path: path.stem)
def test_other_inputs_give_what_the_engine_gives_or_are_refused(file: Path) -> None:
    """Each input from as it is to 2% away. The replay equals the engine, bit for bit, or refuses what decides anew."""
    scenario = load(file)
    npvs, decisions = traced_npvs(scenario)
    moves = moved(scenario, in_order(npvs.values()))
    other, cases = one_at_a_time(scenario, moves)
    tops = list(npvs.values())
    anew = decided_anew(tops, decisions, other)
    refused = [path for path, where in cases.items() if anew[where].any()]
    for path in refused:
        with pytest.raises(TakesAnotherPathError):
            replay(tops, {path: other.columns[path][cases[path]]}, decisions)
    held, _ = one_at_a_time(scenario, {path: move for path, move in moves.items() if path not in refused})
    replayed = replay(tops, held.columns, decisions)
    for found, (name, plan) in zip(replayed, evaluate(held).plans.items(), strict=True):
        assert (np.broadcast_to(found, (held.cases,)) == plan.npv_usd).all(), name
    assert len(held.columns) > 5
    assert len(refused) < len(held.columns)


def moved(scenario: Scenario, steps: list[Traced]) -> dict[str, tuple[float, list[float]]]:
    """The single numbers among the inputs of ``steps``: as they are, and three values from there to 2% away."""
    known, found = movables(scenario), dict[str, tuple[float, list[float]]]()
    for step in steps:
        path = step.name or ""
        if step.op == "input" and not step.ndim and not (path in known and known[path].whole):
            present = float(step.value)
            found[path] = present, [present * factor for factor in (0.98, 0.99, 1.0)]
            try:
                vary(scenario, {path: np.array(found[path][1])})
            except ValueError:  # out of its range
                found[path] = present, [present * factor for factor in (1.0, 1.01, 1.02)]
    return found


def decided_anew(tops: list[Any], decisions: list[Decision], other: Scenario) -> Any:
    """In which cases any decision falls otherwise than it did, ``(cases,)``."""
    found = np.zeros(other.cases, dtype=bool)
    values = replay([*tops, *(decision.step for decision in decisions)], other.columns)[len(tops) :]
    for decision, taken in zip(decisions, values, strict=True):
        differs = np.atleast_1d(TAKEN[decision.by](np.asarray(taken)) != decision.outcome)
        found |= differs.reshape(-1, differs.shape[-1]).any(axis=0)
    return found


def owed(start: Any, rate: Any, paid: Any) -> Any:
    return recurrence(lambda owed, rate, paid: np.maximum(owed * (1.0 + rate) - paid, 0.0), start, as_row(rate), paid)


def test_a_recurrence_is_one_step_whose_body_is_traced_and_computes_its_rows() -> None:
    rate, paid = leaf("site.rate_fraction", 0.01), leaf("site.paid_usd", 10.0, 20.0, 90.0)
    balance: Any = owed(leaf("site.debt_usd", 100.0), rate, paid)
    assert (balance.op, balance.shape) == ("recurrence", (3, 1))
    (body,) = balance.rest
    assert isinstance(body, Body)
    assert sorted(step.op for step in body.steps) == ["add", "before", "maximum", "multiply", "row", "row", "subtract"]
    rows, row = [], np.array([100.0])
    for amount in paid.value:
        row = body(row, np.array([0.01]), amount)
        rows.append(row)
    assert np.array_equal(balance.value, rows)
    assert balance.value[-1] == 0.0
    assert np.array_equal(replay([balance])[0], balance.value)
    rates, debts = np.linspace(0.0, 0.02, 5), np.linspace(50.0, 150.0, 5)
    (many,) = replay([balance], {"site.rate_fraction": rates, "site.debt_usd": debts})
    assert np.array_equal(many, owed(debts, rates, paid.value))
    total: Any = accumulate(balance)
    steps, number_of = data([total])
    assert json_replay(steps)[-1] == total.value.tolist()
    assert len(number_of) == 6


def sweeps(cash: Any, owed: Any, _: Any, rate: Any, earned: Any) -> tuple[Any, Any, Any]:
    due = owed * (1.0 + rate)
    paid = np.minimum(np.maximum(cash + earned, 0.0), due)
    return cash + earned - paid, due - paid, paid


def test_several_recurrences_are_one_step_whose_parts_are_rows_of_it() -> None:
    rate, earned = leaf("site.rate_fraction", 0.01), leaf("site.earned_usd", 40.0, -50.0, 30.0, 90.0)
    starts = leaf("site.cash_usd", 5.0), leaf("site.debt_usd", 100.0), 0.0
    states: Any = recurrences(sweeps, starts, as_row(rate), earned)
    assert [(state.op, state.shape) for state in states] == [("rows", (4, 1))] * 3
    together = states[0].args[0]
    assert (together.op, together.shape, together.args[:3]) == ("recurrences", (12, 1), starts)
    assert all(state.args[0] is together for state in states)
    (body,) = together.rest
    assert isinstance(body, Body)
    assert body.states == states
    row, rows = tuple(np.array([start]) for start in (5.0, 100.0, 0.0)), []
    for amount in earned.value:
        row = body.after(*row, np.array([0.01]), amount)
        rows.append(np.concatenate(row))
    assert np.array_equal(np.concatenate(np.transpose(rows))[:, None], together.value)
    assert all(np.array_equal(state.value, of.value) for state, of in zip(states, body.results, strict=True))
    assert all(np.array_equal(found, state.value) for found, state in zip(replay(states), states, strict=True))
    rates, debts = np.linspace(0.0, 0.02, 5), np.linspace(50.0, 150.0, 5)
    many = replay(states, {"site.rate_fraction": rates, "site.debt_usd": debts})
    wanted = recurrences(sweeps, (5.0, debts, 0.0), as_row(rates), earned.value)
    assert all(found.tobytes() == rows.tobytes() for found, rows in zip(many, wanted, strict=True))


def test_what_recurrences_show_is_computed_from_all_rows_together() -> None:
    def step(*given: Any) -> tuple[Any, ...]:
        return (*sweeps(*given), given[0] * 2.0)

    starts, rate = (5.0, 100.0, 0.0), as_row(0.01)
    earned = leaf("site.earned_usd", 40.0, -50.0, 30.0, 90.0)
    doubled: Any = recurrences(step, starts, rate, earned, shown=1)[-1]
    assert type(doubled) is Traced
    (again,) = replay([doubled], {"site.earned_usd": earned.value + 1.0})
    for found, values in ((doubled.value, earned.value), (again, earned.value + 1.0)):
        (held, *_) = recurrences(sweeps, starts, rate, values)
        assert found[:, 0].tolist() == [10.0, *(held[:-1, 0] * 2.0)]


def test_the_data_of_several_recurrences_compute_their_rows() -> None:
    rate, earned = leaf("site.rate_fraction", 0.01), leaf("site.earned_usd", 40.0, -50.0, 30.0, 90.0)
    cash, owed, paid = recurrences(sweeps, (leaf("site.cash_usd", 5.0), 100.0, 0.0), as_row(rate), earned)
    tops: Any = [accumulate(paid), cash, owed]
    steps, number_of = data(tops)
    (together,) = (step for step in steps if step["op"] == "recurrences")
    assert (together["states"], together["rows"], len(together["args"])) == (3, 12, 5)
    assert [together["body"][number]["op"] for number in together["results"]] == ["subtract", "subtract", "minimum"]
    befores = [step for step in together["body"] if step["op"] == "before"]
    assert sorted(step["args"] for step in befores) == [[0], [1]], "nobody reads what was paid before"
    values = json_replay(steps)
    for step, number in number_of.items():
        assert values[number] == step.value.reshape(-1).tolist(), step.op


def test_of_several_rows_some_may_be_numbers_or_those_before() -> None:
    earned = leaf("site.earned_usd", 40.0, -50.0)
    states: Any = recurrences(lambda a, b, c, x: (c + x, 7.0, a), (1.0, 2.0, 3.0), earned)
    assert [state.value[:, 0].tolist() for state in states] == [[43.0, -49.0], [7.0, 7.0], [1.0, 43.0]]
    assert all(np.array_equal(found, state.value) for found, state in zip(replay(states), states, strict=True))
    steps, number_of = data(states)
    assert [json_replay(steps)[number_of[state]] for state in states] == [[43.0, -49.0], [7.0, 7.0], [1.0, 43.0]]


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (lambda owed, cash, paid: (owed if cash > 1.0 else paid, cash), r"takes bool\(\) of its own rows"),
        (lambda owed, cash, paid: (owed, cash + OTHER), "reads site.other_usd, which is not among its series"),
        (lambda owed, cash, paid: (owed, accumulate(paid)), "computes one row at a time, which accumulate does not"),
        (lambda owed, cash, paid: (np.zeros(1), 0.0), "do not depend on what it is given"),
    ],
)
def test_what_are_no_rows_from_the_rows_before_are_refused(step: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        joint_body_of(step, (0.0, 0.0), [np.ones((3, 1))] * 2, [leaf("site.paid_usd", 1.0, 2.0, 3.0)])


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (lambda owed, paid: owed if owed > 1.0 else paid, r"takes bool\(\) of its own rows"),
        (lambda owed, paid: owed + OTHER, "reads site.other_usd, which is not among its series"),
        (lambda owed, paid: owed + accumulate(paid), "computes one row at a time, which accumulate does not"),
        (lambda owed, paid: np.zeros(1), "do not depend on what it is given"),
    ],
)
def test_what_is_no_row_from_the_row_before_is_refused(step: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        body_of(step, 0.0, np.ones((3, 1)), [leaf("site.paid_usd", 1.0, 2.0, 3.0)])


def test_inputs_that_decide_otherwise_are_refused() -> None:
    a, decisions = leaf("site.a_usd", 3.0), list[Decision]()
    with deciding(decisions.append):
        twice = a * 2.0 if a > 2.0 else a
        assert decided(a >= 3.0)
        assert int(a) == 3
    assert [(decision.by, decision.outcome.tolist()) for decision in decisions] == [
        *(("bool", [True]), ("value", True), ("int", [3.0]))
    ]
    assert replay([twice], {"site.a_usd": 3.5}, decisions) == [7.0]
    for other, by in ((1.0, "bool"), (2.5, "value"), (4.0, "int"), (np.array([3.0, 4.0]), "int")):
        with pytest.raises(TakesAnotherPathError, match=f"the {by} of .* is no longer"):
            replay([twice], {"site.a_usd": other}, decisions)
    assert replay([twice], {"site.a_usd": 1.0}) == [2.0], "nobody said that it was decided"


def test_a_name_that_is_no_leaf_is_an_error() -> None:
    half = named("half_usd", leaf("site.a_usd", 3.0) / 2.0)
    with pytest.raises(KeyError, match=r"the trace has no half_usd and no site\.b"):
        replay([half], {"half_usd": 1.0, "site.b": 1.0})
