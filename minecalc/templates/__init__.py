"""Commented scenarios to begin with, and the few answers about a site that fill them.

A template is a scenario file with ``$names`` in it: of the answers, and of what follows from them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from string import Template
from typing import NamedTuple

from minecalc.fleets.fleet import PUE_BY_COOLING
from minecalc.reference.gpus import gpus
from minecalc.reference.machines import machines
from minecalc.schema.names import yaml_key
from minecalc.timeline import format_month, parse_month

#: What each template compares.
TEMPLATES: Mapping[str, str] = {
    "lease": "mine on, or build AI halls and let them to a tenant",
    "gpu": "mine on, or put GPUs in and rent them out",
    "part": "mine on, or convert a part of the megawatts to AI halls, the oldest machines first",
    "phases": "mine on, convert one half, or both halves in turn",
    "miner": "mine on, buy new machines, or sell them and stop",
    "hosting": "host other people's machines on, or build AI halls and let them to a tenant",
}

_TH_PER_EH, _W_PER_MW, _KW_PER_MW = 1e6, 1e6, 1e3
#: Mining ends half a year after the start and building takes a year, the second phase begins a year later.
_BUILD_BEGINS_MONTHS, _BUILD_MONTHS, _NEXT_PHASE_MONTHS = 6, 12, 12
#: What lies between the grid and machines: cooling (PUE) of a mine and of AI halls, and critical MW per gross MW.
_MINE_PUE, _CRITICAL_PER_GROSS = 1.05, 0.70
#: The remark behind a price: one of all hours, and one by the hour, which is long itself.
_PRICE_IS = ("            # <- all in: energy, delivery, taxes", "  # <- adder: wires, losses, margin")


class Fleet(NamedTuple):
    """Machines of one kind: so many of a record, or of a hash rate and efficiency each, or of both."""

    name: str
    machine: str | None
    machine_count: int
    hash_rate_th_per_s: float | None = None
    efficiency_j_per_th: float | None = None
    offline_count: int = 0

    @property
    def th_per_s(self) -> float:
        """Hash rate of one machine."""
        if self.hash_rate_th_per_s is not None:
            return self.hash_rate_th_per_s
        assert self.machine is not None
        return machines()[self.machine].hash_rate_th_per_s

    @property
    def j_per_th(self) -> float:
        """Efficiency."""
        if self.efficiency_j_per_th is not None:
            return self.efficiency_j_per_th
        assert self.machine is not None
        return machines()[self.machine].efficiency_j_per_th

    @property
    def mw(self) -> float:
        """What all of them draw at the meter."""
        pue = _MINE_PUE if self.machine is None else PUE_BY_COOLING[machines()[self.machine].cooling]
        return self.machine_count * self.th_per_s * self.j_per_th * pue / _W_PER_MW

    def written(self, count: int, more: Sequence[str], indent: str, remark: str = "") -> Iterator[str]:
        """``count`` of them as lines of YAML, with ``more`` keys."""
        keys = [] if self.machine is None else [f"machine: {self.machine}"]
        keys.append(f"machine_count: {count}")
        if self.hash_rate_th_per_s is not None:
            keys.append(f"machine_hash_rate_th_per_s: {self.hash_rate_th_per_s:.6g}")
        if self.efficiency_j_per_th is not None:
            keys.append(f"efficiency_j_per_th: {self.efficiency_j_per_th:.5g}")
        yield f"{indent}{yaml_key(self.name)}: {{{', '.join(keys)},{remark}"
        yield f"{indent}  {', '.join(more)}}}"


class HourlyPrice(NamedTuple):
    """The hourly prices of a recorded year, and what is paid on top of each hour; None: what is usual."""

    record: str
    adder_usd_per_kwh: float | None = None

    @property
    def adder(self) -> float:
        """What is paid on top of each hour: by our judgement 0.8 cents, unless it is given."""
        return 0.008 if self.adder_usd_per_kwh is None else self.adder_usd_per_kwh

    def __str__(self) -> str:
        """The price as it stands in a file."""
        return f"{{duration_curve: {self.record}, adder_usd_per_kwh: {_written(float(self.adder))}}}"


@dataclass(frozen=True)
class Answers:
    """What is asked about a site. None: as many machines, or GPUs, as its megawatts run; a GPU's published rate.

    ``fleets`` stand in place of the machine and its count.
    """

    gross_mw: float = 50.0
    electricity_price_usd_per_kwh: float | HourlyPrice = 0.045
    machine: str = "antminer-s21"
    machine_count: int | None = None
    ai_mw: float | None = None
    rent_usd_per_kw_per_month: float = 130.0
    capex_usd_per_critical_mw: float = 10_000_000.0
    gpu: str = "b200"
    gpu_count: int | None = None
    lease_usd_per_gpu_hour: float | None = None
    fleets: tuple[Fleet, ...] = ()

    @property
    def converts_mw(self) -> float:
        """What of the site converts: a third, unless it is given."""
        return self.gross_mw / 3.0 if self.ai_mw is None else self.ai_mw


def used(template: str) -> tuple[str, ...]:
    """The answers that a template needs, in the order in which they are asked."""
    names = set(re.findall(r"\$(\w+)", _text(template)))
    return tuple(field.name for field in fields(Answers) if field.name in names)


def machines_that_fit(gross_mw: float, machine: str) -> int:
    """How many machines the megawatts of a site run."""
    record = machines()[machine]
    watts = record.hash_rate_th_per_s * record.efficiency_j_per_th
    return math.floor(gross_mw * _W_PER_MW / (watts * _MINE_PUE) + 1e-9)


def gpus_that_fit(gross_mw: float, gpu: str) -> int:
    """How many GPUs the megawatts of a site run, with all that belongs to each; of a GPU whose kW are known."""
    kw = gpus()[gpu].kw_per_gpu
    assert kw is not None
    return math.floor(gross_mw * _CRITICAL_PER_GROSS * _KW_PER_MW / kw + 1e-9)


def filled(template: str, name: str, file: str, start: str, answers: Answers) -> str:
    """The scenario file that a template makes of ``answers``, beginning in the month ``start``."""
    machine, first = machines()[answers.machine], parse_month(start)
    count = machines_that_fit(answers.gross_mw, machine.id) if answers.machine_count is None else answers.machine_count
    hash_rate = count * machine.hash_rate_th_per_s / _TH_PER_EH
    begins = first + _BUILD_BEGINS_MONTHS
    share, leaving = _leaving(answers)
    found: dict[str, object] = {
        **vars(answers),
        "ai_mw": answers.converts_mw,
        "stays_gross_mw": answers.gross_mw - answers.converts_mw,
        "stays_machine_count": math.floor(count * (1.0 - share) + 1e-9),
        "meanwhile": _meanwhile(leaving),
        "name": name,
        "file": file,
        "start": start,
        "half_gross_mw": answers.gross_mw / 2.0,
        "price_is": _PRICE_IS[isinstance(answers.electricity_price_usd_per_kwh, HourlyPrice)],
        "machine_count": count,
        "half_machine_count": count // 2,
        "fleet": f"{machine.name} of {machine.hash_rate_th_per_s:g} TH/s, {hash_rate:.4g} EH/s in all",
        "conversion_start": format_month(begins),
        "conversion_ready": format_month(begins + _BUILD_MONTHS),
        "second_start": format_month(begins + _NEXT_PHASE_MONTHS),
        "second_ready": format_month(begins + _NEXT_PHASE_MONTHS + _BUILD_MONTHS),
    }
    if "gpu" in used(template):
        gpu = gpus()[answers.gpu]
        rate = gpu.lease_usd_per_gpu_hour if answers.lease_usd_per_gpu_hour is None else answers.lease_usd_per_gpu_hour
        fitting = gpus_that_fit(answers.gross_mw, gpu.id) if answers.gpu_count is None else answers.gpu_count
        found |= {"gpu_count": fitting, "lease_usd_per_gpu_hour": rate}
    text = _text(template)
    if answers.fleets:
        stays = [1.0 - share if one.name in leaving else 1.0 for one in answers.fleets]
        text = _with_fleets(text, answers.fleets, {"": None, "half_": [0.5] * len(stays), "stays_": stays})
    return Template(text).substitute({key: _written(value) for key, value in found.items()})


def _leaving(answers: Answers) -> tuple[float, list[str]]:
    """The share of the machines that leave for what converts, and which fleets: the least efficient that it takes.

    No fleets: all machines, in the same proportion.
    """
    draw, names = 0.0, list[str]()
    for fleet in sorted(answers.fleets, key=lambda one: -one.j_per_th):
        draw += fleet.mw
        names.append(fleet.name)
        if draw >= answers.converts_mw:
            return answers.converts_mw / draw, names
    return answers.converts_mw / answers.gross_mw, []


def _meanwhile(leaving: Sequence[str]) -> str:
    """What runs until the conversion: all machines, or those fleets alone that leave."""
    return f"{{plan: keep mining, fleets: [{', '.join(map(yaml_key, leaving))}]}}" if leaving else "keep mining"


#: Keys of a mine that each of several fleets has for itself.
_OF_FLEETS = re.compile(r"(machine|machine_count|machine_resale_usd_per_th|refresh|stops): (.*?)(?:\s+# (.*))?$")


def _with_fleets(text: str, fleets: Sequence[Fleet], shares: Mapping[str, Sequence[float] | None]) -> str:
    """A template whose mines have ``fleets``; ``shares`` of their machines by what the count is called there."""
    found: list[str] = []
    lines = text.splitlines()
    while lines:
        line = lines.pop(0)
        indent = line[: len(line) - len(line.lstrip())]
        if line.strip() != "machine: $machine":
            found.append(line)
            continue
        block = [line]
        while lines and lines[0].startswith(indent) and not lines[0].startswith(f"{indent} "):
            block.append(lines.pop(0))
        own = {match[1]: match for one in block if (match := _OF_FLEETS.fullmatch(one.strip()))}
        found += [one for one in block if not _OF_FLEETS.fullmatch(one.strip())]
        counted = own["machine_count"][2].removeprefix("$").removesuffix("machine_count")
        more = [f"{key}: {match[2]}" for key, match in own.items() if not key.startswith("machine")]
        more += [f"machine_resale_usd_per_th: {own['machine_resale_usd_per_th'][2]}"]
        found += [f"{indent}# {key}: {match[3]}" for key, match in own.items() if match[3] and key != "machine_count"]
        if not counted:
            found.append(f"{indent}# age_months: give how old machines are; they last life_months, 60 if not given")
        found.append(f"{indent}fleets:")
        of_each = shares[counted] or [1.0] * len(fleets)
        for fleet, share in zip(fleets, of_each, strict=True):
            count = math.floor(fleet.machine_count * share + 1e-9)
            off = f"   # {fleet.offline_count:,} of them offline" if fleet.offline_count and not counted else ""
            found += fleet.written(count, more, f"{indent}  ", off)
    return "\n".join(found) + "\n"


def _written(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.12g}" if value < 1e12 else repr(value)
    return str(value)


def _text(template: str) -> str:
    return Path(__file__).with_name(f"{template}.yaml").read_text(encoding="utf-8")
