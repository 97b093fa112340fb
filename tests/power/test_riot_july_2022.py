"""A month that was published: what Riot sold power for in July 2022, beside what its machines would have done.

Riot reported 9.5 M USD of power credits on 11,717 MWh not drawn, 811 USD an MWh, a fleet of 40,311 machines with
4.2 EH/s (press release of 2022-08-03), which is an S19j Pro's 104 TH/s each, and sale at the real-time spot price.

``ercot_july_2022_dear_hours.csv`` has the hours of that month, by the clock of Texas, with a price of at least 110 USD
per MWh: our means of four quarter hours, taken in December 2026 from ``data/inputs/price.txt`` of the public GitHub
repository HydrogenDude/ERCOT_Electrolyzer_Sim_Engine, which does not say what its prices are. They are ERCOT's
real-time settlement prices, seemingly a plain mean over its hubs and load zones. Beside the days of HB_HUBAVG in
``Power_3yr.csv`` of vigneshwinner/TET-Weather, the first quarter hour of a day is the same to 0.5 % but once, the
dearest of a day above 500 USD is 0 to 5 % above, and the mean of the 13th 1 %.
"""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest

from minecalc.engine import evaluate
from minecalc.figures import CATALOGUE
from minecalc.loading import loads
from minecalc.reference.bitcoin_history import bitcoin_monthly
from tests.made_up_hours import hours_of, written

ZONE = "America/Chicago"
HOURS_OF_JULY = 744
QUIET_USD_PER_MWH = 60.0
PUBLISHED_USD_PER_MWH = 9.5e6 / 11_717
#: Of 40,311 machines of 3,068 W, with a twenty-fifth for cooling.
MW = 40_311 * 3068e-6 * 1.04
TEXT = f"""
name: Riot, July 2022
start: 2022-07
months: 1
market: MARKET
site:
  gross_mw: 200
  electricity_price_usd_per_kwh: {{hourly: 2022.csv, time_zone: {ZONE}}}
  power_contract: {{mw: {MW!r}, price_usd_per_kwh: 0.026, resale: hourly}}
plans:
  mine:
    kind: bitcoin_mining
    machine: antminer-s19j-pro
    machine_count: 40311
    pue_ratio: 1.04
    pool_fee_fraction: 0.005
    uptime_fraction: 1
    opex_usd_per_mw_per_year: 0
"""


class Sold(NamedTuple):
    """Hours in which the machines were off, and the mean price at which their power was sold."""

    hours: float
    usd_per_mwh: float


def dear_hours() -> dict[datetime, float]:
    with Path(__file__).with_name("ercot_july_2022_dear_hours.csv").open(encoding="utf-8", newline="") as file:
        return {
            datetime.fromisoformat(row["hour_beginning_local"]).replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC): float(
                row["usd_per_mwh"]
            )
            for row in csv.DictReader(file)
        }


def dearest(count: int) -> float:
    """The mean price of so many of the dearest hours."""
    return sum(sorted(dear_hours().values(), reverse=True)[:count]) / count


def sold(market: str, folder: Path) -> Sold:
    dear = dear_hours()
    written([(at, dear.get(at, QUIET_USD_PER_MWH)) for at, _ in hours_of([2022], ZONE, 0)], folder / "2022.csv")
    mine = evaluate(loads(TEXT.replace("MARKET", f"{{{market}}}"), folder=folder)).plans["mine"]
    run = CATALOGUE["mining_hours_run_fraction"].measure(mine).number()
    assert run is not None
    hours = (1.0 - run) * HOURS_OF_JULY
    usd = sum(float(line.usd.sum()) for line in mine.flows.lines if line.name == "power_resold_usd")
    return Sold(hours, usd / (hours * MW))


def test_machines_that_stop_at_their_break_even_sell_at_the_price_that_riot_published(tmp_path: Path) -> None:
    """Within a tenth, which is what a break-even a tenth away moves it: adders, other machines, the zone's own prices.

    The energy is not compared: how many of the machines, some of them on the road that month, drew power in Texas is
    not published.
    """
    (july,) = (month for month in bitcoin_monthly() if month.month == "2022-07")
    market = f"btc_price_usd: {july.btc_price_usd}, network_difficulty: {july.network_difficulty}, fee_fraction: 0.015"
    found = sold(market, tmp_path)
    assert found.hours == pytest.approx(78, rel=1e-12)
    assert found.usd_per_mwh == pytest.approx(dearest(78), rel=1e-12)
    assert found.usd_per_mwh == pytest.approx(PUBLISHED_USD_PER_MWH, rel=0.1)


def test_the_thirty_dearest_hours_alone_were_worth_twice_that(tmp_path: Path) -> None:
    """11,717 MWh would be 30 hours of 391 MW, more than Riot had under contract (345 MW), at 811 USD.

    Day-ahead prices, of which none of that month could be read, are said to have had a mean of 836 USD in such hours;
    the real-time ones, by which Riot is paid, did not.
    """
    found = sold("hash_price_usd_per_ph_per_day: 530", tmp_path)
    assert found.hours == pytest.approx(30, rel=1e-12)
    assert found.usd_per_mwh == pytest.approx(dearest(30), rel=1e-12)
    assert found.usd_per_mwh > 2 * PUBLISHED_USD_PER_MWH
