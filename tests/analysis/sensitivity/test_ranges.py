"""How far each input moves: by record, by default, as given; and which are held, with the reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from minecalc.analysis.sensitivity.ranges import Span, given_range, input_ranges
from minecalc.loading import load, loads, scenario_files
from minecalc.reference.snapshot import defaults
from minecalc.scenario import Scenario
from minecalc.scenario.movables import movables_and_shared
from minecalc.scenario.varying import vary
from minecalc.timeline import parse_month
from tests.by_hand import CLOUD, CONVERSION, LEASE, MARKET, MINER, SITE, Data, compared
from tests.cli.running import ROOT, TEXAS
from tests.test_corners import LOAN, plans

BTC_MARKET = {"network_hash_rate_eh_per_s": {"start": 969, "growth_fraction_per_year": -0.07}}
RENT, PUE = "plans.it.rent_usd_per_kw_per_month", "plans.it.pue_ratio"


def scenario(use: Data, market: Data = MARKET, **more: Any) -> Scenario:
    """One plan of one use at the site of the examples by hand, over two years."""
    data = {"name": "x", "months": 24, "site": SITE, "market": market, "plans": {"it": use}} | more
    return loads(json.dumps(data))


def spans(found: Scenario, spread: float = 0.2, given: Mapping[str, Span] = MappingProxyType({})) -> dict[str, Span]:
    return {span.movable.path: span for span in input_ranges(found, spread, given).spans}


def ends(span: Span) -> tuple[Any, ...]:
    return span.low * span.movable.base, span.high * span.movable.base, span.basis


def test_the_market_moves_within_its_record_and_names_the_source() -> None:
    found = spans(scenario(MINER, BTC_MARKET))
    for name in ("btc_price_usd", "network_hash_rate_eh_per_s", "fee_btc_per_block"):
        record = defaults()[f"market.{name}"]
        span = found[f"market.{name}"]
        assert ends(span) == (pytest.approx(record.low), pytest.approx(record.high), "record 2026-06")
        assert record.source in span.source
    price = found["market.btc_price_usd"]
    assert (price.low, price.high) == (58_559, 78_325)
    grows = found["market.network_hash_rate_eh_per_s"]
    assert (grows.low, grows.high) == (886 / 969, 1097 / 969), "a value that grows is scaled"


@pytest.mark.parametrize(
    ("use", "name", "expected"),
    [
        (LEASE | {"pue_ratio": 1.2}, "pue_ratio", (1.18, 1.3, "record 2025-12")),
        (LEASE | {"pue_ratio": 1.3}, "pue_ratio", (1.18, 1.3, "record 2025-12")),
        (LEASE | {"pue_ratio": 1.5}, "pue_ratio", (1.2, 1.8, "±20%")),
        (LEASE | {"pue_ratio": 1.1}, "pue_ratio", (1.0, 1.32, "±20%")),
        (LEASE | {"opex_fraction_of_rent": 0.15}, "opex_fraction_of_rent", (0.1, 0.2, "record 2026-05")),
        (
            LEASE | {"conversion": CONVERSION | {"capex_usd_per_critical_mw": 9e6}},
            "conversion.capex_usd_per_critical_mw",
            (8e6, 13.2e6, "record 2025-12"),
        ),
        (MINER | {"uptime_fraction": 0.9}, "uptime_fraction", (0.87, 0.97, "record 2025-10")),
        (MINER | {"pool_fee_fraction": 0.01}, "pool_fee_fraction", (0, 0.04, "record 2025-10")),
        (MINER | {"opex_usd_per_mw_per_year": 5e4}, "opex_usd_per_mw_per_year", (26_000, 123_000, "record 2024-06")),
        (CLOUD | {"opex_fraction_of_revenue": 0.1}, "opex_fraction_of_revenue", (0.03, 0.15, "record 2026-02")),
        (LEASE | {"leased_fraction": 0.9}, "leased_fraction", (0.72, 1.0, "±20%")),
        (LEASE, "rent_usd_per_kw_per_month", (80, 120, "±20%")),
        (LEASE | {"free_months": 3}, "free_months", (3, 15, "+12 months")),
        (LEASE | {"term_months": 20}, "term_months", (16, 24, "±20%")),
        (LEASE | {"term_months": 2}, "term_months", (1, 3, "±20%")),
        (MINER | {"hash_rate_eh_per_s": 0.9, "pue_ratio": 1.05}, "pue_ratio", (1.02, 1.1, "record 2026-11")),
        (CLOUD, "life_months", (48, 72, "record 2025")),
        (CLOUD, "gpu_count", (800, 1200, "±20%")),
        (
            CLOUD | {"gpu": "b200", "lease_usd_per_gpu_hour": 5},
            "lease_usd_per_gpu_hour",
            (3.75, 6.03, "record 2026-06"),
        ),
        (CLOUD | {"gpu": "b200", "lease_usd_per_gpu_hour": 3}, "lease_usd_per_gpu_hour", (2.4, 3.6, "±20%")),
        (CLOUD | {"gpu": "h100", "lease_usd_per_gpu_hour": 8}, "lease_usd_per_gpu_hour", (6.4, 9.6, "±20%")),
        (CLOUD | {"lease_usd_per_gpu_hour": 5}, "lease_usd_per_gpu_hour", (4, 6, "±20%")),
    ],
)
def test_an_input_of_a_use_moves_by_record_where_that_holds_its_value(
    use: Data, name: str, expected: tuple[float, float, str]
) -> None:
    low, high, basis = expected
    span = spans(scenario(use))[f"plans.it.{name}"]
    assert ends(span) == (pytest.approx(low), pytest.approx(high), basis)
    assert bool(span.source) == basis.startswith("record")


def test_growth_moves_by_points_and_a_price_below_zero_in_order() -> None:
    site = SITE | {"electricity_price_usd_per_kwh": {"start": -0.02, "growth_fraction_per_year": 0.1}}
    found = spans(scenario(MINER, site=site))
    growth = found["site.electricity_price_usd_per_kwh.growth_fraction_per_year"]
    assert ends(growth) == (pytest.approx(0.0), pytest.approx(0.2), "±10 points")
    price = found["site.electricity_price_usd_per_kwh"]
    assert sorted((price.low * price.movable.base, price.high * price.movable.base)) == pytest.approx([-0.024, -0.016])
    assert price.low < price.high


def test_dates_and_delays_move_on_by_a_year_at_most() -> None:
    conversion = CONVERSION | {"starts": "2027-03", "ready": "2027-12"}
    found = input_ranges(scenario(LEASE | {"conversion": conversion}))
    by_path = {span.movable.path: span for span in found.spans}
    starts, delay = (by_path[f"plans.it.conversion.{name}"] for name in ("starts", "delay_months"))
    assert ends(starts) == (parse_month("2027-03"), parse_month("2027-12"), "+12 months"), "not after ready"
    assert ends(delay) == (0, 12, "+12 months")
    assert found.held["plans.it.conversion.ready"] == "delay_months moves it"
    late = LEASE | {"conversion": conversion | {"ready": "2028-08"}}
    assert spans(scenario(late))["plans.it.conversion.delay_months"].high == 5, "not beyond the horizon"
    stops = spans(scenario(MINER | {"stops": "2027-06"}))["plans.it.stops"]
    assert ends(stops) == (parse_month("2027-06"), parse_month("2028-06"), "+12 months")


def test_what_is_zero_or_implied_is_held_with_the_reason() -> None:
    found = input_ranges(scenario(LEASE | {"conversion": CONVERSION | {"ready": "2027-03"}}, BTC_MARKET))
    assert found.held["site.fixed_cost_usd_per_year"] == "it is 0, and ±20% of 0 is no range"
    assert found.held["market.hash_price_usd_per_ph_per_day"].startswith("it follows from the price of bitcoin")
    assert found.held["plans.it.conversion.starts"] == "it cannot move within its limits"
    given = input_ranges(scenario(LEASE)).spans
    assert "market.hash_price_usd_per_ph_per_day" in {span.movable.path for span in given}, "given here"


def test_the_spread_is_a_choice() -> None:
    found = spans(scenario(LEASE), spread=0.5)
    assert ends(found[RENT]) == (50, 150, "±50%")
    assert found[PUE].basis == "record 2025-12"


def test_a_given_range_comes_before_all_others() -> None:
    it = scenario(LEASE | {"conversion": CONVERSION}, BTC_MARKET)
    texts = {
        "market.btc_price_usd=40000:120000": (40_000, 120_000),
        "market.network_hash_rate_eh_per_s=500:2e3": (500, 2000),
        "plans.it.conversion.ready=2027-05:2028-02": (parse_month("2027-05"), parse_month("2028-02")),
        'plans."it".conversion.delay_months=2:5': (2, 5),
        "site.fixed_cost_usd_per_year=0:1e6": (0, 1e6),
        "market.hash_price_usd_per_ph_per_day=10:90": (10, 90),
    }
    given = [given_range(it, text) for text in texts]
    found = spans(it, given={span.movable.path: span for span in given})
    for span, (low, high) in zip(given, texts.values(), strict=True):
        assert ends(found[span.movable.path]) == (pytest.approx(low), pytest.approx(high), "given")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("market.btc_price_usd", "is no range; write PATH=low:high"),
        ("market.btc_price_usd=5", "is no range"),
        ("market.btc_prise_usd=1:2", "did you mean market.btc_price_usd?"),
        ("market.btc_price_usd=1:x", "x is no number"),
        ("market.btc_price_usd=1:nan", "nan is no number"),
        ("market.btc_price_usd=2:1", "the low end must lie below the high end"),
        ("market.btc_price_usd=1:1", "the low end must lie below the high end"),
        ("market.btc_price_usd=1:2e6", "2e6 lies outside what market.btc_price_usd may be"),
        ("plans.it.conversion.delay_months=0:1.5", "takes whole numbers"),
        ("plans.it.conversion.ready=2027-05:12", "12 is no month such as 2028-06"),
        ("plans.it.conversion.ready=2027-05:2031-01", "2031-01 lies outside"),
        ("plans.it.leased_fraction=0.5:1.1", "1.1 lies outside what plans.it.leased_fraction may be"),
    ],
)
def test_a_wrong_range_is_refused_with_advice(text: str, message: str) -> None:
    it = scenario(LEASE | {"conversion": CONVERSION}, BTC_MARKET)
    with pytest.raises(ValueError, match=message.replace("?", r"\?")):
        given_range(it, text)


def test_what_begins_with_nothing_has_no_first_value_to_give() -> None:
    site = SITE | {"electricity_price_usd_per_kwh": {"steps": {"2027-01": 0, "2027-06": 0.05}}}
    with pytest.raises(ValueError, match="begins with 0; give its scale with --set"):
        given_range(scenario(MINER, site=site), "site.electricity_price_usd_per_kwh=0.01:0.05")


def test_the_grain_is_what_an_input_moves_by() -> None:
    lease = {key: value for key, value in LEASE.items() if key != "rent_usd_per_kw_per_month"}
    found = spans(scenario(lease | {"contract": {"value_usd": 1e7, "term_years": 2}}))
    assert found["plans.it.contract.term_years"].grain == 1 / 12
    assert found["plans.it.free_months"].grain == 1
    assert found[PUE].grain == 0
    assert found[PUE].holds(1.2)
    assert not found[PUE].holds(1.31)


@pytest.mark.parametrize(
    "file", [*scenario_files(str(ROOT / "scenarios")), TEXAS], ids=lambda path: path.split("/")[-1]
)
def test_every_input_of_a_scenario_moves_within_its_limits_or_is_held(file: str) -> None:
    it = load(file)
    found = input_ranges(it)
    movable = movables_and_shared(it)
    assert {span.movable.path for span in found.spans} | set(found.held) == set(movable)
    assert len(found.spans) + len(found.held) == len(movable)
    for span in found.spans:
        assert span.movable.low <= span.low < span.high <= span.movable.high
        assert span.holds(span.movable.present), span.movable.path
        for path, factor in span.movable.puts:
            vary(it, {path: [span.low * factor, span.high * factor]})


def test_a_price_of_history_does_not_move_within_the_record_of_the_snapshot() -> None:
    """In March 2024 the mean price lay within what was seen around June 2026, which says nothing of 2024."""
    found = spans(scenario(MINER | {"hash_rate_eh_per_s": 0.5}, {}, start="2024-03"))
    assert found["market.btc_price_usd"].basis == "±20%"
    assert found["market.fee_btc_per_block"].basis == "record 2026-06"


@pytest.mark.parametrize(("every", "term", "ends"), [(1, 12, (10, 14)), (3, 12, (9, 15)), (6, 12, (6, 18))])
def test_terms_of_a_loan_move_along_its_dates(every: int, term: int, ends: tuple[int, int]) -> None:
    loan = {**LOAN["tranches"]["loan"], "term_months": term}
    scenario = compared(plans(financing={**LOAN, "every_months": every, "tranches": {"loan": loan}})).scenario
    path = "plans.lease.financing.tranches.loan.term_months"
    (span,) = (one for one in input_ranges(scenario, 0.2).spans if one.movable.path == path)
    assert (span.low, span.high) == ends


def test_inflation_moves_by_points_where_a_file_has_one() -> None:
    ranges = input_ranges(scenario(LEASE, inflation_fraction_per_year=0.025))
    span = next(span for span in ranges.spans if span.movable.path == "inflation_fraction_per_year")
    assert (span.low, span.high) == pytest.approx((0.005, 0.045))
    assert span.basis == "±2 points"
    assert "inflation_fraction_per_year" in input_ranges(scenario(LEASE)).held
