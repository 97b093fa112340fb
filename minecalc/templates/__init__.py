"""Commented scenarios to begin with, and the few answers about a site that fill them.

A template is a scenario file with ``$names`` in it: of the answers, and of what follows from them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from string import Template

from minecalc.reference import gpus, machines
from minecalc.timeline import format_month, parse_month

#: What each template compares.
TEMPLATES: Mapping[str, str] = {
    "lease": "mine on, or build AI halls and let them to a tenant",
    "gpu": "mine on, or put GPUs in and rent them out",
    "phases": "mine on, convert one half, or both halves in turn",
    "miner": "mine on, buy new machines, or sell them and stop",
}

_TH_PER_EH, _W_PER_MW, _KW_PER_MW = 1e6, 1e6, 1e3
#: Mining ends half a year after the start and building takes a year, the second phase begins a year later.
_BUILD_BEGINS_MONTHS, _BUILD_MONTHS, _NEXT_PHASE_MONTHS = 6, 12, 12
#: What lies between the grid and machines: cooling (PUE) of a mine and of AI halls, and critical MW per gross MW.
_MINE_PUE, _CRITICAL_PER_GROSS = 1.05, 0.70


@dataclass(frozen=True)
class Answers:
    """What is asked about a site. None: as many machines, or GPUs, as its megawatts run; a GPU's published rate."""

    gross_mw: float = 50.0
    electricity_price_usd_per_kwh: float = 0.045
    machine: str = "antminer-s21"
    machine_count: int | None = None
    rent_usd_per_kw_per_month: float = 130.0
    capex_usd_per_critical_mw: float = 10_000_000.0
    gpu: str = "b200"
    gpu_count: int | None = None
    lease_usd_per_gpu_hour: float | None = None


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
    found: dict[str, object] = {
        "name": name,
        "file": file,
        "start": start,
        "gross_mw": answers.gross_mw,
        "half_gross_mw": answers.gross_mw / 2.0,
        "electricity_price_usd_per_kwh": answers.electricity_price_usd_per_kwh,
        "machine": machine.id,
        "machine_count": count,
        "half_machine_count": count // 2,
        "fleet": f"{machine.name} of {machine.hash_rate_th_per_s:g} TH/s, {hash_rate:.4g} EH/s in all",
        "rent_usd_per_kw_per_month": answers.rent_usd_per_kw_per_month,
        "capex_usd_per_critical_mw": answers.capex_usd_per_critical_mw,
        "conversion_start": format_month(begins),
        "conversion_ready": format_month(begins + _BUILD_MONTHS),
        "second_start": format_month(begins + _NEXT_PHASE_MONTHS),
        "second_ready": format_month(begins + _NEXT_PHASE_MONTHS + _BUILD_MONTHS),
    }
    if "gpu" in used(template):
        gpu = gpus()[answers.gpu]
        rate = gpu.lease_usd_per_gpu_hour if answers.lease_usd_per_gpu_hour is None else answers.lease_usd_per_gpu_hour
        fitting = gpus_that_fit(answers.gross_mw, gpu.id) if answers.gpu_count is None else answers.gpu_count
        found |= {"gpu": gpu.id, "gpu_count": fitting, "lease_usd_per_gpu_hour": rate}
    return Template(_text(template)).substitute({key: _written(value) for key, value in found.items()})


def _written(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.12g}" if value < 1e12 else repr(value)
    return str(value)


def _text(template: str) -> str:
    return Path(__file__).with_name(f"{template}.yaml").read_text(encoding="utf-8")
