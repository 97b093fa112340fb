"""``minecalc init``: a scenario of one's own to begin with."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from minecalc.analysis.questions import QuestionError, demand_name
from minecalc.cli import _completion as complete
from minecalc.cli._options import argument, flag, option
from minecalc.cli._process import tell
from minecalc.cli._shared import UNSAID
from minecalc.visible import visible

if TYPE_CHECKING:
    from minecalc.examples import Example

ANSWERS = "Begin with"
#: What is no answer about the site.
_NO_ANSWERS = ("name", "from_", "yes", "output")
#: The answers that make a price by the hour.
_BY_HOUR = ("power", "power_adder_usd_per_kwh")

#: The panels of the answers that may be given as options. The first has room for the longest name at 80 columns.
_SITE = "The site, asked for if not given"
_PLAN = "What may run there, asked for if not given"


def init(
    name: str | None = argument("SITE", "What the scenario is called.", default=None),
    from_: str = option(
        "NAME",
        "A template (lease, part, gpu, phases, miner, hosting) or an example (minecalc examples lists them).",
        complete.beginnings,
        default="lease",
        spelt="--from",
    ),
    gross_mw: float | None = option("MW", "What the grid gives the site.", panel=_SITE),
    electricity_price_usd_per_kwh: float | None = option(
        "USD", "All in: energy, delivery, taxes; 0.045 is 4.5 cents a kWh.", panel=_SITE
    ),
    power: str | None = option(
        "NAME", "Instead, prices by the hour: a year of minecalc catalog power.", complete.power_years, panel=_SITE
    ),
    power_adder_usd_per_kwh: float | None = option("USD", "Wires, losses, margin on top of --power.", panel=_SITE),
    machine: str | None = option(
        "NAME",
        'The mining machine, or several: "3700 s19 xp, 4800 s21"; minecalc catalog machines lists them.',
        complete.machines,
        panel=_PLAN,
    ),
    machine_count: int | None = option("N", "Machines; omitted: as many as the megawatts run.", panel=_PLAN),
    fleet: Path | None = option(
        "FILE", "Machines of a list of your own, as import-fleet reads it.", complete.machine_lists, panel=_PLAN
    ),
    ai_mw: float | None = option("MW", "What of the site converts; omitted: a third.", panel=_PLAN),
    rent_usd_per_kw_per_month: float | None = option("USD", "Rent of AI halls in year 1.", panel=_PLAN),
    capex_usd_per_critical_mw: float | None = option("USD", "What AI halls cost to build.", panel=_PLAN),
    gpu: str | None = option("NAME", "The GPU; minecalc catalog gpus lists them.", complete.gpus, panel=_PLAN),
    gpu_count: int | None = option("N", "GPUs; omitted: as many as the megawatts run.", panel=_PLAN),
    lease_usd_per_gpu_hour: float | None = option(
        "USD", "What an hour of a GPU rents for; omitted: a published rate.", panel=_PLAN
    ),
    start: str | None = option("YYYY-MM", "The first month; omitted: the next one."),
    yes: bool = flag("--yes -y", "Ask nothing; take what is usual."),
    output: Path | None = option("FILE", "The file; omitted: NAME.yaml here.", spelt="--output -o"),
) -> None:
    """Write a scenario of your own to begin with: a few answers about the site, the rest usual and commented.

    Example: minecalc init hilltop --gross-mw 40 --electricity-price-usd-per-kwh 0.05
    """
    options = locals()
    from minecalc import templates
    from minecalc.cli import _asking as asking
    from minecalc.examples import examples

    given = {key: value for key, value in options.items() if value is not None and key not in _NO_ANSWERS}
    if from_ in examples():
        if given:
            raise QuestionError(
                f"an example is copied as it is; leave out {_option(next(iter(given)))} and edit the copy"
            )
        _copy(examples()[from_], name, output)
        return
    if from_ not in templates.TEMPLATES:
        demand_name("--from", "template or example", from_, [*templates.TEMPLATES, *examples()], "minecalc examples")
    wanted = ("start", *templates.used(from_))
    other_words = (*_BY_HOUR, *(("fleet",) if "machine" in wanted else ()))
    if unused := [key for key in given if key not in (*wanted, *other_words)]:
        raise QuestionError(f"the template {from_} has no place for {_option(unused[0])}; leave it out")
    own = _own_fleets(given) | _by_hour(given)
    values = own | {key: asking.checked(key, value, _option(key)) for key, value in given.items()}
    ask = sys.stdin.isatty() and not yes
    title = asking.asked_name() if name is None and ask else name or "my site"
    file = _place(title, output)
    answers = asking.completed(values, wanted, ask=ask)
    first = values.get("start") or asking.next_month()
    _write(file, templates.filled(from_, title, file.name, first, answers))


def _by_hour(given: dict[str, Any]) -> dict[str, Any]:
    """The price of a recorded year that is given, taken out of what is; none without one."""
    from minecalc.cli import _asking as asking

    found = {key: asking.checked(key, given.pop(key), _option(key)) for key in _BY_HOUR if key in given}
    if not found:
        return {}
    if "power" not in found:
        raise QuestionError("--power-adder-usd-per-kwh comes on top of --power, which is not given")
    if "electricity_price_usd_per_kwh" in given:
        raise QuestionError("--electricity-price-usd-per-kwh stands beside --power; give one of them")
    adder = found.get("power_adder_usd_per_kwh")
    return {"electricity_price_usd_per_kwh": found["power"]._replace(adder_usd_per_kwh=adder)}


def _own_fleets(given: dict[str, Any]) -> dict[str, Any]:
    """The fleets of the list of machines that is given, taken out of what is; none without one."""
    from minecalc.cli import _asking as asking
    from minecalc.fleets.fleet_file import FleetFileError

    file = given.pop("fleet", None)
    if file is None:
        return {}
    if beside := [key for key in ("machine", "machine_count") if key in given]:
        raise QuestionError(f"{_option(beside[0])} stands beside --fleet, which says what machines there are")
    try:
        return {"fleets": asking.of_file(file)}
    except FleetFileError as wrong:
        tell(wrong.diagnostics)
        raise typer.Exit(2) from None


def _place(title: str, output: Path | None) -> Path:
    """The file to write: never one that is there."""
    from minecalc.cli._output import see_that_it_can_be_written

    words = re.sub(r"[^\w.-]+", "-", title.strip().lower()).strip("-.")
    file = output or Path(f"{words or 'site'}.yaml")
    if file.exists():
        raise QuestionError(f"{visible(str(file))} is there already; name another with --output, or move it away")
    see_that_it_can_be_written(file)
    return file


def _write(file: Path, text: str) -> None:
    """The file, if it holds a scenario, and its answer."""
    from minecalc.cli._output import write_text
    from minecalc.cli.compare import compared
    from minecalc.loading import read_bytes

    reading = read_bytes(text.encode(), str(file), file.parent)
    if reading.scenario is None:
        tell(reading.diagnostics)
        raise QuestionError("these answers make no scenario, and nothing is written")
    write_text(text, file)
    shown = visible(str(file))
    typer.echo(f"Wrote {shown}; the lines marked <- decide.\n")
    compared([str(file)], UNSAID._replace(quiet=True))
    typer.echo(f"\nAll of it:     minecalc compare {shown}\nWhat turns it: minecalc breakeven {shown}")


def _copy(example: Example, name: str | None, output: Path | None) -> None:
    """The example's file, and the series beside it that it reads."""
    from minecalc.cli._output import write_text
    from minecalc.cli.compare import compared

    file = _place(name or example.name, output)
    text = example.file.read_text(encoding="utf-8")
    text = re.sub(r"\A# yaml-language-server:.*\n#\n", "", text)
    for series in example.series:
        write_text(series.read_text(encoding="utf-8"), _place(series.name, file.with_name(series.name)))
    write_text(text, file)
    shown = visible(str(file))
    typer.echo(f"Wrote {shown}.\n")
    compared([str(file)], UNSAID._replace(quiet=True))
    typer.echo(f"\nAll of it: minecalc compare {shown}")


def _option(key: str) -> str:
    return "--" + key.replace("_", "-")
