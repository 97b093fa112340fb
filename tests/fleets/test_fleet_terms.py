"""What is on the plate of a machine is the same for who runs it and for who bills for its power."""

from __future__ import annotations

from minecalc.businesses import hosting
from minecalc.fleets.fleet_terms import Machines, on_plate
from minecalc.reference.machines import machine_id, machines
from minecalc.schema.fields import field_meta


def test_a_machine_has_its_efficiency_and_the_pue_of_its_cooling() -> None:
    found = on_plate(machine_id("s21"))
    assert {name: figure.value for name, figure in found.items()} == {"efficiency_j_per_th": 17.5, "pue_ratio": 1.05}
    assert all(figure.from_record for figure in found.values())
    hydro = next(name for name, machine in machines().items() if machine.cooling == "hydro")
    assert on_plate(hydro)["pue_ratio"].value == 1.06
    assert on_plate(hydro)["efficiency_j_per_th"].value == machines()[hydro].efficiency_j_per_th


def test_who_says_nothing_of_them_has_the_same_machines_everywhere() -> None:
    for name, default, high in (("efficiency_j_per_th", 17.5, 200), ("pue_ratio", 1.05, 2)):
        ours, theirs = field_meta(Machines, name), field_meta(hosting.Inputs, name)
        assert (ours.low, ours.high, ours.default) == (theirs.low, theirs.high, theirs.default) == (1, high, default)
        assert ours.default_source == theirs.default_source
        assert ours.help != theirs.help
