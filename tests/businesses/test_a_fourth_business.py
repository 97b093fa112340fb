"""A business made up here, with a market price of its own, is one file: nothing else of the product knows of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

#: Cold is sold by the megawatt-hour at a price that a market makes; a contract fixes none of it.
COLD_STORAGE = '''
"""Cold storage: megawatts turned into cold, which is sold at the market's price."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from minecalc.arrays import Number, truth
from minecalc.businesses import Setting
from minecalc.cashflows import CashFlows, Line
from minecalc.factor import Factor, MarketRate, volatility
from minecalc.values.paths import ValueOverTime, over_time
from minecalc.uses.use_terms import UseTerms

PRICE = "cold_usd_per_mwh"


class ColdPrice(MarketRate):
    """The market's price of cold."""

    label: ClassVar[str] = "Price of cold"
    in_words: ClassVar[tuple[str, str]] = ("the price of cold", " per MWh")
    follows: ClassVar[tuple[str, ...]] = (PRICE,)

    volatility_fraction_per_year: Number = volatility(0.4, "made up")


class Inputs(UseTerms):
    """What is sold."""

    factors: ClassVar[Mapping[str, type[Factor]]] = {PRICE: ColdPrice}
    prices: ClassVar[tuple[str, ...]] = (PRICE,)
    worth_solving_for: ClassVar[tuple[str, ...]] = (PRICE, *UseTerms.worth_solving_for)

    cold_usd_per_mwh: ValueOverTime = over_time(low=0, high=1000, help="price of a megawatt-hour of cold")

    def critical_mw(self, setting: Setting) -> Number:
        return setting.gross_mw


def cash_flows(inputs: Inputs, setting: Setting) -> CashFlows:
    k = setting.timeline.numbers
    energy = truth((k >= setting.first) & (k < setting.until)) * setting.timeline.hours * setting.gross_mw
    lines = (
        Line("cold_revenue_usd", "revenue", energy * inputs.cold_usd_per_mwh.values(setting.timeline)),
        Line("cold_power_usd", "power", -setting.power.cost_usd(energy)),
    )
    return CashFlows(lines, {"energy_mwh": energy})


def warnings(inputs: Inputs, setting: Setting) -> list[str]:
    return []
'''

SCENARIO = """
name: cold
months: 24
site: {gross_mw: 10, electricity_price_usd_per_kwh: 0.05}
plans:
  mine: {kind: bitcoin_mining, hash_rate_eh_per_s: 0.3}
  cold:
    kind: cold_storage
    cold_usd_per_mwh: 70
    conversion: {starts: 2027-02, ready: 2027-04, capex_usd_per_critical_mw: 10_000, meanwhile: mine}
uncertainty:
  cold_usd_per_mwh: {volatility_fraction_per_year: 0.5}
  correlations: {cold_usd_per_mwh: {electricity_price_usd_per_kwh: 0.4}}
"""

#: Runs every command with the folder of this module beside the businesses, and prints what each wrote.
RUN = """
import json, sys
import minecalc.businesses
minecalc.businesses.__path__.append(sys.argv[1])
from tests.cli.running import run
found = {}
for command in json.loads(sys.argv[3]):
    name, *options = command
    ran = run(name, sys.argv[2], *options)
    found[" ".join(command)] = [ran.code, ran.out, ran.err]
print(json.dumps(found))
"""

COMMANDS = (
    ["compare", "--format", "json"],
    ["breakeven", "--plan", "cold", "--format", "json"],
    ["simulate", "--paths", "1024", "--format", "json"],
    ["simulate", "--paths", "256"],
    ["timing", "--paths", "256"],
    ["sensitivity"],
    ["explain", "npv_usd", "--plan", "cold"],
    ["cashflow", "--plan", "cold"],
)


def test_a_business_is_one_file(tmp_path: Path) -> None:
    (tmp_path / "businesses").mkdir()
    (tmp_path / "businesses" / "cold_storage.py").write_text(COLD_STORAGE, encoding="utf-8")
    (tmp_path / "cold.yaml").write_text(SCENARIO, encoding="utf-8")
    command = [sys.executable, "-c", RUN, str(tmp_path / "businesses"), str(tmp_path / "cold.yaml")]
    done = subprocess.run([*command, json.dumps(COMMANDS)], capture_output=True, cwd=ROOT, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert {name: code for name, (code, _, _) in said.items()} == dict.fromkeys(said, 0), said

    (compared,) = json.loads(said["compare --format json"][1])["scenarios"]
    (cold,) = (plan for plan in compared["plans"] if plan["name"] == "cold")
    assert cold["kinds"] == ["cold_storage"]
    level = cold["vs_baseline"]["break_evens"]["plans.cold.cold_usd_per_mwh"]["value"]
    found = json.loads(said["breakeven --plan cold --format json"][1])["plans"][0]["break_evens"]
    assert [one["value"] for one in found if one["path"] == "plans.cold.cold_usd_per_mwh"] == [level]

    simulated = said["simulate --paths 1024 --format json"][1]
    assert '"cold_usd_per_mwh"' in simulated
    assert "Price of cold" in said["simulate --paths 256"][1]
    assert "the price of cold" in said["timing --paths 256"][1]
