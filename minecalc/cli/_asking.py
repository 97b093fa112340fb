"""Questions about a site, one at a time on a terminal, and what an answer may be."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import typer

from minecalc.businesses import business
from minecalc.cli._usage import UsageError
from minecalc.conversion import Conversion
from minecalc.paths import TimedInputs
from minecalc.reference import gpu_id, gpus, machine_id, machines
from minecalc.schema.names import unknown_name
from minecalc.schema.validate import validate_data
from minecalc.site import Site
from minecalc.templates import Answers, gpus_that_fit, machines_that_fit
from minecalc.timeline import format_month, parse_month
from minecalc.visible import visible

#: A number whose thousands are parted by commas.
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")

_QUESTIONS: Mapping[str, str] = {
    "start": "First month",
    "gross_mw": "Megawatts from the grid",
    "electricity_price_usd_per_kwh": "Price of power, all in (USD per kWh)",
    "machine": "Mining machine (minecalc catalog machines)",
    "machine_count": "How many of them",
    "rent_usd_per_kw_per_month": "Rent of AI halls in year 1 (USD per kW and month)",
    "capex_usd_per_critical_mw": "What AI halls cost (USD per MW for the tenant's machines)",
    "gpu": "GPU (minecalc catalog gpus)",
    "gpu_count": "How many of them",
    "lease_usd_per_gpu_hour": "What an hour of one rents for (USD)",
}


def checked(key: str, value: Any, asked: str) -> Any:
    """An answer as it is used: records by their names, or the ends of these, numbers above zero. UsageError else."""
    if key == "machine":
        return _record("machine", value, machines(), asked)
    if key == "gpu":
        return _record("gpu", value, _usable_gpus(), asked)
    if key == "start":
        try:
            return format_month(parse_month(value))
        except ValueError as error:
            raise UsageError(f"{asked}: {error}") from None
    if not math.isfinite(value) or value <= 0:
        raise UsageError(f"{asked}: {value:g} is not above 0")
    for problem in validate_data({key: value}, _owner(key))[1]:
        if (problem.at, problem.code) == ((key,), "out-of-range"):
            raise UsageError("; ".join(filter(None, (f"{asked}: {problem.message}", problem.help))))
    return value


def _owner(key: str) -> type[TimedInputs]:
    """The inputs of a scenario that have the number, and say how large it may be."""
    if key in Site.model_fields:
        return Site
    if key in Conversion.model_fields:
        return Conversion
    kinds = (business(kind).Inputs for kind in ("bitcoin_mining", "colocation", "gpu_cloud"))
    return next(inputs for inputs in kinds if key in inputs.model_fields)


def completed(values: Mapping[str, Any], wanted: Sequence[str], *, ask: bool) -> Answers:
    """The answers with those that are not given asked for, or as they usually are."""
    found = {key: value for key, value in values.items() if key != "start"}
    for key in wanted:
        if key == "start" or key in found:
            continue
        usual = _usual(key, Answers(**found))
        found[key] = _asked(_QUESTIONS[key], usual, partial(_read, key, usual)) if ask else usual
    return Answers(**found)


def asked_name() -> str:
    """The name of the scenario."""
    return str(_asked("Name of the site", "my site", str.strip))


def next_month() -> str:
    """The month after this one."""
    now = datetime.now(UTC)
    return format_month(parse_month(f"{now:%Y-%m}") + 1)


def _usual(key: str, answers: Answers) -> Any:
    if key == "machine_count":
        return machines_that_fit(answers.gross_mw, answers.machine)
    if key == "gpu_count":
        return gpus_that_fit(answers.gross_mw, answers.gpu)
    if key == "lease_usd_per_gpu_hour":
        rate = gpus()[answers.gpu].lease_usd_per_gpu_hour
        if rate is None:
            raise UsageError(f"no rate of a {answers.gpu} is published; give --lease-usd-per-gpu-hour")
        return rate
    return getattr(answers, key)


def _usable_gpus() -> Mapping[str, Any]:
    """The GPUs whose power and price are published."""
    return {name: gpu for name, gpu in gpus().items() if gpu.kw_per_gpu and gpu.capex_usd_per_gpu}


def _record(noun: str, name: str, known: Mapping[str, Any], asked: str) -> str:
    found = machine_id(name) if noun == "machine" else gpu_id(name)
    if found in known:
        return found
    wrong = unknown_name((), noun, name, known, see=f"minecalc catalog {noun}s")
    raise UsageError(f"{asked}: {visible(wrong.message)}; {wrong.help}")


def _read(key: str, usual: Any, text: str) -> Any:
    text = text.strip()
    if not isinstance(usual, int | float):
        return checked(key, text, _QUESTIONS[key])
    plain = text.replace(",", "") if _GROUPED.fullmatch(text) else text
    try:
        value = type(usual)(plain)
    except ValueError:
        better = f"; write {text.replace(',', '.')}" if text.count(",") == 1 else ""
        kind = "whole number" if isinstance(usual, int) else "number"
        raise UsageError(f"{visible(text)!r} is no {kind}{better}") from None
    return checked(key, value, _QUESTIONS[key])


def _asked(question: str, usual: Any, read: Callable[[str], Any]) -> Any:
    """An answer, asked for until it can be used."""
    shown = f"{usual:,}".removesuffix(".0") if isinstance(usual, int | float) else str(usual)
    while True:
        text = typer.prompt(question, default=shown)
        try:
            return usual if text == shown else read(text)
        except UsageError as error:
            typer.echo(str(error), err=True)
