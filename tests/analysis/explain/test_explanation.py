"""None"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecalc import evaluate, load, vary
from minecalc.analysis.compare.record import compare
from minecalc.analysis.explain.explanation import (
    Explanation,
    explain,
    find_target,
    names,
    plan_in,
    targets,
    trace_plans,
)
from minecalc.analysis.explain.graph import data, merged
from minecalc.analysis.explain.wording import element
from minecalc.analysis.questions import QuestionError
from minecalc.arrays import recurrences
from minecalc.engine import Evaluation
from minecalc.loading import read_bytes
from minecalc.scenario import Scenario
from minecalc.scenario.movables import movables
from minecalc.trace import Traced, named, plain
from tests.analysis.explain.replay import replay


def leaf(path: str) -> Any:
    return Traced(np.array(2.0), "input", (), path)


def test_a_shared_name_has_its_use_or_plan_behind_it() -> None:
    first, second = leaf("plans.half.uses.hall.gross_mw"), leaf("plans.half.uses.shed.gross_mw")
    rival = leaf("plans.mine.gross_mw")
    alone = named("alone_usd", first + second + rival)
    called = names([alone], "half")
    assert (called[first], called[second], called[rival]) == (
        "gross_mw of hall",
        "gross_mw of shed",
        "gross_mw of mine",
    )
    assert called[alone] == "alone_usd"


def test_names_that_stay_the_same_are_numbered() -> None:
    own = leaf("plans.lease.gross_mw")
    one, other = named("power_mw", own * 2.0), named("power_mw", own * 3.0)
    found = names([named("sum_mw", one + other)], "lease")
    assert sorted(found.values()) == ["gross_mw", "power_mw of lease", "power_mw of lease (2)", "sum_mw"]


def test_what_is_of_one_tranche_is_called_by_it_whatever_else_of_its_plan_it_depends_on() -> None:
    ready, rate = leaf("plans.lease.conversion.ready"), "plans.lease.financing.tranches.{}.rate_fraction_per_year"
    notes, loan = (named("owed_usd", leaf(rate.format(name)) * ready) for name in ('"senior notes"', "loan"))
    both = named("owed_usd", notes + loan)
    found = names([named("sum_usd", both + 1.0)], "lease")
    assert (found[notes], found[loan]) == ("owed_usd of senior notes", "owed_usd of loan")
    assert found[both] == "owed_usd of lease"


def test_no_part_of_a_tranche_is_told_by_a_number() -> None:
    evaluation = trace_plans(load(ROOT / "tests" / "bench" / "two_tranches.yaml"))
    npv: Any = evaluation.plans["lease"].npv_usd
    found = set(names([npv], "lease").values())
    assert {"senior_notes_owed_in_operation_usd", "junior_owed_in_operation_usd", "annuity_factor of junior"} <= found
    money = ("owed", "interest", "balloon", "instalment_usd", "sweep", "rate_fraction", "date")
    assert [name for name in found if name.endswith(")") and name.startswith(money)] == []


def test_what_is_asked_for_has_a_name_though_it_only_passes_on() -> None:
    price = leaf("market.btc_price_usd")
    monthly = Traced(price.value, "same", (price,), "btc_price_usd")
    assert names([monthly], "mine")[monthly]


ROOT = Path(__file__).parents[3]
SHIPPED = sorted([*(ROOT / "scenarios").rglob("*.yaml"), *(ROOT / "tests" / "examples").glob("*.yaml")])
TEXAS = ROOT / "tests" / "examples" / "texas.yaml"
LEASE = "lease to an AI tenant"


@pytest.fixture(scope="module")
def texas() -> Evaluation:
    return trace_plans(load(TEXAS))


def explained(evaluation: Evaluation, plan: str, target: str) -> Explanation:
    return explain(evaluation, plan, find_target(evaluation, plan, target))


@pytest.mark.parametrize("file", SHIPPED, ids=lambda path: path.stem)
def test_evaluating_the_explanation_of_every_figure_and_line_gives_the_engines_number(file: Path) -> None:
    scenario = load(file)
    record = compare(scenario, with_break_evens=False)
    plain, traced = evaluate(scenario), trace_plans(scenario)
    for plan in record["plans"]:
        name = plan["name"]
        known = targets(traced, name)
        steps, number_of = data(known.values())
        replayed = replay(steps)
        values = {target: replayed[number_of[step]] for target, step in known.items()}
        figures = plan["metrics"] | plan["quantities"] | plan["vs_baseline"]
        absent = {"irr_roots", "incremental_irr_roots", "break_evens"} | ({"best_stop"} - set(known))
        absent |= set(plan["vs_baseline"]) if name == record["baseline"] else set()
        assert set(figures) - set(values) == absent
        for target in set(figures) - absent - {"best_stop"}:
            wanted = math.nan if figures[target] is None else figures[target]
            assert values[target] == [pytest.approx(wanted, rel=1e-9, abs=1e-6, nan_ok=True)], (name, target)
        _same_lines(plain, name, values)


def _same_lines(plain: Evaluation, name: str, values: dict[str, list[float]]) -> None:
    """Every line, quantity and memo of the plain engine against the replay."""
    plan = plain.plans[name]
    debt = {} if plan.financed is None else plan.financed.tranches
    several = [*(plan.uses if len(plan.uses) > 1 else ()), *(debt if len(debt) > 1 else ())]
    lines = {
        f"{f'{line.use}.' if line.use in several else ''}{'meanwhile.' if line.meanwhile else ''}{line.name}": line.usd
        for line in plan.flows.lines
    }
    lines |= {f"monthly_{quantity}": v for quantity, v in plan.flows.quantities.items()}
    lines |= {"net_usd": plan.net_usd, "lost_mining_margin_usd": plan.engine.lost_margin_usd(plan.plan)}
    assert len(lines) == len(plan.flows.lines) + len(plan.flows.quantities) + 2
    for line, wanted in lines.items():
        rows = np.broadcast_to(values[line], wanted[:, 0].shape)
        off = np.abs(rows - wanted[:, 0]) > np.maximum(1e-9 * np.abs(wanted[:, 0]), 1e-6)
        assert not off.any(), (name, line)


def test_the_graph_follows_its_inputs() -> None:
    """Other leaves give what the engine computes from other inputs, so the graph holds formulas, not results."""
    scenario = load(TEXAS)
    npv = targets(trace_plans(scenario), LEASE)["npv_usd"]
    steps, number_of = data([npv])
    moves = set()
    for path, movable in movables(scenario).items():
        inputs = [step for step in steps if step["op"] == "input" and step["name"] == path]
        if not inputs or movable.whole:
            continue
        before = inputs[0]["value"]
        other = before * 0.99 if before else 0.01
        inputs[0]["value"] = other
        wanted = float(evaluate(vary(scenario, {path: other})).plans[LEASE].npv_usd[0])
        replayed = replay(steps)[number_of[npv]]
        assert replayed == [pytest.approx(wanted, rel=1e-9)], path
        if abs(wanted - float(npv.value[0])) > 1.0:
            moves.add(path.rsplit(".", 1)[-1])
        inputs[0]["value"] = before
    assert {
        "gross_mw",
        "rent_usd_per_kw_per_month",
        "exit_cap_rate_fraction",
        "discount_rate_fraction_per_year",
    } <= moves
    assert {"growth_fraction_per_year", "efficiency_j_per_th"} <= moves
    assert len(moves) > 12


def test_a_line_in_a_month_is_explained_down_to_the_inputs(texas: Evaluation) -> None:
    found = explained(texas, LEASE, "rent_usd@2029-09")
    by_name = {entry.name: entry for entry in found.entries}
    top = found.entries[0]
    assert top.formula is not None
    assert top.formula.names == "rent_rate_usd_per_kw_per_month × leased_fraction × critical_kw"
    assert top.formula.numbers == "133.9 USD/kW/month × 1 × 35,000 kW"
    assert top.value == pytest.approx(130 * 1.03 * 35_000)
    assert (top.name, top.when, top.level) == ("rent_usd", "2029-09", 0)
    assert by_name["gross_mw"].step.name == "site.gross_mw"
    assert by_name["gross_mw"].formula is None
    assert by_name["conversion.ready"].step.op == "date"
    leaves = {entry.step.op for entry in found.entries if entry.formula is None}
    assert leaves == {"input", "date", "constant"}


def test_a_sum_shows_each_line_in_a_month_that_holds_something(texas: Evaluation) -> None:
    found = explained(texas, LEASE, "npv_usd")
    shown = {entry.name: entry for entry in found.entries}
    assert shown["building_usd"].when == "2027-06"
    assert shown["building_usd"].value < 0.0
    assert shown["rent_usd"].when == "2028-06"
    assert shown["exit_value_usd"].when == "2036-12"


def test_names_tell_two_quantities_of_one_name_apart(texas: Evaluation) -> None:
    found = explained(texas, LEASE, "npv_difference_usd")
    names = [entry.name for entry in found.entries if entry.when == ""]
    assert len(names) == len(set(names))
    assert {f"npv_usd of {LEASE}", "npv_usd of keep mining"} <= set(names)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("npv_used", "did you mean npv_usd?"),
        ("rent_usd@2026-12", "2026-12 lies outside the horizon, 2027-01 to 2036-12"),
        ("rent_usd@2029", "'2029' is not a month"),
        ("npv_usd@2029-01", "npv_usd is one figure and has no months"),
        ("btc", "has no figure or line btc; did you mean btc_mined or monthly_btc_mined"),
        ("xyz", "there are npv_usd, npv_at_scenario_rate_usd"),
        ("rent_usd@", "rent_usd@ names no figure"),
        ("", "nothing names no figure"),
        ("plans.nope.npv_usd", f"is of the plan nope, not of {LEASE}"),
        ("plans.nope", "write plans.nope.npv_usd"),
    ],
)
def test_what_cannot_be_explained_is_refused(texas: Evaluation, target: str, message: str) -> None:
    with pytest.raises(QuestionError) as error:
        find_target(texas, LEASE, target)
    assert message in str(error.value)


def test_a_target_may_name_its_plan_and_anything_on_the_way(texas: Evaluation) -> None:
    assert plan_in(f'plans."{LEASE}".npv_usd') == LEASE
    assert plan_in("npv_usd") is None
    assert find_target(texas, LEASE, f'plans."{LEASE}".npv_usd').name == "npv_usd"
    assert find_target(texas, LEASE, "critical_kw").step.value == 35_000.0
    month = find_target(texas, "keep mining", "hash_price_usd_per_ph_per_day@2028-04")
    assert month.row == 15
    assert find_target(texas, "keep mining", "btc_mined@2028-04").name == "monthly_btc_mined"
    assert find_target(texas, "keep mining", "net_usd@2028-04").row == 16, "points count from 0"


def test_a_figure_that_does_not_exist_says_why(texas: Evaluation) -> None:
    target = find_target(texas, "keep mining", "irr_fraction_per_year")
    assert target.reason
    assert math.isnan(explain(texas, "keep mining", target).entries[0].value)


def test_a_plan_without_mining_has_no_best_stop_and_says_so_as_compare_does(texas: Evaluation) -> None:
    records = compare(load(TEXAS), with_break_evens=False)["plans"]
    (record,) = [plan for plan in records if plan["name"] == LEASE]
    for figure in ("best_stop", "npv_at_best_stop_usd"):
        assert find_target(texas, LEASE, figure).reason == record["reasons"][figure]


def test_tracing_changes_no_number(texas: Evaluation) -> None:
    scenario: Scenario = load(TEXAS)
    for name, plan in evaluate(scenario).plans.items():
        step: object = texas.plans[name].npv_usd
        assert isinstance(step, Traced)
        assert step.value == plan.npv_usd


def test_a_line_of_one_use_needs_no_use() -> None:
    halves = trace_plans(load(ROOT / "scenarios" / "archetypes" / "retrofit.yaml"))
    assert find_target(halves, "retrofit one half", "rent_usd@2029-03").name == "first half.rent_usd"
    with pytest.raises(QuestionError, match=r"first half\.rent_usd and second half\.rent_usd; name one"):
        find_target(halves, "retrofit both in turn", "rent_usd")


def test_the_baseline_is_not_compared_with_itself(texas: Evaluation) -> None:
    with pytest.raises(QuestionError, match="npv_difference_usd compares with the baseline, which keep mining is"):
        find_target(texas, "keep mining", "npv_difference_usd")


def test_whatever_is_shown_can_be_asked_for_by_the_name_it_has() -> None:
    halves, plan = trace_plans(load(ROOT / "scenarios" / "archetypes" / "retrofit.yaml")), "retrofit one half"
    shown = explained(halves, plan, "npv_usd").entries
    for entry in [entry for entry in shown if " of " in entry.name][::4]:
        assert element(find_target(halves, plan, entry.name).step, entry.row) == entry.value
    paths = [entry.step.name or "" for entry in shown if entry.step.op in ("input", "date")]
    for path in [path for path in paths if not path.startswith('plans."keep mining"')][::6]:
        assert find_target(halves, plan, path).step.name == path
    with pytest.raises(QuestionError, match="margin_if_run_usd of mining and margin_if_run_usd of first half"):
        find_target(halves, plan, "margin_if_run_usd")


def test_several_recurrences_are_explained_by_each_other() -> None:
    """A debt that all cash goes to, traced beside a plan: what it is made of in the same month has its own formula."""
    evaluation = trace_plans(load(TEXAS))
    plan = evaluation.plans[LEASE]

    def step(cash: Any, owed: Any, _: Any, earned: Any) -> tuple[Any, Any, Any]:
        paid = np.minimum(np.maximum(cash + earned, 0.0), owed)
        return cash + earned - paid, owed - paid, paid

    cash, owed, paid = recurrences(step, (0.0, 1e6, 0.0), plan.net_usd)
    for name, rows in {"swept_cash_usd": cash, "owed_usd": owed, "paid_usd": paid}.items():
        named(name, rows)
    memo = {**plan.flows.memo, "owed_usd": owed}
    vars(plan)["flows"] = plan.flows._replace(memo=memo)
    found = explained(evaluation, LEASE, "owed_usd@2028-09")
    formulas = {entry.name: entry.formula.names for entry in found.entries if entry.formula is not None}
    assert formulas["owed_usd"] == "its value of the month before − paid_usd"
    assert formulas["paid_usd"] == (
        "min(max(swept_cash_usd of the month before + net_usd, 0), owed_usd of the month before)"
    )
    assert {entry.when for entry in found.entries if entry.name in ("owed_usd", "paid_usd")} == {"2028-09"}
    assert "swept_cash_usd" not in formulas, "that of the month before is not taken apart, or all months would be"
    for name, rows in {"swept_cash_usd": cash, "owed_usd": owed, "paid_usd": paid}.items():
        assert element(find_target(evaluation, LEASE, name).step, 30) == element(rows, 30), "all can be asked for"
    assert explained(evaluation, LEASE, "swept_cash_usd@2028-09").entries[0].formula is not None
    (top,) = merged(found.target.step)
    steps, number_of = data([top])
    assert replay(steps)[number_of[top]] == pytest.approx(plain(owed)[:, 0].tolist(), rel=1e-9)


def test_only_lines_and_quantities_add_up_over_months(texas: Evaluation) -> None:
    found = {name: find_target(texas, "keep mining", name).adds_up for name in ("net_usd", "discount_factor")}
    assert found == {"net_usd": True, "discount_factor": False}


def test_an_amount_of_the_file_is_asked_for_by_its_own_month() -> None:
    text = b"""
name: s
start: 2027-01
months: 24
site: {gross_mw: 40, electricity_price_usd_per_kwh: {steps: {2026-06: 0.04, 2027-09: 0.05}}}
plans:
  mine: {kind: bitcoin_mining, uptime_fraction: 1, pool_fee_fraction: 0, opex_usd_per_mw_per_year: 0,
      hash_rate_eh_per_s: 1.9}
"""
    scenario = read_bytes(text, "s.yaml", Path()).scenario
    assert scenario is not None
    found = trace_plans(scenario)
    path = "electricity_price_usd_per_kwh"
    assert find_target(found, "mine", f"{path}.steps@2027-09").row == 1
    with pytest.raises(QuestionError, match=rf"states nothing for 2027-10; ask for {path}@2027-10"):
        find_target(found, "mine", f"{path}.steps@2027-10")
    (top, amount) = explained(found, "mine", f"{path}@2027-08").entries
    assert top.formula is not None
    assert top.formula.names == f"{path}.steps@2026-06"
    assert (amount.when, amount.value) == ("2026-06", 0.04)
