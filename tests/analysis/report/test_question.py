"""The report says what each command says of the same file, and nothing else."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

import minecalc
from minecalc import QuestionError, Scenario, load, reports
from minecalc.analysis.report.question import Report
from minecalc.document import Note
from minecalc.looks import sentence
from tests.cli.running import HILLTOP

FINANCED = str(Path(__file__).parent / "financed.yaml")
ALONE = """
name: Alone
months: 24
site: {gross_mw: 40, electricity_price_usd_per_kwh: 0.05}
plans:
  mine: {kind: bitcoin_mining, hash_rate_eh_per_s: 1.9, efficiency_j_per_th: 18}
"""


@cache
def asked(file: str) -> Report:
    return minecalc.report(load(file), paths=64, seed=3, workers=1)


@cache
def page(file: str) -> str:
    return str(reports.render(asked(file).document(), "html"))


def headlines(answer: minecalc.Answer) -> list[str]:
    blocks = answer.document().blocks
    return [sentence(block.text) for block in blocks if isinstance(block, Note) and block.kind == "headline"]


@pytest.mark.parametrize("file", [HILLTOP, FINANCED])
def test_each_part_is_what_its_own_question_answers_and_compare_s_headline_comes_first(file: str) -> None:
    answer, scenario = asked(file), load(file)
    compared, simulated = minecalc.compare(scenario), minecalc.simulate(scenario, paths=64, seed=3, workers=1)
    parts = answer.data()["parts"]
    told = answer.told
    assert told == compared["headline_plan"]
    assert parts["compare"] == compared.data()
    assert parts["cashflow"] == minecalc.cashflow(scenario, plan=told).data()
    assert parts["sensitivity"] == minecalc.sensitivity(scenario).data()
    assert parts["breakeven"] == minecalc.breakeven(scenario, plan=told).data()
    assert parts["simulate"] == simulated.data()
    assert answer.data()["reasons"] == {}
    first, second, *_ = answer.document().blocks
    assert isinstance(first, Note)
    assert isinstance(second, Note)
    assert first.kind == "headline"
    assert [sentence(first.text)] == headlines(compared)
    assert [sentence(second.text)] == headlines(simulated)


def test_debt_has_its_own_part() -> None:
    assert "debt" in asked(FINANCED).data()["parts"]
    assert "debt" not in asked(HILLTOP).data()["parts"]


def test_waiting_is_asked_for_on_request() -> None:
    assert "timing" not in asked(HILLTOP).data()["parts"]
    alone = minecalc.report(minecalc.loads(ALONE), paths=64, timing=True, workers=1)
    assert alone.data()["parts"]["timing"] is None or "reason" in str(alone.data()["parts"]["timing"])


def test_a_plan_that_is_alone_has_a_report() -> None:
    answer = minecalc.report(minecalc.loads(ALONE), paths=64, workers=1)
    assert answer.told == "mine"
    assert {"compare", "cashflow", "sensitivity", "breakeven", "simulate"} <= set(answer.data()["parts"])
    assert "baseline_cashflow" not in answer.data()["parts"]


def test_numbers_that_cannot_be_drawn_are_refused() -> None:
    scenario: Scenario = load(HILLTOP)
    with pytest.raises(QuestionError):
        minecalc.report(scenario, seed=-1)
    with pytest.raises(QuestionError):
        minecalc.report(scenario, paths=0)


def test_its_page_is_the_same_every_time_and_small() -> None:
    again = minecalc.report(load(FINANCED), paths=64, seed=3, workers=1)
    assert reports.render(again.document(), "html") == page(FINANCED)
    assert len(page(FINANCED).encode()) < 1_000_000
