"""Requirements as they are read: what their names mean, and where in the file one is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from minecalc.analysis.compare.record import compare
from minecalc.figures import names_of
from minecalc.loading import ScenarioError, load, loads, read, read_bytes
from minecalc.loading.requirements import CODES, BreakEvenAt, Figure, Input, Subject, figure_names, requirements
from minecalc.scenario.movables import movables
from minecalc.schema.diagnostics import Diagnostic
from minecalc.schema.expressions import names

EXAMPLES = Path(__file__).parents[1] / "examples"
TEXAS, HILLTOP = EXAMPLES / "texas.yaml", EXAMPLES / "hilltop.yaml"


def wrong(yaml: str, file: Path = TEXAS) -> list[Diagnostic]:
    """What is said of ``require`` written as this YAML in a file."""
    data = file.read_text(encoding="utf-8") + f"require: {yaml}\n"
    return list(read_bytes(data.encode(), "t.yaml", EXAMPLES).diagnostics)


def marked(found: Diagnostic) -> str:
    """What the carets stand under."""
    assert found.mark is not None
    return found.source_line[found.mark.column - 1 : found.mark.column - 1 + found.mark.length]


def subjects(text: str) -> list[Subject]:
    """What the names in a requirement of Texas mean, in order."""
    (found,) = requirements(load(TEXAS, [f"require={json.dumps([text])}"]))
    assert found.text == text
    return [found.subjects[name] for name in names(found.condition)]


def test_figures_are_all_the_numbers_of_a_plans_record() -> None:
    wanted = set(figure_names()) - set(names_of("corner", "debt"))
    for plan in compare(load(TEXAS))["plans"]:
        known = {**plan["metrics"], **plan["quantities"], **plan["memo"], **plan["vs_baseline"]}
        rate = {"discount_rate_fraction_per_year"}
        assert wanted == (set(known) | rate) - {"irr_roots", "incremental_irr_roots", "best_stop", "break_evens"}
    assert len(figure_names()) == len({*figure_names()})


def test_a_least_dscr_may_be_required() -> None:
    terms = "share_of_cost_fraction: 0.5, rate_fraction_per_year: 0.07, repayment: level, term_months: 60"
    loan = f"{{tranches: {{loan: {{{terms}}}}}}}"
    lease = "plans.'lease to an AI tenant'"
    required = f'require=["{lease}.dscr_min_ratio > 1", "{lease}.llcr_ratio > 9"]'
    scenario = load(TEXAS, [f'plans."lease to an AI tenant".financing={loan}', required])
    held = [verdict["holds"] for verdict in compare(scenario)["requirements"]]
    assert held == [True, False]


def test_no_figure_is_called_like_an_input_of_a_plan() -> None:
    inputs = {path.rpartition(".")[2] for path in movables(load(TEXAS)) if path.startswith("plans.")}
    assert set(figure_names()) & inputs == {"discount_rate_fraction_per_year"}


def test_a_figure_a_break_even_and_an_input() -> None:
    path = 'plans."lease to an AI tenant".rent_usd_per_kw_per_month'
    lease = "plans.'lease to an AI tenant'"
    assert subjects(f"{lease}.npv_usd > {lease}.break_even.{lease}.rent_usd_per_kw_per_month") == [
        Figure("lease to an AI tenant", "npv_usd"),
        BreakEvenAt("lease to an AI tenant", path),
    ]
    assert subjects(f"{lease}.rent_usd_per_kw_per_month > 0 and months + site.gross_mw > 0") == [
        Input(130.0),
        Input(120.0),
        Input(50.0),
    ]
    assert subjects('plans."half and half".uses.lease.gross_mw > 0') == [Input(25.0)]


def test_a_value_over_time_is_that_of_its_first_month() -> None:
    assert subjects('plans."rent out GPUs".lease_usd_per_gpu_hour > 0') == [Input(2.6)]
    assert subjects("market.network_hash_rate_eh_per_s.growth_fraction_per_year > 0") == [Input(0.1)]
    assert subjects('plans."keep mining".discount_rate_fraction_per_year > 0') == [
        Figure("keep mining", "discount_rate_fraction_per_year")
    ]


def test_assignments_change_what_an_input_is() -> None:
    reading = load(HILLTOP, ["require=[site.gross_mw > 0]", "site.gross_mw=77"])
    (found,) = requirements(reading)
    assert list(found.subjects.values()) == [Input(77.0)]


@pytest.mark.parametrize(
    ("text", "code", "part", "message", "advice"),
    [
        (
            "plans.lease.npv_usd > 0",
            "unknown-plan",
            "plans.lease.npv_usd",
            "there is no plan lease",
            "did you mean lease to an AI tenant?",
        ),
        (
            "plans.'half and half'.irr > 0",
            "unknown-name",
            "plans.'half and half'.irr",
            "there is no figure or numeric input irr",
            "did you mean irr_fraction_per_year or irr_unlevered_fraction_per_year or irr_after_tax_fraction_per_year "
            "or irr_levered_fraction_per_year?",
        ),
        (
            "0 < plans.'half and half'.pay_back_months",
            "unknown-name",
            "plans.'half and half'.pay_back_months",
            "there is no figure or numeric input pay_back_months",
            "did you mean payback_months? minecalc compare --format json lists them",
        ),
        (
            "plans.'rent out GPUs'.first_year > 0",
            "unknown-name",
            "plans.'rent out GPUs'.first_year",
            "there is no figure or numeric input first_year",
            "did you mean first_year_revenue_usd or first_year_gross_profit_usd or "
            "first_year_revenue_usd_per_gross_mwh or first_year_gross_profit_usd_per_gross_mwh?",
        ),
        (
            "site.gross > 0",
            "unknown-name",
            "site.gross",
            "there is no numeric input site.gross",
            "did you mean site.gross_mw?",
        ),
        (
            "plans.'rent out GPUs'.conversion.ready > 0",
            "unknown-name",
            "plans.'rent out GPUs'.conversion.ready",
            'there is no numeric input plans."rent out GPUs".conversion.ready',
            'did you mean plans."rent out GPUs".conversion.delay_months? minecalc schema lists them',
        ),
        (
            "plans.'rent out GPUs'.break_even.btc_price_usd > 0",
            "unknown-name",
            "plans.'rent out GPUs'.break_even.btc_price_usd",
            "there is no numeric input btc_price_usd",
            "did you mean market.btc_price_usd?",
        ),
        (
            "plans.'keep mining'.break_even.market.btc_price_usd > 0",
            "bad-requirement",
            "plans.'keep mining'.break_even.market.btc_price_usd",
            "keep mining is the baseline, so it breaks even with itself everywhere",
            "name another plan",
        ),
        (
            "months > 1 and months",
            "bad-requirement",
            "months",
            "months is a number, not a condition",
            "compare it: months > 0",
        ),
    ],
)
def test_mistake(text: str, code: str, part: str, message: str, advice: str) -> None:
    (found,) = wrong(f'["{text}"]')
    assert (found.code, found.message, found.help) == (code, message, advice)
    assert (marked(found), found.path) == (part, ("require", 0))


def test_every_mistake_of_every_requirement_is_told() -> None:
    found = wrong('[months > 0, "site.a > site.b", months >, "months"]')
    assert [(item.path[-1], marked(item)) for item in found] == [(1, "site.a"), (1, "site.b"), (2, ">"), (3, "months")]


@pytest.mark.parametrize(
    ("yaml", "advice"),
    [
        ("[plans.keep mining.npv_usd > 0]", "put the plan's name in quotes: plans.'keep mining'"),
        ('["plans.keep mining.npv_usd > 0"]', "put the plan's name in quotes: plans.'keep mining'"),
        ("['plans.keep mining.npv_usd > 0']", 'put the plan\'s name in quotes: plans."keep mining"'),
        ('["plans.half and half.npv_usd > 0"]', "put the plan's name in quotes: plans.'half and half'"),
    ],
)
def test_a_plans_name_without_its_quotes(yaml: str, advice: str) -> None:
    assert {found.help for found in wrong(yaml)} == {advice}


@pytest.mark.parametrize(
    ("yaml", "part"),
    [
        ("[1 < site.gross, x]", "site.gross"),
        ("['1 < site.gross']", "site.gross"),
        ('["1 < site.gross"]', "site.gross"),
        ("\n- 1 < site.gross", "site.gross"),
        ('\n  -   "1 < site.gross"', "site.gross"),
        ("['1 < site.''gross''']", "['1 < site.''gross''']"[1:-1]),
        ('["\\x31 < site.gross"]', '"\\x31 < site.gross"'),
        ("\n- 1 <\n  site.gross", "1 <"),
        ("\n- >\n  1 < site.gross", ">"),
    ],
)
def test_the_mark_is_on_the_name_or_where_that_cannot_be_on_the_text(yaml: str, part: str) -> None:
    assert marked(wrong(yaml)[0]) == part


@pytest.mark.parametrize(
    ("yaml", "code", "message"),
    [
        ("months > 0", "wrong-type", 'require is "months > 0"; a list is needed'),
        ("[12]", "wrong-type", "require[0] is 12; text is needed"),
        ("[months > 0, '']", "bad-length", "require[1] has 0 characters; it must have at least 1"),
        (f"[{'a' * 501}]", "bad-length", "require[0] has 501 characters; it must have at most 500"),
        (f"[{', '.join(['months > 0'] * 201)}]", "bad-length", "require has 201 entries; it must have at most 200"),
    ],
)
def test_it_is_a_list_of_texts(yaml: str, code: str, message: str) -> None:
    assert (code, message) in [(found.code, found.message) for found in wrong(yaml)]


def test_the_longest_texts_are_read() -> None:
    for text in ("1+" * 245 + "1 > 0", "not " * 9 + "months > 0 or " * 30 + "months > 0", "0" + "<1" * 249):
        assert len(text) <= 500
        assert load(HILLTOP, [f"require=[{text}]"]).require == (text,)


def test_syntax_is_checked_beside_other_mistakes_and_names_once_the_rest_is_right() -> None:
    text = "name: x\nsite: {gross_mw: 40}\nplans: {m: {kind: bitcoin_mining, hash_rate_eh_per_s: 1}}\n"
    reading = read_bytes(f"{text}require: [site.x > 1, months]\n".encode(), "x.yaml", EXAMPLES)
    assert [item.code for item in reading.diagnostics] == ["missing-key", "bad-requirement"]
    other = HILLTOP.read_text(encoding="utf-8") + "baseline: nobody\nrequire: [site.x > 1, months]\n"
    reading = read_bytes(other.encode(), "x.yaml", EXAMPLES)
    assert [item.code for item in reading.diagnostics] == ["unknown-plan", "bad-requirement"]


def test_assignments_may_require_and_are_shown_where_they_are_wrong() -> None:
    reading = read(HILLTOP, ['require=["site.gross > 0"]'])
    (found,) = reading.diagnostics
    assert (found.file, marked(found)) == ("--set", "site.gross")
    with pytest.raises(ScenarioError, match=r"--set:1:11: error\[unknown-name\]"):
        load(HILLTOP, ['require=["site.gross > 0"]'])


def test_a_scenario_that_was_changed_so_that_its_requirements_mean_nothing_is_refused() -> None:
    scenario = loads(HILLTOP.read_text() + "require: [months > 0]").model_copy(update={"require": ("weeks > 0",)})
    with pytest.raises(ValueError, match="weeks > 0: there is no numeric input weeks"):
        requirements(scenario)
    assert requirements(load(HILLTOP)) == []


def test_scenarios_without_requirements_do_without_the_language() -> None:
    code = """
import sys
from minecalc.analysis.compare.league import answer_each
answer_each(sys.argv[1:]), answer_each(sys.argv[1:], in_full=False)
language = {"minecalc.loading.requirements", "minecalc.schema.expressions", "minecalc.analysis.requirements"}
print(language & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code, HILLTOP], capture_output=True, check=True, timeout=60)
    assert done.stdout.decode().strip() == "set()"


def test_codes_are_explained() -> None:
    assert set(CODES) == {"bad-requirement"}
