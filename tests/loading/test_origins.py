"""Every input's source: the place in the file, the command line, a record, or a default."""

from __future__ import annotations

from pathlib import Path

import pytest

from minecalc.loading import Reading, read_bytes
from minecalc.loading.origins import Origin, Origins

FILE = b"""\
name: Sources
site: {gross_mw: 10, electricity_price_usd_per_kwh: {steps: {2028-01: 0.06, 2027-01: 0.05}}}
market:
  btc_price_usd: {start: 63001, growth_fraction_per_year: 0.1}
  network_hash_rate_eh_per_s: {value: 900, scale: 1.1}
plans:
  keep mining:
    kind: bitcoin_mining
    machine: antminer-s21
    hash_rate_eh_per_s: 0.5
"""


def origins(*assignments: str) -> Origins:
    reading = read_bytes(FILE, "s.yaml", Path(), assignments)
    assert reading.scenario is not None, reading.diagnostics
    return Origins(reading)


@pytest.mark.parametrize(
    ("path", "row", "place"),
    [
        ("site.gross_mw", None, "s.yaml:2:18"),
        ("site.electricity_price_usd_per_kwh.steps", 0, "s.yaml:2:86"),
        ("site.electricity_price_usd_per_kwh.steps", 1, "s.yaml:2:71"),
        ("market.btc_price_usd.start", None, "s.yaml:4:26"),
        ("market.btc_price_usd.growth_fraction_per_year", None, "s.yaml:4:59"),
        ("market.network_hash_rate_eh_per_s", None, "s.yaml:5:39"),
        ("market.network_hash_rate_eh_per_s.scale", None, "s.yaml:5:51"),
        ('plans."keep mining".hash_rate_eh_per_s', None, "s.yaml:10:25"),
    ],
)
def test_what_the_file_states_is_at_its_place(path: str, row: int | None, place: str) -> None:
    found = origins().of(path, row)
    assert found.text == place
    line = FILE.decode().splitlines()[(found.line or 0) - 1]
    assert line[(found.column or 0) - 1].isdigit()


def test_what_the_command_line_sets_says_so() -> None:
    assert origins("site.gross_mw=60").of("site.gross_mw").text == "--set site.gross_mw=60"


def test_a_record_and_a_default_have_their_source_and_date() -> None:
    machine = origins().of('plans."keep mining".efficiency_j_per_th')
    assert machine.file is None
    assert "Antminer S21" in machine.source
    assert machine.text.startswith(f"record, {machine.as_of}: ")
    rate = origins().of("discount_rate_fraction_per_year")
    assert (rate.as_of, rate.source[:8]) == ("2026-06", "judgemen")
    assert origins().of('plans."keep mining".curtail').text == "default: convention"
    fee = origins().of('plans."keep mining".pool_fee_fraction')
    assert fee.text.startswith("default, 2025-10: middle of what is left for pools")
    assert origins().of("market.btc_price_usd.scale") == Origin(None, None, None, "convention")


def test_a_file_without_a_scenario_has_no_sources() -> None:
    with pytest.raises(ValueError, match=r"s\.yaml holds no scenario"):
        Origins(Reading("s.yaml", "", None, ()))


def test_a_table_is_named_with_its_column(tmp_path: Path) -> None:
    (tmp_path / "power.csv").write_text("month,price\n2027-01,0.04\n")
    text = FILE.replace(b"{steps: {2028-01: 0.06, 2027-01: 0.05}}", b"{csv: power.csv, column: price, outside: hold}")
    assert text != FILE
    reading = read_bytes(text, "s.yaml", tmp_path)
    assert Origins(reading).of("site.electricity_price_usd_per_kwh.csv").text.endswith(" (power.csv, column price)")
