"""Values over time against the months of a scenario: what does not fit, what is held, what lies outside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from minecalc.checks import horizon
from minecalc.engine import evaluate
from minecalc.loading import load, read_bytes
from minecalc.scenario import Scenario
from tests.by_hand import CLOUD, LEASE, MARKET, MINER, SITE, terms

CASES = Path(__file__).parents[1] / "cases"
TWO = "month,p\n2027-02,2\n2027-03,3\n"


def reading(data: dict[str, Any], folder: Path) -> Any:
    whole = {"name": "fit", "months": 6, "site": SITE, "market": MARKET, "plans": {"mine": MINER}} | data
    return read_bytes(json.dumps(whole).encode(), "fit.yaml", folder)


def of_income(text: str, folder: Path, months: int = 6, **beside: Any) -> Any:
    """What is read of a mine whose income from demand response stands in a file; it starts in 2027-01."""
    (folder / "p.csv").write_text(text)
    income = {"csv": "p.csv", "column": "p", **beside}
    return reading({"plans": {"mine": MINER | {"demand_response_usd_per_month": income}}, "months": months}, folder)


def used(scenario: Scenario) -> list[float]:
    income = terms(scenario.plans["mine"].uses[0]).demand_response_usd_per_month
    return [round(float(value), 9) for value in income.values(scenario.timeline)[:, 0]]


def told(found: Any) -> list[str]:
    assert found.scenario is not None, found.diagnostics
    return horizon.warnings(found.scenario)


def test_undated_rows_begin_with_the_scenario_and_the_last_is_held(tmp_path: Path) -> None:
    found = of_income("p\n1\n2\n", tmp_path)
    assert used(found.scenario) == [1, 2, 2, 2, 2, 2]
    assert told(found) == [
        "mine: demand_response_usd_per_month: the last value of the file, 2, is held in 2027-03 to 2027-06"
    ]
    assert told(of_income("p\n1\n2\n", tmp_path, months=2)) == []
    twelve = of_income("p\n" + "1\n" * 12, tmp_path, months=13)
    assert told(twelve)[0].endswith("is held in 2028-01; repeat: yearly makes a season of 12 rows, January first")


@pytest.mark.parametrize("beside", [{}, {"outside": "hold"}])
def test_more_undated_rows_than_months(beside: dict[str, Any], tmp_path: Path) -> None:
    (wrong,) = of_income("p\n1\n2\n", tmp_path, months=1, **beside).diagnostics
    assert wrong.code == "too-many-rows"
    assert wrong.message == "demand_response_usd_per_month: the file has 2 rows for 1 month, and no dates"
    assert wrong.path == ("plans", "mine", "demand_response_usd_per_month", "csv")


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        (TWO, "add 2027-01 and 2027-04 to 2027-06"),
        ("month,p\n2026-12,1\n2027-01,1\n", "add 2027-02 to 2027-06"),
        ("month,p\n2027-06,1\n2027-07,1\n", "add 2027-01 to 2027-05"),
        ("month,p\n2026-01,1\n2026-02,1\n", "add 2027-01 to 2027-06"),
        ("month,p\n2028-01,1\n", "add 2027-01 to 2027-06"),
    ],
)
def test_a_dated_file_covers_every_month_or_says_that_its_ends_hold(text: str, lacking: str, tmp_path: Path) -> None:
    (wrong,) = of_income(text, tmp_path).diagnostics
    assert wrong.code == "months-not-covered"
    assert wrong.help == f"{lacking}, or outside: hold, which holds its ends"
    assert wrong.message.endswith("; the scenario runs from 2027-01 to 2027-06")
    assert of_income(text, tmp_path, outside="hold").scenario is not None


def test_a_note_names_the_months_held(tmp_path: Path) -> None:
    found = of_income(TWO, tmp_path, outside="hold")
    assert used(found.scenario) == [2, 2, 3, 3, 3, 3]
    assert told(found) == [
        "mine: demand_response_usd_per_month: the first value of the file, 2, is held in 2027-01; "
        "the last value of the file, 3, is held in 2027-04 to 2027-06"
    ]
    assert told(of_income("month,p\n2026-01,1\n2026-02,4\n", tmp_path, outside="hold"))[0].endswith(
        ": the last value of the file, 4, is held in 2027-01 to 2027-06"
    )


def test_a_dated_file_may_be_longer_than_the_horizon(tmp_path: Path) -> None:
    text = "month,p\n" + "".join(f"{y}-{m:02d}-15,{m}\n" for y in (2026, 2027, 2028) for m in range(1, 13))
    found = of_income(text, tmp_path)
    assert used(found.scenario) == [1, 2, 3, 4, 5, 6]
    assert told(found) == []
    assert told(of_income(text, tmp_path, outside="hold")) == [], "nothing is held"


def test_a_season_repeats_and_grows_from_the_first_month(tmp_path: Path) -> None:
    year = "p\n" + "".join(f"{m}\n" for m in range(1, 13))
    found = of_income(year, tmp_path, months=26, repeat="yearly")
    assert used(found.scenario) == [*range(1, 13), *range(1, 13), 1, 2]
    assert told(found) == []
    grown = of_income(year, tmp_path, months=13, repeat="yearly", growth_fraction_per_year=0.21)
    assert used(grown.scenario)[6] == pytest.approx(7 * 1.1, rel=1e-9)
    assert used(grown.scenario)[12] == pytest.approx(1.21, rel=1e-9)
    dated = "month,p\n" + "".join(f"{2025 + m // 12}-{m % 12 + 1:02d},{m % 12 + 1}\n" for m in range(3, 15))
    assert used(of_income(dated, tmp_path, months=13, repeat="yearly").scenario) == [*range(1, 13), 1]


@pytest.mark.parametrize(
    ("rows", "beside", "code", "at"),
    [
        (11, {"repeat": "yearly"}, "no-season", "csv"),
        (24, {"repeat": "yearly"}, "no-season", "csv"),
        (12, {"repeat": "monthly"}, "bad-choice", "repeat"),
        (12, {"repeat": True}, "bad-choice", "repeat"),
        (12, {"outside": "zero"}, "bad-choice", "outside"),
        (12, {"outside": None}, "bad-choice", "outside"),
        (12, {"outside": "hold", "repeat": "yearly"}, "conflict", "outside"),
        (12, {"growth_fraction_per_year": 0.1}, "conflict", "growth_fraction_per_year"),
        (12, {"repeat": "yearly", "growth_fraction_per_year": 11}, "out-of-range", "growth_fraction_per_year"),
        (12, {"start": 1}, "unknown-key", "column"),
    ],
)
def test_what_stands_beside_a_file(rows: int, beside: dict[str, Any], code: str, at: str, tmp_path: Path) -> None:
    found = of_income("p\n" + "1\n" * rows, tmp_path, months=36, **beside).diagnostics
    assert (code, ("plans", "mine", "demand_response_usd_per_month", at)) in [
        (wrong.code, wrong.path) for wrong in found
    ]


def test_a_season_stands_beside_a_file_only(tmp_path: Path) -> None:
    for form in ({"value": 1}, {"steps": {"2027-01": 1}}, {"start": 1, "growth_fraction_per_year": 0}):
        site = SITE | {"electricity_price_usd_per_kwh": form | {"repeat": "yearly"}}
        (wrong,) = reading({"site": site}, tmp_path).diagnostics
        assert wrong.code == "unknown-key"


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ({"steps": {"2026-01": 0.05}}, "2026-01 lies outside the horizon, 2027-01 to 2027-06; its steps give 0.05"),
        (
            {"steps": {"2025-01": 0.04, "2026-01": 0.05}},
            "all dates, 2025-01 to 2026-01, lie outside the horizon, 2027-01 to 2027-06; its steps give 0.05",
        ),
        ({"points": {"2028-01": 0.05}}, "2028-01 lies outside the horizon, 2027-01 to 2027-06; its points give 0.05"),
        (
            {"points": {"2026-07": 0.0, "2028-07": 0.24}},
            "all dates, 2026-07 to 2028-07, lie outside the horizon, 2027-01 to 2027-06; its points give 0.06 to 0.11",
        ),
        ({"steps": {"2026-01": 0.05, "2027-06": 0.06}}, ""),
        ({"points": {"2027-01": 0.05}}, ""),
    ],
)
def test_dates_that_all_lie_outside(form: dict[str, Any], text: str, tmp_path: Path) -> None:
    found = reading({"site": SITE | {"electricity_price_usd_per_kwh": form}}, tmp_path)
    assert told(found) == ([f"site.electricity_price_usd_per_kwh: {text}"] if text else [])


def test_values_over_time_are_found_however_deep(tmp_path: Path) -> None:
    """A refreshed fleet, a contract's renewal and a future of a market rate hold values over time of their own."""
    (tmp_path / "long.csv").write_text("p\n" + "1\n" * 7)
    far = {"csv": "long.csv", "column": "p"}
    refresh = {"every_months": 3, "price_usd_per_th": far, "efficiency_j_per_th": 15}
    renewal = {"rent_usd_per_kw_per_month": far}
    futures = {"futures": {"boom": {"probability_fraction": 1, "rate_ratio": far}}}
    plans = {
        "mine": MINER | {"refresh": refresh},
        "both": {"uses": {"hall": LEASE | {"gross_mw": 5, "term_months": 3, "renewal": renewal}}},
        "cloud": CLOUD,
    }
    found = reading({"plans": plans, "uncertainty": {"lease_usd_per_gpu_hour": futures}}, tmp_path).diagnostics
    assert [wrong.path for wrong in found if wrong.code == "too-many-rows"] == [
        ("plans", "mine", "refresh", "price_usd_per_th", "csv"),
        ("plans", "both", "uses", "hall", "renewal", "rent_usd_per_kw_per_month", "csv"),
        ("uncertainty", "lease_usd_per_gpu_hour", "futures", "boom", "rate_ratio", "csv"),
    ]


def test_a_warning_names_plan_and_use(tmp_path: Path) -> None:
    late = {"steps": {"2030-01": 0.9}}
    plans = {"both": {"uses": {"hall": LEASE | {"leased_fraction": late, "gross_mw": 5}}}}
    (text,) = told(reading({"plans": plans}, tmp_path))
    assert text.startswith("both: hall: leased_fraction: 2030-01 lies outside the horizon")


def test_a_wet_and_a_dry_season() -> None:
    """What 0.3.0 held at December's price for four years is worth $21.7M if the season comes back."""
    as_given = load(CASES / "season.yaml")
    assert "repeat: yearly makes a season" in horizon.warnings(as_given)[0]
    again = load(CASES / "season.yaml", ["site.electricity_price_usd_per_kwh.repeat=yearly"])
    assert horizon.warnings(again) == []
    assert float(evaluate(again).plans["mine"].npv_usd[0]) == pytest.approx(21.7e6, abs=0.05e6)


@pytest.mark.parametrize(
    ("case", "code", "advice"),
    [("dated-column", "bad-csv", "call it month"), ("hourly-file-for-a-month", "too-many-rows", "take the mean")],
)
def test_files_that_are_no_monthly_series(case: str, code: str, advice: str) -> None:
    file = CASES / f"{case}.yaml"
    (wrong,) = read_bytes(file.read_bytes(), str(file), CASES).diagnostics
    assert (wrong.code, advice in wrong.help) == (code, True)


def test_hours_as_their_mean() -> None:
    """The gross profit of the hourly case at its mean price: $459k, as a program of its own found."""
    lines = (CASES / "hourly.csv").read_text().splitlines()[1:]
    prices = [float(line.split(",")[1]) for line in lines]
    text = (CASES / "hourly-file-for-a-month.yaml").read_text()
    text = text.replace("{csv: hourly.csv, column: price}", repr(sum(prices) / len(prices)))
    scenario = read_bytes(text.encode(), "mean.yaml", CASES).scenario
    assert scenario is not None
    assert float(evaluate(scenario).plans["mine"].gross_profit_usd[0, 0]) == pytest.approx(459e3, abs=500)
