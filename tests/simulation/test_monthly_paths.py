"""The monthly factors as they come out of a world: their moments are those asked for, within their sampling error."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from minecalc.engine import Engine
from minecalc.randomness.processes import t_cut
from minecalc.randomness.streams import Sampler
from minecalc.simulation.changes import monthly_changes
from tests.randomness.measuring import has_correlation, has_mean, has_share, has_variance
from tests.simulation.drawing import (
    FEES,
    HASH_PRICE,
    NETWORK,
    POWER,
    PRICE,
    RATE,
    RENT,
    Data,
    monthly_paths,
    only,
    steps,
    world,
)

#: A network that follows nothing.
ALONE = {
    "price_elasticity_ratio": 0,
    "hash_price_half_life_months": None,
    "trend_sd_fraction_per_year": 0,
    "passing_fraction": 0,
    "path_is": "median",
}


def walk(volatility: float = 0.6, **terms: Any) -> dict[str, Any]:
    still = {"trend_sd_fraction_per_year": 0, "passing_fraction": 0, "path_is": "median"}
    return {"volatility_fraction_per_year": volatility} | still | terms


# the price


@pytest.mark.parametrize("terms", [{}, {"model": "student_t"}, {"model": "student_t", "degrees_of_freedom_count": 8}])
def test_the_price_has_the_volatility_asked_for(terms: dict[str, Any]) -> None:
    changes = steps(monthly_paths(world(only(btc_price_usd=walk(**terms))))[PRICE])
    assert has_variance(changes, 0.6**2 / 12)
    assert not has_variance(changes, 0.62**2 / 12)
    assert has_mean(changes, 0.0)
    assert not has_mean(changes, 0.002)
    for lag in (1, 12):
        assert has_correlation(changes[lag:], changes[:-lag], 0.0)


@pytest.mark.parametrize("terms", [{}, {"model": "student_t"}, {"model": "bootstrap"}])
def test_the_scenario_s_path_is_the_mean_or_the_median(terms: dict[str, Any]) -> None:
    given = {"trend_sd_fraction_per_year": 0.15} | terms
    if "bootstrap" not in terms.values():
        given["volatility_fraction_per_year"] = 0.6
    mean = monthly_paths(world(only(btc_price_usd=given | {"path_is": "mean"})))[PRICE]
    for month in (0, 11, 35):
        assert has_mean(mean[month], 1.0)
        assert not has_mean(mean[month] * 1.1, 1.0)
    median = monthly_paths(world(only(btc_price_usd=given | {"path_is": "median"})))[PRICE]
    assert has_share(median[11] < 1.0, 0.5) or "bootstrap" in terms.values()
    assert has_mean(np.log(median[35]), 0.0)
    assert not has_mean(median[35], 1.0)


def test_a_trend_that_is_not_known_spreads_paths_with_time() -> None:
    terms = walk(0.3, trend_sd_fraction_per_year=0.5)
    logs = np.log(monthly_paths(world(only(btc_price_usd=terms)))[PRICE])
    for month in (12, 36):
        years = month / 12
        assert has_variance(logs[month - 1], 0.3**2 * years + (0.5 * years) ** 2)
        assert not has_variance(logs[month - 1], 0.3**2 * years)


def test_student_t_changes_have_fat_tails() -> None:
    terms = walk(model="student_t", degrees_of_freedom_count=3)
    changes = steps(monthly_paths(world(only(btc_price_usd=terms)))[PRICE]) / (0.6 / math.sqrt(12))
    beyond = 2 * stats.t.sf(4.0 * t_cut(3.0)[1], 3)
    assert has_share(np.abs(changes) > 4.0, beyond)
    assert beyond > 100 * 2 * stats.norm.sf(4.0)


# history

BOOTSTRAP: dict[str, Any] = {"model": "bootstrap", "history_from": "2020-01", "history_to": "2024-01"}


def test_the_bootstrap_repeats_history() -> None:
    given = only(btc_price_usd=BOOTSTRAP | STILL, network_hash_rate_eh_per_s=ALONE_DRAWN)
    found = monthly_paths(world(given), 20)
    history = monthly_changes("2020-01", "2024-01")
    price, network = steps(found[PRICE]), steps(found[NETWORK])
    apart = np.abs(price[:, :500, None] - history[:, 0])
    which = apart.argmin(axis=2)
    assert np.max(apart.min(axis=2)) < 1e-12
    assert network[:, :500] == pytest.approx(history[:, 1][which], abs=1e-12)
    follows = np.diff(which, axis=0) % 48 == 1
    assert has_share(follows, 1 - (1 - 1 / 48) / 6)
    assert has_variance(price, history[:, 0].var())
    assert has_correlation(price[7], network[7], float(np.corrcoef(history[:, 0], history[:, 1])[0, 1]))


#: The network of a bootstrap, whose changes are history's own.
STILL = {"trend_sd_fraction_per_year": 0, "passing_fraction": 0, "path_is": "median"}
ALONE_DRAWN = STILL | {"hash_price_half_life_months": None}


# correlations


def asked(value: float) -> dict[str, Any]:
    pairs = {PRICE: {NETWORK: value, POWER: 0.3}, NETWORK: {RENT: -0.4}, FEES: {RATE: 0.5}}
    return only(
        btc_price_usd=walk(),
        network_hash_rate_eh_per_s=ALONE,
        electricity_price_usd_per_kwh={"half_life_months": 1200},
        rent_usd_per_kw_per_month={"half_life_months": 1200, "signed": "at_ready"},
        lease_usd_per_gpu_hour={"half_life_months": 1200},
        fee_btc_per_block={"spikes_per_year_count": 0, "half_life_months": 1200},
        correlations=pairs,
    )


def test_shocks_are_correlated_as_asked() -> None:
    drawn = {name: steps(course) for name, course in monthly_paths(world(asked(0.5)), 30).items()}
    pairs = {(PRICE, NETWORK): 0.5, (PRICE, POWER): 0.3, (NETWORK, RENT): -0.4, (FEES, RATE): 0.5, (PRICE, FEES): 0.0}
    for (one, other), wanted in pairs.items():
        assert has_correlation(drawn[one], drawn[other], wanted), (one, other)
        assert not has_correlation(drawn[one], drawn[other], wanted + 0.02), (one, other)
        assert has_correlation(drawn[one][1:], drawn[other][:-1], 0.0), (one, other)


@pytest.mark.parametrize("df", [2.5, 4])
def test_student_t_shocks_are_correlated_as_asked_too(df: float) -> None:
    """The normals behind them are correlated more, because the mixing takes some away."""
    given = asked(0.5)
    given[PRICE] = walk(model="student_t", degrees_of_freedom_count=df)
    drawn = {name: steps(course) for name, course in monthly_paths(world(given), 30).items()}
    for other, wanted in ((NETWORK, 0.5), (POWER, 0.3)):
        assert has_correlation(drawn[PRICE], drawn[other], wanted), other
        assert not has_correlation(drawn[PRICE], drawn[other], wanted + 0.04), other


# the network


def test_the_network_s_own_shocks() -> None:
    changes = steps(monthly_paths(world(only(network_hash_rate_eh_per_s=ALONE)))[NETWORK])
    assert has_variance(changes, 0.28**2 / 12)
    assert not has_variance(changes, 0.29**2 / 12)
    assert has_correlation(changes[1:], changes[:-1], 0.0)


@pytest.mark.parametrize(("elasticity", "lag"), [(0.4, 1), (0.4, 0), (-0.2, 5)])
def test_the_network_follows_the_price(elasticity: float, lag: int) -> None:
    network = ALONE | {"price_elasticity_ratio": elasticity, "price_lag_months": lag}
    found = monthly_paths(world(only(btc_price_usd=walk(), network_hash_rate_eh_per_s=network)))
    price, changes = steps(found[PRICE]), steps(found[NETWORK])
    spread = math.hypot(elasticity * 0.6, 0.28)
    for behind in range(8):
        wanted = elasticity * 0.6 / spread if behind == lag else 0.0
        assert has_correlation(price[: 36 - behind], changes[behind:], wanted), behind
    own = changes[lag:] - elasticity * price[: 36 - lag]
    assert has_variance(own, 0.28**2 / 12)


@pytest.mark.parametrize("half_life", [3.0, 24.0])
def test_the_hash_price_returns(half_life: float) -> None:
    """The gap between price and network loses its share a month: their lag-1 regression is 0.5 ** (1 / half-life)."""
    network = ALONE | {"hash_price_half_life_months": half_life}
    found = monthly_paths(world(only(btc_price_usd=walk(), network_hash_rate_eh_per_s=network)))
    gap = np.log(found[PRICE] / found[NETWORK])
    own = gap[1:] - 0.5 ** (1 / half_life) * gap[:-1]
    assert has_correlation(own, gap[:-1], 0.0)
    faster = gap[1:] - 0.5 ** (1 / (0.8 * half_life)) * gap[:-1]
    assert not has_correlation(faster, gap[:-1], 0.0)


def test_the_hash_price_returns_to_a_break_even_that_is_given() -> None:
    """Twice the scenario's own at first, half in the end: so the network leaves, and comes back."""
    market = {"btc_price_usd": 7e4, "network_hash_rate_eh_per_s": 1000, "fee_btc_per_block": 0}
    own = 1e3 * 144 * 3.125 * 7e4 / 1e9  # USD per PH/s and day of 144 blocks at 1,000 EH/s
    network = ALONE | {
        "volatility_fraction_per_year": 0,
        "hash_price_half_life_months": 2,
        "break_even_hash_price_usd_per_ph_per_day": {"steps": {"2027-01": 2 * own, "2027-10": own / 2}},
    }
    found = monthly_paths(world(only(network_hash_rate_eh_per_s=network), months=15, market=market), 1)[NETWORK][:, 0]
    expected, h = [], 0.0
    for k in range(15):
        above = math.log(0.5) if k - 1 < 9 else math.log(2.0)
        h += (above - h) * (1 - 0.5**0.5) if k else 0.0
        expected.append(math.exp(h))
    assert found == pytest.approx(expected)


def test_the_network_s_trend() -> None:
    terms = ALONE | {"volatility_fraction_per_year": 0, "trend_sd_fraction_per_year": 0.2}
    logs = np.log(monthly_paths(world(only(network_hash_rate_eh_per_s=terms)))[NETWORK])
    assert has_variance(logs[35], (3 * 0.2) ** 2)
    assert logs[11] == pytest.approx(logs[35] / 3)


# what returns to the scenario's path


@pytest.mark.parametrize(
    ("name", "terms"), [(POWER, {}), (RENT, {"signed": "at_ready"}), (RATE, {}), (FEES, {"spikes_per_year_count": 0})]
)
def test_factors_that_return(name: str, terms: dict[str, Any]) -> None:
    given = {"volatility_fraction_per_year": 0.4, "half_life_months": 6} | terms
    course = monthly_paths(world(only(**{name: given})))[name]
    median = monthly_paths(world(only(**{name: given | {"path_is": "median"}})))[name]
    assert has_mean(np.log(median[35]), 0.0)
    logs = np.log(course)
    speed = math.log(2) / 0.5
    for month in (1, 12, 36):
        variance = 0.4**2 / (2 * speed) * (1 - math.exp(-2 * speed * month / 12))
        assert has_variance(logs[month - 1], variance)
        assert not has_variance(logs[month - 1], variance * 1.1)
        assert has_mean(course[month - 1], 1.0)
        assert not has_mean(logs[month - 1], 0.0)
    about = logs - logs.mean(axis=1, keepdims=True)
    left = about[1:] - 0.5 ** (1 / 6) * about[:-1]
    assert has_correlation(left, about[:-1], 0.0)
    settled = has_correlation(logs[35], logs[29], 0.5 * math.sqrt((1 - 0.5**10) / (1 - 0.5**12)))
    assert settled


@pytest.mark.parametrize("half_life", [None, 6])
@pytest.mark.parametrize("path_is", ["mean", "median"])
def test_a_hash_price_of_its_own(half_life: float | None, path_is: str) -> None:
    terms: Data = {"half_life_months": half_life, "path_is": path_is, "volatility_fraction_per_year": 0.5}
    if half_life is not None:
        terms["passing_fraction"] = 0.7
    drawn = world(only(**{HASH_PRICE: terms}), market={HASH_PRICE: 40})
    course = monthly_paths(drawn)[HASH_PRICE]
    left = 1.0 if half_life is None else 0.3 + 0.7 * 0.5 ** (np.arange(36) / half_life)
    assert has_variance(np.log(course[35]), float(np.sum(0.25 / 12 * left**2 * np.ones(36))))
    assert has_mean(course[35], 1.0) == (path_is == "mean")
    assert has_mean(np.log(course[35]), 0.0) == (path_is == "median")
    wanted = drawn.monthly_paths.mean_ratios[HASH_PRICE]
    assert has_mean(course[35], wanted)
    assert not has_mean(course[35], wanted * 1.1)


# means


MODELS = [{"model": "gbm"}, {"model": "student_t", "degrees_of_freedom_count": 3}, {"model": "bootstrap"}]


def moving(model: Data, **of_network: Any) -> Data:
    """Price and network that are all that they can be at once: correlated, with trends, a lag and a break-even."""
    network = {"passing_fraction": 0.6, "half_life_months": 5, "hash_price_half_life_months": 12}
    block: Data = {"btc_price_usd": model | {"trend_sd_fraction_per_year": 0.1}, "others": "fixed"}
    if model["model"] != "bootstrap":
        network |= {"price_elasticity_ratio": 0.3, "price_lag_months": 2, "volatility_fraction_per_year": 0.5}
        block["btc_price_usd"]["volatility_fraction_per_year"] = 0.6
        block["correlations"] = {PRICE: {NETWORK: 0.5}}
    return block | {"network_hash_rate_eh_per_s": network | of_network}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model["model"])
def test_every_path_is_its_mean(model: Data) -> None:
    drawn = monthly_paths(world(moving(model), months=24), 120)
    for name in (PRICE, NETWORK):
        for month in (0, 2, 11, 23):
            assert has_mean(drawn[name][month], 1.0), (name, month)
        assert not has_mean(drawn[name][23] * 1.05, 1.0)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model["model"])
@pytest.mark.parametrize("of_price", ["mean", "median"])
def test_the_means_at_the_horizon_are_those_of_the_paths(model: Data, of_price: str) -> None:
    """Of the price, and of the hash price that follows from price and network, whose break-even may be given."""
    terms = model | {"path_is": of_price}
    given = world(moving(terms, break_even_hash_price_usd_per_ph_per_day=30.0), months=24)
    own, hash_prices, prices = Engine(given.given).market, [], []
    for block in range(120):
        market = Engine(given.paths(block).scenario).market
        hash_prices.append(market.hash_price_usd_per_ph_per_day[-1] / own.hash_price_usd_per_ph_per_day[-1])
        prices.append(market.btc_price_usd[-1] / own.btc_price_usd[-1])
    for name, ratios in ((PRICE, prices), (HASH_PRICE, hash_prices)):
        wanted, found = given.monthly_paths.mean_ratios[name], np.concatenate(ratios)
        assert has_mean(found, wanted), name
        assert not has_mean(found, wanted * 1.05), name


def test_bitcoin_held_is_worth_no_more_than_its_price() -> None:
    """By default, at any rate from 0 up: exactly, as the path is flat and its mean, and in what is drawn."""
    given = world(None, months=120)
    assert given.monthly_paths.mean_ratios[PRICE] == 1.0
    assert has_mean(monthly_paths(given, 40)[PRICE][119], 1.0)
    flat = Engine(given.given).market.btc_price_usd
    assert flat.min() == flat.max()


def test_without_volatility_nothing_is_taken_away() -> None:
    still = {"volatility_fraction_per_year": 0, "trend_sd_fraction_per_year": 0}
    for model in ("gbm", "student_t"):
        block = only(btc_price_usd=still | {"model": model}, network_hash_rate_eh_per_s=still)
        given = world(block)
        assert all(np.all(log_mean == 0.0) for log_mean in given.monthly_paths.log_means.values())
        assert set(given.monthly_paths.mean_ratios.values()) == {1.0}


def test_crowded_blocks_come_on_top_of_calm_fees() -> None:
    terms = {"volatility_fraction_per_year": 0, "spikes_per_year_count": 3, "spike_ratio": 10}
    course = monthly_paths(world(only(fee_btc_per_block=terms | {"path_is": "median"})))[FEES]
    crowded = course > 1.0
    assert has_share(crowded, 3 / 12)
    assert not has_share(crowded, 3.1 / 12)
    assert np.all(course[~crowded] == 1.0)
    assert has_mean(course[crowded], 10.0)
    assert has_variance(course[crowded], 81.0)  # an exponential excess
    assert has_correlation(crowded[1:].astype(float), crowded[:-1].astype(float), 0.0)
    mean = monthly_paths(world(only(fee_btc_per_block=terms)))[FEES]
    np.testing.assert_allclose(
        mean, course / (1.0 + 0.25 * 9.0), rtol=1e-12
    )  # a quarter of months has ten times as much
    assert has_mean(mean[7], 1.0)


@pytest.mark.parametrize("name", [RENT, RATE])
def test_named_futures(name: str) -> None:
    futures = {
        "glut": {"probability_fraction": 0.2, "rate_ratio": {"start": 1, "growth_fraction_per_year": -0.4}},
        "as planned": {"probability_fraction": 0.5, "rate_ratio": 1},
        "boom": {"probability_fraction": 0.3, "rate_ratio": {"points": {"2027-01": 1, "2029-12": 4.5}}},
    }
    terms: dict[str, Any] = {"volatility_fraction_per_year": 0, "futures": futures}
    if name == RENT:
        terms["signed"] = "at_ready"
    course = monthly_paths(world(only(**{name: terms})))[name]
    wanted = {0.2: [0.6 ** (k / 12) for k in range(36)], 0.5: [1.0] * 36, 0.3: [1 + 0.1 * k for k in range(36)]}
    taken = np.zeros(course.shape[1])
    for share, path in wanted.items():
        which = np.all(np.abs(course - np.array(path)[:, None]) < 1e-12, axis=0)
        assert has_share(which, share)
        assert not has_share(which, share + 0.03)
        taken += which
    assert np.all(taken == 1.0)


def test_futures_and_shocks_act_together() -> None:
    futures = {"double": {"probability_fraction": 1, "rate_ratio": 2}}
    terms = {"volatility_fraction_per_year": 0.4}
    plain = monthly_paths(world(only(lease_usd_per_gpu_hour=terms)), 2)[RATE]
    doubled = monthly_paths(world(only(lease_usd_per_gpu_hour=terms | {"futures": futures})), 2)[RATE]
    assert np.array_equal(doubled, 2 * plain)


def test_futures_have_an_order_of_their_own() -> None:
    """The dearest where a normal is largest, so that mirrored paths mirror; the order of keys means nothing."""
    normals = Sampler(1).normals({f"{RATE}, future": 1}, 0)[f"{RATE}, future"][0]
    boom = {"probability_fraction": 0.3, "rate_ratio": 2}
    plain = {"probability_fraction": 0.7, "rate_ratio": 1}
    for futures in ({"a boom": boom, "planned": plain}, {"planned": plain, "z boom": boom}):
        course = monthly_paths(
            world(only(lease_usd_per_gpu_hour={"volatility_fraction_per_year": 0, "futures": futures})), 1
        )
        assert np.array_equal(course[RATE][5] == 2.0, normals > stats.norm.ppf(0.7))
    early = {"probability_fraction": 0.5, "rate_ratio": {"steps": {"2027-01": 2, "2028-07": 0}}}
    late = {"probability_fraction": 0.5, "rate_ratio": {"steps": {"2027-01": 0, "2028-07": 2}}}
    found = [
        monthly_paths(world(only(lease_usd_per_gpu_hour={"futures": futures})), 1)[RATE]
        for futures in ({"early": early, "late": late}, {"late": late, "early": early})
    ]
    assert np.array_equal(found[0], found[1])
