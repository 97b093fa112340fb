"""Recorded years in scenarios: the means of the records, other currencies, and names that are wrong."""

from __future__ import annotations

import pytest

from minecalc.engine import Engine
from minecalc.loading import ScenarioError, loads
from minecalc.reference.power_years import duration_curves
from minecalc.series.csv_table import BadCsvError
from minecalc.series.recorded_hours import demand_dollars, recorded_hours

TEXT = """
name: a recorded year
start: 2027-01
months: 24
site: {gross_mw: 20, electricity_price_usd_per_kwh: PRICE}
plans:
  mine: {kind: bitcoin_mining, hash_rate_eh_per_s: 0.5}
"""


def test_the_mean_of_a_month_is_that_of_its_hours() -> None:
    found = loads(TEXT.replace("PRICE", "{duration_curve: caiso-np15-2024, adder_usd_per_kwh: 0.01}"))
    means = Engine(found).site_power.average_usd_per_kwh[:, 0]
    for number, month in enumerate(duration_curves()["caiso-np15-2024"]):
        mean = sum(price * hours for price, hours in month.pieces) / month.hours
        assert means[number] == means[number + 12] == pytest.approx(mean / 1000.0 + 0.01, rel=1e-12)


@pytest.mark.parametrize(
    ("price", "said"),
    [
        ("{duration_curve: ercot-2023}", "5:70: error.unknown-name.: there is no duration curve ercot-2023"),
        ("{duration_curve: ieso-ontario-2024}", "ieso-ontario-2024 is in CAD, and minecalc counts in USD"),
        ("{duration_curve: caiso-np15-2024, column: x}", "unknown key column"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(price: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        loads(TEXT.replace("PRICE", price))


def test_another_currency_takes_a_rate() -> None:
    found = loads(TEXT.replace("PRICE", "{duration_curve: ieso-ontario-2024, scale: 0.73}"))
    price = Engine(found).site_power.average_usd_per_kwh[0, 0]
    whole = recorded_hours("ieso-ontario-2024")
    assert price == pytest.approx(0.73 * float((whole.prices * whole.weights)[: whole.bounds[1]].sum()) / 744.0)
    demand_dollars("caiso-np15-2024", scaled=False)
    with pytest.raises(BadCsvError, match="is in CAD"):
        demand_dollars("ieso-ontario-2024", scaled=False)
