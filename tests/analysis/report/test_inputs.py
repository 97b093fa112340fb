"""Every input that plays a part stands in the table of assumptions with where it was taken from."""

from __future__ import annotations

from minecalc import load, loads
from minecalc.analysis.report.inputs import table
from minecalc.document import Cell, Text, Value
from minecalc.loading import reading_of
from minecalc.loading.origins import defaulted
from minecalc.scenario import Scenario
from tests.cli.running import ROOT

TEXT = """
name: Small
start: 2027-01
months: 24
site: {gross_mw: 40, electricity_price_usd_per_kwh: 0.05}  # the bill of May
market:
  btc_price_usd: {start: 60000, growth_fraction_per_year: 0.1}
plans:
  mine: {kind: bitcoin_mining, hash_rate_eh_per_s: 1.9, machine: antminer-s21}
"""


def rows(scenario: Scenario) -> dict[str, dict[str, list[Cell]]]:
    """The cells behind each input's name, by whose it is."""
    found: dict[str, dict[str, list[Cell]]] = {}
    for first, *rest in table(scenario, reading_of(scenario)).rows:
        assert isinstance(first, Text)
        if first.tone == "strong":
            group = found.setdefault(first.text, {})
        else:
            group[first.text.strip()] = list(rest)
    return found


def words(cells: list[Cell]) -> list[str]:
    return [cell.text for cell in cells if isinstance(cell, Text)]


def test_typed_inputs_stand_with_their_line_and_its_remark() -> None:
    found = rows(loads(TEXT))
    assert list(found) == ["Scenario", "Site", "Market", "mine"]
    assert found["Site"]["Gross MW"] == [Value(40.0, "mw"), Text(""), Text("<text>, line 5; the bill of May"), Text("")]


def test_a_value_over_time_stands_with_both_ends() -> None:
    first, last, source, _ = rows(loads(TEXT))["Market"]["BTC price"]
    assert first == Value(60_000.0, "usd")
    assert isinstance(last, Value)
    assert last.number is not None
    assert 60_000 * 1.1 < last.number < 60_000 * 1.1**2
    assert source == Text("<text>, line 7")


def test_records_and_defaults_stand_with_source_and_date() -> None:
    found = rows(loads(TEXT))
    value, _, source, as_of = found["mine"]["Fleet efficiency"]
    assert value == Value(17.5, "j_per_th")
    assert isinstance(source, Text)
    assert source.text.startswith("record: ")
    assert words([as_of])[0]
    _, _, source, as_of = found["Scenario"]["Discount rate"]
    assert words([source, as_of]) == ["default: judgement: no analyst publishes one for these businesses", "2026-06"]


def test_a_set_input_says_so() -> None:
    cells = rows(loads(TEXT, ["site.gross_mw=60"]))["Site"]["Gross MW"]
    assert cells[0] == Value(60.0, "mw")
    assert words(cells)[1] == "--set site.gross_mw=60"


def test_no_default_of_a_shipped_scenario_is_missing() -> None:
    for file in sorted((ROOT / "scenarios").glob("*/*.yaml")):
        scenario = load(file)
        listed = sum(len(group) for group in rows(scenario).values())
        assert listed >= len({item.path for item in defaulted(scenario)}), file
