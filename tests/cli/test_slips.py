"""What people type by mistake: the help of each error and warning, followed to the letter, is accepted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from minecalc.checks import warnings
from minecalc.loading import read, read_bytes
from tests.cli.running import run

GOOD = """\
name: slips
start: 2027-01
months: 24
site:
  gross_mw: 30
  electricity_price_usd_per_kwh: 0.05
  convertible_fraction: 1
plans:
  mine: {kind: bitcoin_mining, hash_rate_eh_per_s: 0.5, machine: antminer-s21}
  lease:
    kind: colocation
    rent_usd_per_kw_per_month: 130
    capex_usd_per_critical_mw: 10000000
  rent out: {kind: gpu_cloud, gpu: h100, gpu_count: 1000, capex_usd_per_critical_mw: 10000000}
"""
PRICE = "  electricity_price_usd_per_kwh: 0.05"


def helps(text: str, folder: Path) -> list[str]:
    """The help of every error, or what the warnings of a scenario that can be used say."""
    reading = read_bytes(text.encode(), "slips.yaml", folder)
    if reading.scenario is None:
        return [found.help for found in reading.diagnostics]
    return [told for told in warnings(reading.scenario) if "published are" in told]


#: A line that is right, what is typed instead, and what in the help is to be typed in its place, in a group.
SLIPS = [
    (PRICE, "  electricity_price_usd_per_kwh: 0,05", r"a point: (0\.05)"),
    (PRICE, "  electricity_price_usd_per_kwh: '0,045'", r"a point: (0\.045)"),
    (PRICE, "  electricity_price_usd_per_kwh: {start: 0,05, growth_fraction_per_year: 0}", "a point: (start: 0.05)"),
    (PRICE, "  electricity_price_usd_per_kwh: {steps: {2027-01: 0,05}}", "a point: (2027-01: 0.05)"),
    (PRICE, "  electricity_price_usd_per_kwh: {steps: {2027: 0.05}}", "write it as (2027-01)"),
    (PRICE, "  electricity_price_usd_per_kwh: prices.csv", r"write (\{csv: prices.csv, column: usd\})"),
    ("start: 2027-01", "start: 2027", "month: (2027-01)"),
    ("start: 2027-01", "start: 2027-1", "month: (2027-01)"),
    ("start: 2027-01", "start: 2027.01", "month: (2027-01)"),
    ("start: 2027-01", "start: 2027-01-15", "month: (2027-01)"),
    ("start: 2027-01", "start: 01/2027", "month: (2027-01)"),
    ("start: 2027-01", "start: January 2027", "month: (2027-01)"),
    ("machine: antminer-s21", "machine: antminer-s21q", r"mean (antminer-s21)\?"),
    ("machine: antminer-s21", "machine: antminer s21 prp", r"mean (antminer-s21-pro)\?"),
    ("machine: antminer-s21", "machine: whatsminer M60SS", r"mean (whatsminer-m60s)\?"),
    ("machine: antminer-s21", "machine: Antminer S19j Pr", r"mean (antminer-s19j-pro)\?"),
    ("gpu: h100", "gpu: NVIDIA H100", r"mean (h100)\?"),
    ("gpu: h100", "gpu: H100 SXM", r"mean (h100)\?"),
    ("kind: colocation", "kind: colo", r"mean (colocation)\?"),
    ("gross_mw: 30", "gross_mw: 30000", "30000 kW is (30)"),
    ("rent_usd_per_kw_per_month: 130", "rent_usd_per_kw_per_month: 1.56", "MW per year is (130)"),
    ("rent_usd_per_kw_per_month: 130", "rent_usd_per_kw_per_month: 1560", "kW per year is (130)"),
    ("rent_usd_per_kw_per_month: 130", "rent_usd_per_kw_per_month: 0.13", "W per month is (130)"),
    ("rent_usd_per_kw_per_month: 130", "rent_usd_per_kw_per_month: 1560000", "MW per year is (130)"),
    ("capex_usd_per_critical_mw: 10000000\n ", "capex_usd_per_critical_mw: 10\n ", "10 million is (10000000)"),
]


@pytest.mark.parametrize(("right", "typed", "answer"), SLIPS, ids=[typed.strip() for _, typed, _ in SLIPS])
def test_help_that_is_followed_is_accepted(right: str, typed: str, answer: str, tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text(
        "month,usd\n" + "".join(f"{m // 12 + 2027}-{m % 12 + 1:02d},0.05\n" for m in range(24))
    )
    assert GOOD.count(right) == 1
    (told,) = helps(GOOD.replace(right, typed), tmp_path)
    match = re.search(answer, told)
    assert match is not None, told
    wrong = re.search(r"[0-9]+,[0-9]+|[^:\s][^:]*$", typed)
    if match[1].count(":") and "csv" not in match[1]:
        before, _, value = match[1].partition(": ")
        followed = re.sub(rf"{before}: [0-9]+,[0-9]+", f"{before}: {value}", typed)
    elif "2027: " in typed:
        followed = typed.replace("2027:", f"{match[1]}:")
    else:
        assert wrong is not None
        followed = typed.rstrip().rpartition(": ")[0] + ": " + match[1]
    end = "\n " if right.endswith("\n ") else ""
    assert helps(GOOD.replace(right, followed + end), tmp_path) == []


@pytest.mark.parametrize("comma", ["gross_mw: 30, electricity_price_usd_per_kwh: 0,05", "gross_mw: 30,5"])
def test_a_decimal_comma_in_braces(comma: str, tmp_path: Path) -> None:
    """There YAML takes what follows the comma for a key."""
    rest = "" if "kwh" in comma else ", electricity_price_usd_per_kwh: 0.05"
    text = f"name: x\nsite: {{{comma}{rest}}}\nplans: {{mine: {{kind: bitcoin_mining, hash_rate_eh_per_s: 0.5}}}}\n"
    (told,) = helps(text, tmp_path)
    name, value = told.removeprefix("the decimal mark is a point: ").split(": ")
    assert helps(re.sub(rf"{name}: [0-9]+,[0-9]+", f"{name}: {value}", text), tmp_path) == []


def test_a_path_where_no_file_may_stand(tmp_path: Path) -> None:
    (told,) = helps(GOOD.replace("gross_mw: 30", "gross_mw: mw.csv"), tmp_path)
    assert told == "this is the name of a file; the key takes one number"
    (told,) = helps(GOOD.replace(PRICE, "  electricity_price_usd_per_kwh: prices.xlsx"), tmp_path)
    assert told == "save it as CSV with a header and write {csv: prices.csv, column: NAME}"
    (told,) = helps(GOOD.replace(PRICE, "  electricity_price_usd_per_kwh: prices.csv"), tmp_path)
    assert told == "write {csv: prices.csv, column: NAME}, the file's name relative to the scenario's folder"


@pytest.mark.parametrize("typed", ["S21", "s21 pro", "M60S", "Antminer S19j Pro"])
def test_machines_go_by_the_names_that_people_use(typed: str, tmp_path: Path) -> None:
    assert helps(GOOD.replace("machine: antminer-s21", f"machine: {typed}"), tmp_path) == []


def test_what_is_published_is_not_warned_of(tmp_path: Path) -> None:
    assert helps(GOOD, tmp_path) == []
    free = GOOD.replace("capex_usd_per_critical_mw: 10000000\n ", "capex_usd_per_critical_mw: 0\n ")
    assert helps(free, tmp_path) == [], "nothing at all is said on purpose"


SMALL = """\
name: Garage
site: {gross_mw: 0.01, electricity_price_usd_per_kwh: 0.05}
plans:
  mine: {kind: bitcoin_mining, machine: antminer-s21, hash_rate_eh_per_s: 0.000234}
  rent out: {kind: gpu_cloud, gpu_count: 2, capex_usd_per_critical_mw: 0, lease_usd_per_gpu_hour: 2.65}
"""


def test_small_fleets_keep_their_digits(tmp_path: Path) -> None:
    file = tmp_path / "garage.yaml"
    file.write_text(SMALL)
    screen = run("compare", file).out
    assert "2.56 kW" in screen
    assert "0.00 MW" not in screen
    by_fleet = run("breakeven", file, "--solve", "plans.rent out.gpu_count", "--format", "json")
    assert by_fleet.code == 3, "free halls and no rent to pay: GPUs are ahead at any number"
    league = run("compare", file, "--columns", "name,gross_mw").out
    assert "10.0 kW" in league
    as_json = run("compare", file, "--format", "json").scenarios[0]
    assert as_json["gross_mw"] == 0.01, "files keep the unit"
    tiny = tmp_path / "tiny.yaml"
    tiny.write_text(SMALL.replace("0.01", "0.0001").replace("0.000234", "0.000001").replace("count: 2", "count: 0"))
    assert read(tiny).scenario is not None
    assert "100 W" in run("compare", tiny, "--columns", "gross_mw").out
