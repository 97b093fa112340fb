"""Lists of machines as operators have them: what is read, put together, kept out, and refused at its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from minecalc.fleets.fleet_file import FleetFile, FleetFileError, as_yaml, read_fleet
from minecalc.loading import loads

#: As Proto Fleet exports it, with formula marks escaped and N/A for what is missing.
PROTO = """Name,Worker Name,Groups,Rack,Model,MAC Address,IP Address,Status,Issues,Hashrate (TH/s),Efficiency (J/TH),\
Power (kW),Temperature (C),Firmware
secret-1,bob.1,north,R1,Antminer S19 XP,aa:bb:cc:00:00:01,10.0.0.1,Hashing,,139,21.6,3.0,61,1.0
secret-2,bob.2,north,R1,Antminer S19 XP,aa:bb:cc:00:00:02,10.0.0.2,Hashing,,141,21.3,3.0,62,1.0
secret-3,bob.3,north,R1,Antminer S19 XP,aa:bb:cc:00:00:03,10.0.0.3,Offline,Unreachable,N/A,N/A,N/A,-,1.0
secret-4,'=bob,north,R2,S21,aa:bb:cc:00:00:04,10.0.0.4,Hashing,,200,17.5,3.5,61,1.0
"""


def read(text: str, name: str = "machines.csv") -> FleetFile:
    return read_fleet(Path(name), text.encode())


def test_machines_go_together_by_model_and_efficiency_and_those_off_with_most_of_their_model() -> None:
    found = read(PROTO)
    assert [(one.name, one.machine, one.machine_count, one.offline_count) for one in found.groups] == [
        ("S19 XP", "antminer-s19-xp", 3, 1),
        ("S21", "antminer-s21", 1, 0),
    ]
    old = found.groups[0]
    assert old.hash_rate_th_per_s == pytest.approx(140)
    assert old.efficiency_j_per_th == pytest.approx(6000 / 280)
    assert (found.machine_count, found.offline_count) == (4, 1)


def test_half_a_joule_parts_fleets() -> None:
    found = read("Model,Hashrate (TH/s),Power (W)\nS21,200,3500\nS21,200,3540\nS21,200,3600\n")
    assert [(one.name, one.machine_count) for one in found.groups] == [("S21 at 17.5 J/TH", 2), ("S21 at 18 J/TH", 1)]


def test_what_is_printed_is_a_part_of_a_scenario_and_says_nothing_of_who_runs_it() -> None:
    block = as_yaml(read(PROTO), "/home/someone/machines.csv")
    for word in ("secret", "bob", "10.0.0", "aa:bb", "north", "someone"):
        assert word not in block
    assert "machine_count: 3  # 1 of them offline" in block
    inside = "".join(f"    {line}\n" for line in block.splitlines())
    site = (
        "name: x\nsite: {gross_mw: 1, electricity_price_usd_per_kwh: 0.05}\nplans:\n  mine:\n    kind: bitcoin_mining\n"
    )
    fleets = loads(site + inside).plans["mine"].uses[0].inputs.every_fleet()
    assert [fleet.name for fleet in fleets] == ["S19 XP", "S21"]
    assert fleets[0].hash_rate_eh_per_s == pytest.approx(3 * 140e-6)
    assert fleets[1].pue_ratio == 1.05


def test_pyasic_gives_hash_rates_with_units_or_without() -> None:
    unit = {"value": 1_000_000_000, "suffix": "GH/s"}
    machines = [
        {
            "ip": "10.0.0.1",
            "make": "AntMiner",
            "model": "S19J Pro",
            "hashrate": 104.0,
            "wattage": 3068,
            "is_mining": True,
        },
        {"ip": "10.0.0.2", "model": "S19J Pro", "hashrate": {"unit": unit, "rate": 104_000}, "wattage": 3068},
        {"ip": "10.0.0.3", "device_info": {"model": "M50S++"}, "hashrate": None, "wattage": None, "is_mining": False},
    ]
    found = read(json.dumps(machines))
    assert [(one.machine, one.machine_count, one.offline_count) for one in found.groups] == [
        ("antminer-s19j-pro", 2, 0),
        ("whatsminer-m50s-plus-plus", 1, 1),
    ]
    assert found.groups[0].efficiency_j_per_th == pytest.approx(29.5)
    assert found.notes == ("M50S++: all 1 machines are offline; hash rate and efficiency are those of the record",)


@pytest.mark.parametrize(
    "text",
    [
        "asic model;avg hashrate;power w\nS21;200000;3,500\n",
        "Miner Type\tTH/s\tWatts\nantminer s21\t200\t3500\n",
        "Model,Hash Rate,Power Draw,Quantity\nS21,200 TH/s,3.5 kW,1\n",
        "model,hashrate_gh,power_kw,count\nS21,2e5,3.5,1\n",
        "Model,Hashrate,Efficiency\nS21,200000000000000,17.5\n",
        "Model,Hashrate (PH/s),Power\nS21,0.2,3.5\n",
        "Model,Count\nS21,1\n",
        "\ufeffModel,Hashrate (TH/s)\nS21,200\n",
    ],
)
def test_headers_and_units_of_all_kinds(text: str) -> None:
    (found,) = read(text).groups
    assert (found.machine, found.machine_count, found.offline_count) == ("antminer-s21", 1, 0)
    assert found.hash_rate_th_per_s == pytest.approx(200)
    assert found.efficiency_j_per_th == pytest.approx(17.5)


def test_a_model_of_no_record_brings_its_own_figures() -> None:
    found = read("Model,Count,Hashrate (TH/s),Power (W)\nHome made: 1,3,100,2000\nyes,1,50,1000\n")
    block = as_yaml(found, "x.csv")
    assert '  "Home made: 1":\n    # no machine on record\n    machine_count: 3\n' in block
    assert '  "yes":\n' in block
    gone = read("Model,Status,Hashrate,Power\nHome made,offline,,\nS21,ok,200,3500\n")
    assert [one.name for one in gone.groups] == ["S21"]
    assert gone.notes == ("Home made: 1 machines, all offline and of no model on record, are left out",)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("Model,Hashrate (TH/s)\nS21,abc\n", (2, 5), 'Hashrate (TH/s) is "abc"; a number of zero or more is needed'),
        ("Model,Count\nS21,1.5\n", (2, 5), "a whole number is needed"),
        ("Model,Hashrate\nS21\n", (2, 1), "the row has 1 cells, the header 2"),
        ("Name,Address\na,b\n", (1, 1), "no column is a model or a hash rate; there are Name, Address"),
        ("Model,Hashrate\nFoo,200\n", (2, 1), "Foo is no machine on record"),
        ("Model,Hashrate\n", None, "holds no machines"),
        ("", (1, 1), "no column is a model"),
        ("[1]", None, "entry 0 is no object"),
        ("[{", (1, 3), "no JSON"),
        ('[{"model": "S21", "hashrate": "x"}]', None, 'entry 0: hashrate is "x"; a number is needed'),
    ],
)
def test_what_cannot_be_read_is_told_at_its_place(text: str, place: tuple[int, int] | None, message: str) -> None:
    with pytest.raises(FleetFileError) as error:
        read(text)
    (found,) = error.value.diagnostics
    assert message in found.message
    assert (None if found.mark is None else found.mark[:2]) == place


def test_a_comma_in_a_number_is_told_as_what_it_is() -> None:
    with pytest.raises(FleetFileError) as error:
        read("Model;Hashrate (TH/s);Power (kW)\nS21;200,5;3.5\n")
    assert error.value.diagnostics[0].help == "the decimal mark is a point: 200.5"


def test_files_that_are_none(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(FleetFileError, match="cannot be read"):
            read_fleet(path)
    (tmp_path / "latin.csv").write_bytes("Model,Hashrate\nGer\xe4t,1\n".encode("latin-1"))
    with pytest.raises(FleetFileError, match="UTF-8"):
        read_fleet(tmp_path / "latin.csv")
