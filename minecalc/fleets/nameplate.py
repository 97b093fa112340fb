"""What the plate of a mining machine says: inputs of whoever runs it, or bills for its power."""

from collections.abc import Mapping
from typing import Any

from minecalc.fleets.fleet import PUE_BY_COOLING
from minecalc.reference.machines import machines
from minecalc.schema.fields import number
from minecalc.values.paths import Sourced


def efficiency(about: str) -> Any:
    """The field of an efficiency in J/TH, whose help is ``about`` it."""
    return number(
        low=1,
        high=200,
        default=17.5,
        default_source="Antminer S21 nameplate, the machine listed miners ordered most",
        default_as_of="2023-10",
        help=about,
    )


def pue(about: str) -> Any:
    """The field of a PUE, energy at the meter over energy of the machines, whose help is ``about`` it."""
    return number(
        low=1,
        high=2,
        default=PUE_BY_COOLING["air"],
        default_source="judgement: air-cooled mine whose fans count as load",
        default_as_of="2026-06",
        help=about,
    )


def on_plate(machine: str) -> Mapping[str, Sourced]:
    """Efficiency in J/TH and PUE of a machine of the catalogue, named as there, with their sources."""
    record = machines()[machine]
    source, cooling = f"{record.name}: {record.source} (grade {record.grade})", f"{record.cooling} cooling: judgement"
    return {
        "efficiency_j_per_th": Sourced(record.efficiency_j_per_th, record.as_of, source, from_record=True),
        "pue_ratio": Sourced(PUE_BY_COOLING[record.cooling], record.as_of, cooling, from_record=True),
    }
