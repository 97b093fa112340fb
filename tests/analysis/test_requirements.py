"""Whether requirements hold, by Python's own arithmetic and by hand; why they fail; and where that is said."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.analysis.compare.record import compare, summary
from minecalc.analysis.requirements import failures, judge, needs_break_evens, verdicts
from minecalc.engine import evaluate
from minecalc.loading import load, loads, read_bytes
from minecalc.loading.requirements import Figure, Input, Requirement
from minecalc.scenario import Scenario
from minecalc.scenario.varying import vary
from minecalc.schema.expressions import names, parse
from tests.by_hand import LEASE, MARKET, MINER, SITE, Data

TEXAS = Path(__file__).parents[1] / "examples" / "texas.yaml"

#: Numbers of the names in random conditions.
AMOUNTS = {"a.x": 0.0, "a.y": -2.5, "b.x": 3.0, "b.y": 0.1}


def verdict(text: str, **amounts: float) -> dict[str, Any]:
    """The verdict on a condition whose names are inputs of these amounts, ``AMOUNTS`` if none are given."""
    condition, known = parse(text), amounts or AMOUNTS
    subjects = {name: Input(known[".".join(name.parts)]) for name in names(condition)}
    return judge(Requirement(text, condition, subjects), {})


def reason(text: str, **amounts: float) -> str | None:
    """Why a condition fails."""
    found = verdict(text, **amounts)
    assert not found["holds"]
    why: str | None = found["reason"]
    return why


def scenario(*required: str, **more: Any) -> Scenario:
    """Mining that earns at once and a lease that first costs five million, at the site of ``by_hand``."""
    plans: Data = {"mine": MINER, "lease": LEASE | {"capex_usd_per_critical_mw": 1e6}}
    data = {"name": "x", "months": 24, "site": SITE, "market": MARKET, "plans": plans, "require": required}
    return loads(json.dumps(data | {"discount_rate_fraction_per_year": 0} | more))


def judged(*required: str, **more: Any) -> list[tuple[bool, str | None]]:
    """Whether each requirement of that scenario holds, and why not."""
    return [(found["holds"], found["reason"]) for found in compare(scenario(*required, **more))["requirements"]]


def joined(operand: st.SearchStrategy[str], signs: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Two or three operands with some of ``signs`` between them."""
    rest = st.lists(st.tuples(st.sampled_from(signs), operand).map("".join), min_size=1, max_size=2)
    return st.tuples(operand, rest.map("".join)).map("".join)


def calculated(number: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(number, min_size=2, max_size=3).map(", ".join)
    sums = joined(number, (" + ", " - ", "*"))
    return st.one_of(
        sums,
        sums.map("({})".format),
        *(number.map(form.format) for form in ("-{}", "abs({})", "{} / 4")),
        *(several.map(form.format) for form in ("min({})", "max({})")),
    )


def combined(condition: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    both = joined(condition, (" and ", " or "))
    return st.one_of(both, both.map("({})".format), condition.map("not {}".format))


NUMBERS = st.recursive(st.sampled_from([*AMOUNTS, "0", "1.5", "1e3", "2_000"]), calculated, max_leaves=5)
COMPARISONS = joined(NUMBERS, (" < ", " <= ", ">", " >= ", "==", " != "))


@given(st.recursive(COMPARISONS, combined, max_leaves=4))
def test_conditions_mean_what_they_mean_in_python(text: str) -> None:
    owners = {name: SimpleNamespace(x=AMOUNTS[f"{name}.x"], y=AMOUNTS[f"{name}.y"]) for name in "ab"}
    found = verdict(text)
    assert found["holds"] == eval(text, {"__builtins__": {}}, {**owners, "min": min, "max": max, "abs": abs})
    assert (found["reason"] is None) == found["holds"]


def test_the_sides_of_what_fails_are_told() -> None:
    assert reason("x > 0", x=-12345678.9) == "x is -12,345,700"
    assert reason("x >= 1.1 * y", x=1e6, y=1e6) == "x is 1,000,000; 1.1 * y is 1,100,000"
    assert reason("0 < x < 5", x=7) == "x is 7"
    assert reason("0 < x < y", x=7, y=5) == "x is 7; y is 5"
    assert reason("(x + y) / 2 > abs(x)", x=-4, y=2) == "(x + y) / 2 is -1; abs(x) is 4"
    assert reason("x == x + 1", x=1) == "x is 1; x + 1 is 2"
    assert reason("1 > 2 or 3 == 4", x=1) == "1 > 2 compares plain numbers; 3 == 4 compares plain numbers"


def test_only_what_fails_is_told_and_once() -> None:
    assert reason("x > 0 and y > 0 and z > 0", x=1, y=-1, z=-2) == "y is -1; z is -2"
    assert reason("x > 0 or y > 0", x=-1, y=-2) == "x is -1; y is -2"
    assert reason("not x > 0 and y > 0", x=3, y=4) == "x is 3"
    assert reason("not (x > 0 or y > 0)", x=3, y=-4) == "x is 3"
    assert reason("not (x > 0 and not y > 0)", x=3, y=-4) == "x is 3; y is -4"
    assert reason("x > 0 and x > 1", x=-1) == "x is -1"
    assert reason("(x > 0 or y > 0) and z > 0", x=-1, y=2, z=-3) == "z is -3"


@pytest.mark.parametrize(
    ("bound", "amount", "told"),
    [
        ("0.12", 0.1199999, "0.1199999"),
        ("0.12", 0.119999, "0.119999"),
        ("100", 99.99999999, "99.99999999"),
        ("1234567.5", 1234567.25, "1,234,567.25"),
        ("0.3", 0.2999999999, "0.2999999999"),
        ("1e20", 1e19, "1e+19"),
    ],
)
def test_a_figure_is_told_in_digits_that_show_the_failure(bound: str, amount: float, told: str) -> None:
    assert reason(f"x >= {bound}", x=amount) == f"x is {told}"


def test_a_bound_is_kept_where_rounding_alone_is_in_the_way() -> None:
    """A deal that is sculpted to 1.3 is covered so many times, whatever its last bit."""
    assert verdict("x >= 1.3", x=1.2999999999999996)["holds"]
    assert verdict("1.3 <= x <= 1.3", x=1.3000000000000003)["holds"]
    assert reason("x >= 1.3", x=1.3 - 1e-11) == "x is 1.29999999999"
    assert reason("x >= 0", x=-5e-324) == "x is -4.94065645841247e-324"


def test_money_beside_zero_is_as_rounded_as_what_it_is_the_sum_of() -> None:
    """Equity that pays a billionth of a dollar of a debt of a hundred million pays nothing."""

    def holds(text: str, shortfall_usd: float) -> bool:
        condition = parse(text)
        metrics = {"shortfall_usd": shortfall_usd, "capex_usd": 1e8, "irr_fraction_per_year": None}
        record = {"metrics": metrics, "vs_baseline": {}, "reasons": {}}
        subjects = {name: Figure("lease", name.parts[-1]) for name in names(condition)}
        found: bool = judge(Requirement(text, condition, subjects), {"lease": record})["holds"]
        return found

    shortfall, capex = "plans.lease.shortfall_usd", "plans.lease.capex_usd"
    assert holds(f"{shortfall} <= 0", 1e-9)
    assert not holds(f"{shortfall} <= 0", 1.0)
    assert not holds(f"{shortfall} <= 0", 1e-3)
    assert holds(f"0 >= 3 * {shortfall} / 12", 1e-9)
    assert not holds(f"{shortfall} / 1000000000 <= 0", 1.0), "in millions of millions it is no less"
    assert holds(f"{capex} - 100000000 - {shortfall} >= 0", 1e-9)
    assert not holds(f"{shortfall} < 0", 0.0)


def test_comparisons_are_exact() -> None:
    assert reason("x + y == 0.3", x=0.1, y=0.2) == "x + y is 0.30000000000000004"
    assert verdict("x + y == z", x=0.1, y=0.2, z=0.1 + 0.2)["holds"]
    assert not verdict("x < 0.1", x=0.1)["holds"]


def test_what_has_no_number_never_holds() -> None:
    for text in ("1 / (x - y) > 0", "not 1 / (x - y) > 0", "1 / (x - y) != 0"):
        assert reason(text, x=1, y=1) == "x - y is 0, by which nothing divides"
    assert reason("x < 0 or 1 / (x - y) > 0", x=1, y=1) == "x is 1; x - y is 0, by which nothing divides"
    assert verdict("x > 0 or 1 / (x - y) > 0", x=1, y=1)["holds"], "whatever the second is"
    assert reason("x < 0 and 1 / y > 0", x=1, y=0) == "x is 1; y is 0, by which nothing divides"
    assert reason("x * x < 0", x=1e200) == "x * x is too large to calculate with"


def test_figures_are_those_of_the_record() -> None:
    record = compare(scenario())
    mine, lease = (plan["metrics"]["npv_usd"] for plan in record["plans"])
    assert (mine, lease) == (pytest.approx(8000.0 * 730 + 8000 * 1), pytest.approx(24 * 500_000 - 5e6))
    found = compare(scenario(f"plans.lease.npv_usd == {lease!r} and 2 * plans.mine.npv_usd == {2 * mine!r}"))
    assert found["requirements"][0]["holds"]
    assert found["requirements"][0]["figures"] == {"plans.lease.npv_usd": lease, "plans.mine.npv_usd": mine}
    assert {key: value for key, value in found.items() if key != "requirements"} == {
        key: value for key, value in record.items() if key != "requirements"
    }


def test_every_kind_of_name_has_its_number() -> None:
    assert (
        judged(
            "plans.lease.payback_months == 10",
            "plans.lease.critical_mw == 5",
            "plans.mine.lost_mining_margin_usd == 0",
            "plans.lease.npv_difference_usd == plans.lease.npv_usd - plans.mine.npv_usd",
            "plans.lease.discount_rate_fraction_per_year == discount_rate_fraction_per_year",
            "plans.lease.rent_usd_per_kw_per_month == 100 and months == 24 and site.gross_mw == 10",
            "abs(plans.lease.break_even.plans.lease.capex_usd_per_critical_mw - (12e6 - 8000 * 731) / 5) < 1e-6",
        )
        == [(True, None)] * 7
    )


def test_a_figure_that_does_not_exist_fails_with_its_reason_also_under_not() -> None:
    no_rate = "irr_fraction_per_year of mine has no answer: the flows never change sign"
    assert judged("plans.mine.irr_fraction_per_year > 0", "not plans.mine.irr_fraction_per_year > 0") == [
        (False, no_rate),
        (False, no_rate),
    ]
    assert judged("plans.mine.incremental_irr_fraction_per_year != 0") == [
        (False, "incremental_irr_fraction_per_year of mine has no answer: this is the baseline")
    ]


def test_break_evens_without_an_answer_say_why() -> None:
    rich = LEASE | {"rent_usd_per_kw_per_month": 10_000, "capex_usd_per_critical_mw": 1e6}
    (none, why), (other, unsolved) = judged(
        "plans.lease.break_even.plans.lease.capex_usd_per_critical_mw > 0",
        "plans.lease.break_even.plans.mine.pue_ratio > 1",
        plans={"mine": MINER, "lease": rich},
    )
    assert (none, why) == (
        False,
        "the break-even of lease at plans.lease.capex_usd_per_critical_mw has no answer: "
        "lease stays ahead of mine from 0 to 100,000,000 USD per critical MW",
    )
    assert (other, unsolved) == (
        False,
        "the break-even of lease at plans.mine.pue_ratio has no answer: lease stays ahead of mine from 1 to 2 ratio",
    )


def test_break_evens_of_any_input_can_be_required() -> None:
    text = "plans.lease.break_even.plans.lease.opex_fraction_of_rent > 0.1"
    base = scenario(text)
    (found,) = compare(base)["requirements"]
    (value,) = found["figures"].values()
    at = {"plans.lease.opex_fraction_of_rent": value}
    gap = evaluate(vary(base, at)).difference_npv_usd("lease")
    assert abs(float(gap[0])) < 1e-6 * abs(float(evaluate(base).difference_npv_usd("lease")[0]))


def test_break_evens_are_solved_only_where_they_are_named() -> None:
    named = scenario("plans.lease.break_even.market.hash_price_usd_per_ph_per_day > 20")
    other = scenario("plans.lease.npv_usd > 0")
    assert needs_break_evens(named)
    assert not needs_break_evens(other)
    for found, solved in ((named, True), (other, False), (scenario(), False)):
        plan = compare(found, with_break_evens=False)["plans"][1]
        assert bool(plan["vs_baseline"]["break_evens"]) == solved
    assert summary(named)["requirements"] == compare(named)["requirements"] == verdicts(named, compare(named))
    assert summary(named)["requirements"][0]["holds"]


def test_failures_stand_at_the_requirement_and_hold_the_whole_reason() -> None:
    wanted = '"site.gross_mw > 60"'
    lines = [
        "name: x",
        "site: {gross_mw: 40, electricity_price_usd_per_kwh: 0.05}",
        "plans: {m: {kind: bitcoin_mining, hash_rate_eh_per_s: 1}}",
        f"require:\n  - site.gross_mw > 0\n  - {wanted}",
    ]
    reading = read_bytes("\n".join(lines).encode(), "x.yaml", Path())
    assert reading.scenario is not None
    (found,) = failures(reading, verdicts(reading.scenario, compare(reading.scenario)))
    assert (found.file, found.severity, found.code) == ("x.yaml", "error", "requirement-failed")
    assert found.mark == (6, 5, len(wanted))
    assert found.path == ("require", 1)
    assert found.message == "site.gross_mw > 60 does not hold: site.gross_mw is 40"


def test_failures_of_an_assignment_name_the_file() -> None:
    reading = read_bytes(TEXAS.read_bytes(), "t.yaml", TEXAS.parent, ["require=[months > 600]"])
    assert reading.scenario == load(TEXAS, ["require=[months > 600]"])
    (found,) = failures(reading, verdicts(load(TEXAS, ["require=[months > 600]"]), compare(load(TEXAS))))
    assert (found.file, found.source_line) == ("--set", "require=[months > 600]")
    assert found.message == "months > 600 does not hold: months is 120 (in t.yaml)"
