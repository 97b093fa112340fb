"""Questions about a site, one at a time on a terminal, and what an answer may be."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import typer

from minecalc.analysis.questions import QuestionError, demand_name
from minecalc.businesses import business
from minecalc.fleets.fleet_file import read_fleet, short_name
from minecalc.reference.gpus import gpu_id, gpus
from minecalc.reference.machines import machine_id, machines
from minecalc.reference.power_years import power_years
from minecalc.scenario.site import Site
from minecalc.schema.numbers import number_problem
from minecalc.schema.validate import validate_data
from minecalc.templates import Answers, Fleet, HourlyPrice, gpus_that_fit, machines_that_fit
from minecalc.timeline import format_month, parse_month
from minecalc.uses.conversion import Conversion
from minecalc.values.forms import ADDER, PARTS
from minecalc.values.paths import TimedInputs
from minecalc.visible import visible

#: A number whose thousands are parted by commas.
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")
#: So many machines of a name, as in ``3,700 s19 xp``, at the beginning of a text or after a comma.
_COUNTED = re.compile(r"(?:^|[,;+&]|\band\b)\s*(\d{1,3}(?:,\d{3})+|\d+)\s*[x×]?\s+(?=\S)")

#: What is paid on top of each hour of a recorded year.
_ADDER = "power_adder_usd_per_kwh"

_QUESTIONS: Mapping[str, str] = {
    "start": "First month",
    "gross_mw": "Megawatts from the grid",
    "electricity_price_usd_per_kwh": "Price of power, all in (USD per kWh), or a year of minecalc catalog power",
    _ADDER: "Wires, losses and margin on top of each hour (USD per kWh)",
    "machine": "Mining machine (minecalc catalog machines), or several: 3700 s19 xp, 4800 s21",
    "machine_count": "How many of them",
    "ai_mw": "Megawatts of them that convert",
    "rent_usd_per_kw_per_month": "Rent of AI halls in year 1 (USD per kW and month)",
    "capex_usd_per_critical_mw": "What AI halls cost (USD per MW for the tenant's machines)",
    "gpu": "GPU (minecalc catalog gpus)",
    "gpu_count": "How many of them",
    "lease_usd_per_gpu_hour": "What an hour of one rents for (USD)",
}


def checked(key: str, value: Any, asked: str) -> Any:
    """An answer as it is used: records by their names, or the ends of these, numbers above zero. QuestionError else."""
    if key == "machine":
        return _counted(value, asked) if _COUNTED.search(value) else _record("machine", value, machines(), asked)
    if key == "gpu":
        return _record("gpu", value, _usable_gpus(), asked)
    if key == "start":
        try:
            return format_month(parse_month(value))
        except ValueError as error:
            raise QuestionError(f"{asked}: {error}") from None
    if key == "power":
        return _recorded_price(value, asked)
    if key == _ADDER:
        low, high = PARTS[ADDER]
        problem = number_problem(value, (), low=low, high=high, name=ADDER)
    elif not math.isfinite(value) or value <= 0:
        raise QuestionError(f"{asked}: {value:g} is not above 0")
    else:
        problems = validate_data({key: value}, _owner(key))[1]
        problem = next((one for one in problems if (one.at, one.code) == ((key,), "out-of-range")), None)
    if problem is not None:
        raise QuestionError("; ".join(filter(None, (f"{asked}: {problem.message}", problem.help))))
    return value


def _recorded_price(name: str, asked: str) -> HourlyPrice:
    """The hours of a recorded year, which are in USD."""
    known, plain = power_years(), "-".join(name.casefold().split())
    found = demand_name(
        asked, "year of hourly prices", plain if plain in known else name, known, "minecalc catalog power"
    )
    if (currency := known[found].currency) != "USD":
        advice = "begin with a number, then write scale: with the rate of exchange (minecalc help power)"
        raise QuestionError(f"{asked}: {found} is in {currency}, and minecalc counts in USD; {advice}")
    return HourlyPrice(found)


def _counted(text: str, asked: str) -> tuple[Fleet, ...]:
    """Machines as ``3700 s19 xp, 4800 s21``: those of one record together."""
    parts = _COUNTED.split(text)
    if parts[0].strip():
        message = f"{visible(parts[0].strip())!r} has no count"
        raise QuestionError(f"{asked}: {message}; write each as a count and a machine, as in 3700 s19 xp, 4800 s21")
    found: dict[str, int] = {}
    for count, name in zip(parts[1::2], parts[2::2], strict=True):
        if re.search(r"[,;]\s*\S", name):
            last = re.split(r"[,;]", name)[-1].strip()
            raise QuestionError(f"{asked}: {visible(last)!r} has no count; write each as in 3700 s19 xp, 4800 s21")
        machine = _record("machine", name.strip(" ,;+&").removesuffix(" and").strip(), machines(), asked)
        found[machine] = found.get(machine, 0) + int(count.replace(",", ""))
    if not all(found.values()):
        raise QuestionError(f"{asked}: 0 machines are none; leave them out")
    return tuple(Fleet(short_name(machine), machine, count) for machine, count in found.items())


def of_file(path: Path) -> tuple[Fleet, ...]:
    """The machines of an operator's own list. FleetFileError for one that cannot be used."""
    groups = (group._asdict() for group in read_fleet(path).groups)
    return tuple(Fleet(**{key: value for key, value in group.items() if key != "model"}) for group in groups)


def _owner(key: str) -> type[TimedInputs]:
    """The inputs of a scenario that have the number, and say how large it may be."""
    if key in Site.model_fields:
        return Site
    if key == "ai_mw":
        return TimedInputs
    if key in Conversion.model_fields:
        return Conversion
    kinds = (business(kind).Inputs for kind in ("bitcoin_mining", "colocation", "gpu_cloud"))
    return next(inputs for inputs in kinds if key in inputs.model_fields)


def completed(values: Mapping[str, Any], wanted: Sequence[str], *, ask: bool) -> Answers:
    """The answers with those that are not given asked for, or as they usually are."""
    found = _apart({key: value for key, value in values.items() if key != "start"})
    for key in wanted:
        if key not in found and key != "start" and not ("fleets" in found and key in ("machine", "machine_count")):
            answer = _answer(key, _usual(key, Answers(**found)), ask=ask)
            found = _apart(found | {key: answer})
        if isinstance(price := found.get(key), HourlyPrice):
            found[key] = _with_adder(price, ask=ask)
    answers = Answers(**found)
    if "ai_mw" in wanted and answers.converts_mw >= answers.gross_mw:
        raise QuestionError(
            f"{answers.converts_mw:g} MW cannot convert of {answers.gross_mw:g}; --from lease converts all"
        )
    return answers


def _apart(found: Mapping[str, Any]) -> dict[str, Any]:
    """The answers with machines that are counted in their places: one kind as a machine and a count, or fleets."""
    machines_ = found.get("machine")
    if not isinstance(machines_, tuple):
        return dict(found)
    rest = {key: value for key, value in found.items() if key != "machine"}
    if "machine_count" in rest:
        raise QuestionError(
            "--machine-count counts one kind of machine; write counts with the machines, or leave it out"
        )
    if len(machines_) > 1:
        return rest | {"fleets": machines_}
    return rest | {"machine": machines_[0].machine, "machine_count": machines_[0].machine_count}


def _answer(key: str, usual: Any, *, ask: bool) -> Any:
    """The answer to a question, or what is usual."""
    return _asked(_QUESTIONS[key], usual, partial(_read, key, usual)) if ask else usual


def _with_adder(price: HourlyPrice, *, ask: bool) -> HourlyPrice:
    """The price with what is paid on top of each hour, which is asked for unless it is given."""
    given = price.adder_usd_per_kwh
    return price._replace(adder_usd_per_kwh=_answer(_ADDER, price.adder, ask=ask) if given is None else given)


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
    if key == "ai_mw":
        return answers.converts_mw
    if key == "lease_usd_per_gpu_hour":
        rate = gpus()[answers.gpu].lease_usd_per_gpu_hour
        if rate is None:
            raise QuestionError(f"no rate of a {answers.gpu} is published; give --lease-usd-per-gpu-hour")
        return rate
    return getattr(answers, key)


def _usable_gpus() -> Mapping[str, Any]:
    """The GPUs whose power and price are published."""
    return {name: gpu for name, gpu in gpus().items() if gpu.kw_per_gpu and gpu.capex_usd_per_gpu}


def _record(noun: str, name: str, known: Mapping[str, Any], asked: str) -> str:
    found = machine_id(name) if noun == "machine" else gpu_id(name)
    return found if found in known else demand_name(asked, noun, name, known, f"minecalc catalog {noun}s")


def _read(key: str, usual: Any, text: str) -> Any:
    text = text.strip()
    if not isinstance(usual, int | float):
        return checked(key, text, _QUESTIONS[key])
    if key == "electricity_price_usd_per_kwh" and re.search(r"[a-z]{3}", text, re.IGNORECASE):
        return checked("power", text, _QUESTIONS[key])
    plain = text.replace(",", "") if _GROUPED.fullmatch(text) else text
    try:
        value = type(usual)(plain)
    except ValueError:
        better = f"; write {text.replace(',', '.')}" if text.count(",") == 1 else ""
        kind = "whole number" if isinstance(usual, int) else "number"
        raise QuestionError(f"{visible(text)!r} is no {kind}{better}") from None
    return checked(key, value, _QUESTIONS[key])


def _asked(question: str, usual: Any, read: Callable[[str], Any]) -> Any:
    """An answer, asked for until it can be used."""
    shown = f"{usual:,}".removesuffix(".0") if isinstance(usual, int | float) else str(usual)
    while True:
        text = typer.prompt(question, default=shown)
        try:
            return usual if text == shown else read(text)
        except QuestionError as error:
            typer.echo(str(error), err=True)
