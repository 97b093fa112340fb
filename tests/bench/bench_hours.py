"""Power by the hour against power by the month: 10,000 cases of a mine and of three plans, and reading a file.

Run as a script.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from minecalc.arrays import FloatArray
from minecalc.engine import outcomes
from minecalc.loading import load
from minecalc.scenario import Scenario
from minecalc.scenario.varying import vary
from tests.bench.bench_engine import CASES, FILE, columns, npv_usd, verdict
from tests.bench.timing import in_turn
from tests.made_up_hours import hours_of, written

PRICE = "site.electricity_price_usd_per_kwh"
MONTHLY, HOURLY = "electricity_price_usd_per_kwh: 0.045", "electricity_price_usd_per_kwh: {hourly: year.csv}"
MINE = f"""
name: a mine
months: 120
site: {{gross_mw: 50, {MONTHLY}}}
plans:
  mine: {{kind: bitcoin_mining, hash_rate_eh_per_s: 1}}
"""
SLOWER_MOST = 2.0


def ratio(text: str, given: Mapping[str, FloatArray], folder: Path) -> float:
    """The time of the cases by the hour over that by the month."""

    def scenario(price: str) -> Scenario:
        file = folder / "scenario.yaml"
        file.write_text(text.replace(MONTHLY, price))
        return vary(load(file), given)

    monthly, hourly = scenario(MONTHLY), scenario(HOURLY)
    by_month, by_hour = in_turn(lambda: outcomes(monthly, npv_usd), lambda: outcomes(hourly, npv_usd), repeats=7)
    return by_hour / by_month


def main() -> None:
    """Print each measurement beside its bound."""
    os.environ["MINECALC_CACHE"] = "off"
    random = np.random.default_rng(1)
    price = {f"{PRICE}.scale": random.uniform(0.5, 1.5, CASES)}
    three = {path: column for path, column in columns(CASES).items() if path != PRICE}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        written(hours_of([2023], "UTC", 1), folder / "year.csv")
        for what, text, given in (
            ("a mine", MINE, {"market.btc_price_usd.scale": random.uniform(0.5, 3.0, CASES)}),
            ("three plans", FILE.read_text(encoding="utf-8"), three),
        ):
            found = ratio(text, given | price, folder)
            name = f"10,000 cases of {what} by the hour, over by the month"
            verdict(name, found, "x", f"at most {SLOWER_MOST:g}", met=found <= SLOWER_MOST)


if __name__ == "__main__":
    main()
