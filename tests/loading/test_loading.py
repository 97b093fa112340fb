"""From files, streams and text to scenarios: what is read, what was defaulted, and every complaint on the way."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import sys
from pathlib import Path
from typing import Any

import pytest

import minecalc
from minecalc.loading import ScenarioError, load, loads, read, read_again, read_bytes, scenario_files
from minecalc.loading.origins import Defaulted, Origins, defaulted
from minecalc.reference.gpus import gpus
from minecalc.reference.machines import machines
from minecalc.reference.snapshot import defaults
from minecalc.scenario import Scenario
from minecalc.schema.names import split_path
from minecalc.values.paths import csv_from

EXAMPLES = Path(__file__).parents[1] / "examples"
HILLTOP, TEXAS = EXAMPLES / "hilltop.yaml", EXAMPLES / "texas.yaml"


def by_path(scenario: Scenario) -> dict[str, Defaulted]:
    found = {item.path: item for item in defaulted(scenario)}
    assert len(found) == len(defaulted(scenario)), "each input once"
    return found


def test_a_file_is_read_with_its_name_and_checksum() -> None:
    reading = read(HILLTOP)
    assert (reading.file, reading.diagnostics) == (str(HILLTOP), ())
    assert reading.sha256 == hashlib.sha256(HILLTOP.read_bytes()).hexdigest()
    assert reading.scenario == load(HILLTOP) == loads(HILLTOP.read_text())


def test_a_reading_keeps_where_each_value_stands() -> None:
    node = read(TEXAS, ["site.gross_mw=60"]).node
    assert node is not None
    assert (node.find(("name",)).value, node.find(("name",)).mark.line) == ("Texas 50 MW", 1)
    given = node.find(("site", "gross_mw"))
    assert (given.value, given.source.name, given.source.line(1)) == (60, "--set", "site.gross_mw=60")
    assert read(TEXAS.with_name("none.yaml")).node is None


def test_standard_input_is_read_by_a_dash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(HILLTOP.read_bytes())))
    reading = read("-")
    assert (reading.file, reading.scenario) == ("-", load(HILLTOP))


def test_all_complaints_come_at_once_and_in_file_order() -> None:
    text = (
        "name: x\nsite: {gross_mw: -1, electricity_price_usd_per_kwh: 45}\nsite: {}\nplans: {a: {kind: x}}\nmonths: 0"
    )
    reading = read_bytes(text.encode(), "x.yaml", Path())
    found = [(item.mark.line, item.code) for item in reading.diagnostics if item.mark]
    assert found == sorted(found)
    assert {code for _, code in found} == {"out-of-range", "duplicate-key", "unknown-name"}
    assert reading.scenario is None
    with pytest.raises(ScenarioError) as raised:
        loads(text)
    assert [item.code for item in raised.value.diagnostics] == [item.code for item in reading.diagnostics]
    assert str(raised.value).startswith("<text>:2:")


def test_what_only_the_whole_scenario_tells_is_a_complaint_too() -> None:
    with pytest.raises(ScenarioError, match="there is no plan keep minning"):
        load(TEXAS, ["baseline=keep minning"])
    with pytest.raises(ScenarioError, match="cannot be read: No such file or directory"):
        load(EXAMPLES / "no such.yaml")


def test_assignments_change_the_scenario_and_not_its_checksum() -> None:
    changed = read(TEXAS, ["site.gross_mw=60", "name=Larger"])
    assert changed.scenario is not None
    assert (changed.scenario.site.gross_mw, changed.scenario.name) == (60, "Larger")
    assert changed.sha256 == read(TEXAS).sha256
    assert read(TEXAS, ["site.gross_mw"]).scenario is None


def test_csv_files_are_looked_up_beside_the_scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = HILLTOP.read_text() + "market: {btc_price_usd: {csv: prices.csv, column: usd}}\n"
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "prices.csv").write_text("usd\n70000\n80000\n")
    (tmp_path / "below" / "site.yaml").write_text(text)
    monkeypatch.chdir(tmp_path)
    here = loads(text, folder="below").market.btc_price_usd
    assert load("below/site.yaml").market.btc_price_usd == here
    assert here.values(load(HILLTOP).timeline)[:3, 0].tolist() == [70_000, 80_000, 80_000]
    with pytest.raises(ScenarioError, match=r"there is no file prices\.csv"):
        loads(text)
    assert csv_from.get() == (Path(), False), "looked up there only while that scenario is read"


def test_files_of_a_folder_are_sorted_and_others_left_alone(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yml", "c.txt", "d.YAML.bak", "z/e.yaml"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.touch()
    (tmp_path / "folder.yaml").mkdir()
    assert scenario_files(str(tmp_path)) == [str(tmp_path / name) for name in ("a.yml", "b.yaml", "z/e.yaml")]
    assert scenario_files("no such folder") == ["no such folder"]
    assert scenario_files("-") == ["-"]


def test_defaults_of_the_shortest_scenario() -> None:
    found = by_path(load(HILLTOP))
    for name in ("btc_price_usd", "network_hash_rate_eh_per_s", "fee_btc_per_block"):
        record = defaults()[f"market.{name}"]
        assert found[f"market.{name}"].value == record.value
        assert found[f"market.{name}"].origin.as_of == record.as_of
    assert found["months"].value == 120
    assert found["start"].value == "2027-01"
    assert found["site.convertible_fraction"].value == 1
    assert found['plans."keep mining".efficiency_j_per_th'].value == 17.5
    assert found['plans."rent out GPUs".capex_usd_per_gpu'].value == 38_000
    assert found['plans."rent out GPUs".replace'].value is False
    assert all(item.origin.source for item in found.values())
    assert not {"name", "baseline", "site.gross_mw", 'plans."keep mining".hash_rate_eh_per_s'} & set(found)


def test_what_is_given_or_plays_no_part_is_no_default() -> None:
    found = by_path(load(TEXAS))
    assert not {path for path in found if path.startswith("market.")}
    assert 'plans."lease to an AI tenant".capex_usd_per_critical_mw' not in found, "the conversion has it"
    assert found['plans."lease to an AI tenant".conversion.delay_months'].value == 0
    assert found['plans."half and half".uses.mining.pue_ratio'].value == 1.05
    direct = by_path(load(HILLTOP, ["market.hash_price_usd_per_ph_per_day=40"]))
    assert not {path for path in direct if path.startswith("market.")}


def test_figures_of_named_records_are_told_as_theirs() -> None:
    named = [
        'plans."keep mining".machine=antminer-s21',
        'plans."rent out GPUs".gpu=h200',
        'plans."rent out GPUs".gpu_count=100',
    ]
    found = by_path(load(HILLTOP, named))
    machine = found['plans."keep mining".efficiency_j_per_th']
    assert machine.value == machines()["antminer-s21"].efficiency_j_per_th
    assert machine.origin.source.startswith(machines()["antminer-s21"].name)
    assert found['plans."rent out GPUs".kw_per_gpu'].value == gpus()["h200"].kw_per_gpu
    own = by_path(load(HILLTOP, [*named, 'plans."keep mining".efficiency_j_per_th=15']))
    assert 'plans."keep mining".efficiency_j_per_th' not in own


@pytest.mark.parametrize("file", [HILLTOP, TEXAS], ids=["shortest", "fuller"])
def test_giving_every_default_changes_nothing_but_the_list(file: Path, tmp_path: Path) -> None:
    """Each listed path can be set to the listed value, and the scenario means the same."""
    scenario = load(file)
    assignments = []
    for item in defaulted(scenario):
        assert split_path(item.path)
        assignments.append(f"{item.path}={json.dumps(item.value)}")
    stated = load(file, assignments)
    left: list[Any] = [item.path for item in defaulted(stated)]
    assert left == []
    from minecalc.analysis.compare.record import compare

    before, after = compare(scenario, with_break_evens=False), compare(stated, with_break_evens=False)
    assert before["plans"] == after["plans"]


BASE = """\
name: Base
define:
  our fleet: {kind: bitcoin_mining, machine: antminer-s21, hash_rate_eh_per_s: 2}
site:
  gross_mw: 40
  electricity_price_usd_per_kwh: {csv: power.csv, column: usd}
plans:
  keep mining: {extends: our fleet}
  lease: {kind: colocation, rent_usd_per_kw_per_month: 130, capex_usd_per_critical_mw: 9e6}
  spare: {kind: gpu_cloud, gpu_count: 8192, lease_usd_per_gpu_hour: 2.65}
"""
CHILD = """\
extends: parts/_base.yaml
name: Child
site: {electricity_price_usd_per_mwh: 55}
plans:
  spare:
  lease: {conversion: {starts: 2027-06, ready: 2028-06}}
  both:
    uses:
      mine: {extends: our fleet, gross_mw: 20, hash_rate_eh_per_s: 1}
      host: {kind: colocation, gross_mw: 20, rent_usd_per_kw_per_month: 120}
"""


@pytest.fixture
def child(tmp_path: Path) -> Path:
    """A scenario that extends another in a folder of its own, which reads a CSV file."""
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "_base.yaml").write_text(BASE)
    (tmp_path / "parts" / "power.csv").write_text("usd\n" + "0.05\n" * 120)
    (tmp_path / "child.yaml").write_text(CHILD)
    return tmp_path / "child.yaml"


def test_a_scenario_extends_another_and_uses_what_is_defined(child: Path) -> None:
    whole = """\
name: Child
site: {gross_mw: 40, electricity_price_usd_per_mwh: 55}
plans:
  keep mining: {kind: bitcoin_mining, machine: antminer-s21, hash_rate_eh_per_s: 2}
  lease:
    kind: colocation
    rent_usd_per_kw_per_month: 130
    conversion: {starts: 2027-06, ready: 2028-06, capex_usd_per_critical_mw: 9e6}
  both:
    uses:
      mine: {kind: bitcoin_mining, machine: antminer-s21, hash_rate_eh_per_s: 1, gross_mw: 20}
      host: {kind: colocation, gross_mw: 20, rent_usd_per_kw_per_month: 120}
"""
    reading = read(child)
    assert reading.diagnostics == ()
    assert reading.scenario == loads(whole)
    assert scenario_files(str(child.parent)) == [str(child)], "a part of scenarios is none"


def test_an_extended_file_reads_csv_files_of_its_own_folder_and_all_are_listed(child: Path) -> None:
    base = child.parent / "parts" / "_base.yaml"
    scenario = load(base)
    assert scenario.site.electricity_price_usd_per_kwh is not None
    child.write_text("extends: parts/_base.yaml\n")
    reading = read(child, confined=True)
    assert reading.scenario == scenario
    names = [base, base.with_name("power.csv")]
    assert reading.identity == {
        "file": str(child),
        "sha256": hashlib.sha256(child.read_bytes()).hexdigest(),
        "files": [{"file": str(name), "sha256": hashlib.sha256(name.read_bytes()).hexdigest()} for name in names],
    }


def test_each_input_comes_from_the_line_that_states_it(child: Path) -> None:
    found = Origins(read(child, ["plans.both.uses.mine.pue_ratio=1.1"]))
    base = str(child.parent / "parts" / "_base.yaml")
    for path, place in {
        "site.electricity_price_usd_per_kwh": f"{child}:3:39",
        "plans.keep mining.hash_rate_eh_per_s": f"{base}:3:80",
        "plans.lease.rent_usd_per_kw_per_month": f"{base}:9:56",
        "plans.lease.conversion.starts": f"{child}:6:32",
        "plans.both.uses.mine.machine": f"{base}:3:46",
        "plans.both.uses.mine.hash_rate_eh_per_s": f"{child}:9:68",
    }.items():
        assert found.of(path).text == place
    assert found.of("plans.both.uses.mine.pue_ratio").file == "--set"


def test_what_goes_wrong_together_is_told_where_it_stands(child: Path) -> None:
    child.write_text(CHILD + "baseline: spare\n")
    (found,) = read(child).diagnostics
    assert found.mark is not None
    assert (found.file, found.code, found.mark.line) == (str(child), "unknown-plan", 11)
    base = child.parent / "parts" / "_base.yaml"
    base.write_text(BASE.replace("kind: colocation, ", ""))
    child.write_text(CHILD.replace("host: {kind: colocation", "host: {kind: colo"))
    places = [(Path(one.file).name, one.code, one.mark.line) for one in read(child).diagnostics if one.mark]
    assert places == [("child.yaml", "missing-key", 6), ("child.yaml", "unknown-name", 10)]


def test_text_and_standard_input_extend_files_from_a_folder(child: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert loads(CHILD, folder=child.parent) == load(child)
    monkeypatch.chdir(child.parent)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(CHILD.encode())))
    assert read("-").scenario == load(child)


def test_a_scenario_is_read_again_without_the_files_it_extends(child: Path) -> None:
    scenario = load(child)
    (child.parent / "parts" / "_base.yaml").unlink()
    again = read_again(pickle.loads(pickle.dumps(scenario.source)), ["months=60"]).scenario
    assert again is not None
    assert (again.months, list(again.plans)) == (60, list(scenario.plans))


def test_a_scenario_is_compared_with_the_one_it_extends(child: Path) -> None:
    found = minecalc.diff(load(child.parent / "parts" / "_base.yaml"), load(child), plan="lease")
    data = found.data()
    assert {"site.electricity_price_usd_per_kwh", "plans.lease.conversion"} & {one["path"] for one in data["changes"]}
    assert data["b"]["files"][0]["file"] == data["a"]["file"]
