"""Each question is one public function of a scenario, whose data are what the command of its name prints."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minecalc
from minecalc import Answer, QuestionError, Scenario, load
from tests.analysis.report.test_question import FINANCED
from tests.cli.running import HILLTOP, TEXAS, run

LEASE = "lease to an AI tenant"
PRICE = "market.btc_price_usd"
POWER = "site.electricity_price_usd_per_kwh=0.03,0.06"

#: What to type, and the same question in Python.
ASKED: dict[str, tuple[tuple[str, ...], Callable[[Scenario], Answer]]] = {
    "check": (("check", TEXAS), lambda it: minecalc.check(TEXAS)),
    "catalog": (
        ("catalog", "machines", "--where", "year>=2024", "--sort", "-year"),
        lambda it: minecalc.catalog("machines", where=["year>=2024"], sort="-year"),
    ),
    "compare": (("compare", TEXAS), lambda it: minecalc.compare(it)),
    "league": (
        ("compare", TEXAS, "--columns", "name,moic_ratio"),
        lambda it: minecalc.compare(it, columns="name,moic_ratio"),
    ),
    "breakeven": (("breakeven", FINANCED), lambda _: minecalc.breakeven(load(FINANCED))),
    "solved": (("breakeven", TEXAS, "--solve", PRICE), lambda it: minecalc.breakeven(it, solve=PRICE)),
    "cashflow": (
        ("cashflow", TEXAS, "--plan", LEASE, "--quarterly"),
        lambda it: minecalc.cashflow(it, plan=LEASE, quarterly=True),
    ),
    "sweep": (("sweep", TEXAS, "--vary", POWER), lambda it: minecalc.sweep(it, vary=[POWER])),
    "sensitivity": (
        ("sensitivity", FINANCED, "--range", f"{PRICE}=40000:90000"),
        lambda _: minecalc.sensitivity(load(FINANCED), ranges=[f"{PRICE}=40000:90000"]),
    ),
    "simulate": (
        ("simulate", HILLTOP, "--paths", "64", "--seed", "3"),
        lambda _: minecalc.simulate(load(HILLTOP), paths=64, seed=3),
    ),
    "timing": (
        ("timing", FINANCED, "--paths", "256", "--every", "12", "--until", "24"),
        lambda _: minecalc.timing(load(FINANCED), paths=256, every=12, until=24),
    ),
    "report": (
        ("report", HILLTOP, "--paths", "64", "--workers", "1"),
        lambda _: minecalc.report(load(HILLTOP), paths=64, workers=1),
    ),
    "diff": (("diff", TEXAS, HILLTOP), lambda it: minecalc.diff(it, load(HILLTOP))),
    "explain": (
        ("explain", TEXAS, "rent_usd@2029-03", "--plan", LEASE),
        lambda it: minecalc.explain(it, "rent_usd@2029-03", plan=LEASE),
    ),
    "backtest": (
        ("backtest", "--model", "gbm", "--from", "2024-01", "--paths", "100"),
        lambda it: minecalc.backtest(model="gbm", from_="2024-01", paths=100),
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_its_data_and_rows_are_those_of_the_command(name: str) -> None:
    words, ask = ASKED[name]
    answer = ask(load(TEXAS))
    printed = run(*words, "--format", "json")
    assert plain(answer.data()) == json.loads(printed.out)
    assert answer.exists == (printed.code == 0)
    assert answer.document().blocks
    header, *rows = csv.reader(io.StringIO(run(*words, "--format", "csv").out))
    frame = answer.frame()
    assert frame.columns.tolist() == header
    shown = [["" if cell != cell else number(str(cell)) for cell in row] for row in frame.itertuples(index=False)]
    assert shown == [[number(cell) for cell in row] for row in rows]


def number(text: str) -> float | str:
    """A cell of CSV as a number, if it is one."""
    try:
        return float(text)
    except ValueError:
        return text.removeprefix("'")


def plain(data: Any) -> Any:
    """``data`` as it is read back from JSON."""
    return json.loads(json.dumps(data))


def test_many_scenarios_are_a_league() -> None:
    answer = minecalc.compare(load(TEXAS), load(HILLTOP))
    printed = json.loads(run("compare", TEXAS, HILLTOP, "--format", "json").out)
    assert plain(answer.data()) == printed
    assert answer["plans"] == answer.records[0]["plans"]
    with pytest.raises(QuestionError, match="at least one scenario"):
        minecalc.compare()


def halved(scenario: Scenario) -> Scenario:
    return scenario.model_copy(update={"months": scenario.months // 2})


@pytest.mark.parametrize("change", [lambda it: minecalc.vary(it, {PRICE: 50_000.0}), halved])
def test_a_changed_scenario_is_not_taken_for_its_file(change: Callable[[Scenario], Scenario]) -> None:
    cheap = change(load(TEXAS))
    assert cheap.source.name == ""
    assert minecalc.compare(cheap).data()["scenarios"][0]["file"] == ""
    for ask in (
        lambda: minecalc.sweep(cheap, vary=[POWER]),
        lambda: minecalc.explain(cheap, "npv_usd", plan=LEASE),
        lambda: minecalc.diff(cheap, load(HILLTOP)),
    ):
        with pytest.raises(QuestionError, match=r"as (it was|they were) read"):
            ask()


def test_what_cannot_be_asked_is_one_kind_of_error() -> None:
    scenario = load(TEXAS)
    asked: list[Callable[[], object]] = [
        lambda: minecalc.breakeven(scenario, solve="site.gross_kw"),
        lambda: minecalc.cashflow(scenario),
        lambda: minecalc.sensitivity(scenario, metric="npv"),
        lambda: minecalc.simulate(scenario, figures=["npv"]),
        lambda: minecalc.timing(scenario, plan="keep mining"),
        lambda: minecalc.explain(scenario, "npv", plan=LEASE),
        lambda: minecalc.backtest(model="garch"),
        lambda: minecalc.sweep(scenario),
        lambda: minecalc.compare(scenario, columns="npv"),
        lambda: minecalc.check(),
        lambda: minecalc.catalog("machine"),
        lambda: minecalc.diff(scenario, scenario, plan="none"),
    ]
    for ask in asked:
        with pytest.raises(QuestionError):
            ask()


def test_a_fault_is_not_told_as_what_cannot_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A break-even that goes wrong inside is no question put wrongly."""

    def wrong(*_: object) -> None:
        raise ValueError("operands could not be broadcast together")

    monkeypatch.setattr("minecalc.analysis.breakeven.question.overview", wrong)
    with pytest.raises(ValueError, match="broadcast") as found:
        minecalc.breakeven(load(TEXAS))
    assert not isinstance(found.value, QuestionError)


def test_a_frame_has_numbers() -> None:
    frame = minecalc.compare(load(TEXAS)).frame()
    assert frame["npv_usd"].dtype == np.float64
    assert frame.set_index("plan").loc["keep mining", "npv_difference_usd"] == 0.0
