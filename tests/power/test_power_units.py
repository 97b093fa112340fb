"""A price of power by the MWh says, to the bit, what the price by the kWh says."""

from __future__ import annotations

from pathlib import Path

import pytest

from minecalc.engine import evaluate
from minecalc.loading import ScenarioError, loads, reading_of
from minecalc.loading.origins import Origins
from minecalc.scenario import Scenario
from minecalc.scenario.varying import vary

KWH, MWH = "electricity_price_usd_per_kwh", "electricity_price_usd_per_mwh"
TEXT = """
name: by the MWh
months: 24
site: {gross_mw: 20, KEY: SITE}
plans:
  mine: {kind: bitcoin_mining, hash_rate_eh_per_s: 1}
  both:
    uses:
      mine: {kind: bitcoin_mining, gross_mw: 10, hash_rate_eh_per_s: 0.5}
      gpus: {kind: gpu_cloud, gross_mw: 10, gpu_count: 1000, lease_usd_per_gpu_hour: 2, KEY: USE}
"""


def scenario(key: str, site: object, use: object, *sets: str, folder: Path | str = ".") -> Scenario:
    return loads(TEXT.replace("KEY", key).replace("SITE", str(site)).replace("USE", str(use)), sets, folder)


def worth(found: Scenario) -> list[float]:
    return [float(plan.npv_usd[0]) for plan in evaluate(found).plans.values()]


@pytest.mark.parametrize(
    ("by_mwh", "by_kwh"),
    [
        ("45.3", "0.0453"),
        ("{start: 45.3, growth_fraction_per_year: 0.02}", "{start: 0.0453, growth_fraction_per_year: 0.02}"),
        ("{steps: {2027-01: 30.1, 2028-01: 47}, scale: 1.1}", "{steps: {2027-01: 0.0301, 2028-01: 0.047}, scale: 1.1}"),
        (
            "{points: {2027-01: 30.1, 2028-01: 47}, shift: 2}",
            "{points: {2027-01: 0.0301, 2028-01: 0.047}, shift: 0.002}",
        ),
        ("{csv: p.csv, column: mwh}", "{csv: p.csv, column: kwh}"),
        ("{csv: p.csv, column: mwh, repeat: yearly}", "{csv: p.csv, column: kwh, repeat: yearly}"),
    ],
)
def test_every_form_has_the_same_bits(by_mwh: str, by_kwh: str, tmp_path: Path) -> None:
    rows = (f"{price},{price / 1000:.6g}" for price in (31.7, 28.3, 25.1, 22.9, 30, 41, 55.5, 60, 44, 39, 35, 33))
    (tmp_path / "p.csv").write_text("mwh,kwh\n" + "\n".join(rows) + "\n")
    one, other = scenario(MWH, by_mwh, 50.9, folder=tmp_path), scenario(KWH, by_kwh, 0.0509, folder=tmp_path)
    assert one.site == other.site
    assert worth(one) == worth(other)


def test_what_is_typed_by_the_mwh_can_be_set_and_moved_by_either() -> None:
    given = scenario(MWH, 45, 50)
    assert worth(scenario(KWH, 0.045, 0.05, f"site.{MWH}=60")) == worth(scenario(KWH, 0.06, 0.05))
    assert worth(scenario(MWH, 45, 50, f"site.{KWH}=0.06")) == worth(scenario(KWH, 0.06, 0.05))
    moved = (f"site.{KWH}.scale=1.2", f"site.{KWH}.shift=0.01")
    assert worth(scenario(MWH, 45, 50, *moved)) == worth(scenario(KWH, 0.045, 0.05, *moved))
    assert worth(vary(given, {f"site.{MWH}": 60})) == worth(vary(given, {f"site.{KWH}": 0.06}))
    with pytest.raises(ValueError, match=f"site.{MWH} must lie in -1000..2000"):
        vary(given, {f"site.{MWH}": 6000})


def test_the_origin_is_the_key_that_was_typed() -> None:
    given = scenario(MWH, 45, 50)
    assert Origins(reading_of(given)).of(f"site.{KWH}").text == "<text>:4:53"
    assert given.site.model_fields_set == {"gross_mw", KWH}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{{{KWH}: 0.05, {MWH}: 50}}", f"1:[0-9]+: error.conflict.: {MWH} stands beside {KWH}"),
        (f"{{{MWH}: 5000}}", f"error.out-of-range.: {MWH} is 5000; it must lie in -1000..2000"),
        ("{}", f"error.missing-key.: site.{KWH} is missing"),
    ],
)
def test_one_price_is_given_and_in_range(text: str, said: str) -> None:
    plans = "{mine: {kind: bitcoin_mining, hash_rate_eh_per_s: 0.1}}"
    with pytest.raises(ScenarioError, match=said):
        loads(f"{{name: x, site: {text}, plans: {plans}}}")
