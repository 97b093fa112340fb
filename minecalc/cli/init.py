"""``minecalc init``: a scenario of one's own to begin with."""

from __future__ import annotations

import re
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from minecalc.cli import _completion as complete
from minecalc.cli._options import argument, option

if TYPE_CHECKING:
    from minecalc.examples import Example

ANSWERS = "Begin with"
#: The answers that make a price by the hour.
_BY_HOUR = ("power", "power_adder_usd_per_kwh")

#: Answers that may be given as options. The first panel of the help has room for the longest name at 80 columns.
_site = partial(option, rich_help_panel="The site, asked for if not given")
_plan = partial(option, rich_help_panel="What may run there, asked for if not given")


def init(
    name: Annotated[str | None, argument("SITE", "What the scenario is called.")] = None,
    from_: Annotated[
        str,
        option(
            "--from",
            "NAME",
            "A template (lease, part, gpu, phases, miner, hosting) or an example (minecalc examples lists them).",
            complete.beginnings,
        ),
    ] = "lease",
    gross_mw: Annotated[float | None, _site("--gross-mw", "MW", "What the grid gives the site.")] = None,
    electricity_price_usd_per_kwh: Annotated[
        float | None,
        _site("--electricity-price-usd-per-kwh", "USD", "All in: energy, delivery, taxes; 0.045 is 4.5 cents a kWh."),
    ] = None,
    power: Annotated[
        str | None,
        _site(
            "--power", "NAME", "Instead, prices by the hour: a year of minecalc catalog power.", complete.power_years
        ),
    ] = None,
    power_adder_usd_per_kwh: Annotated[
        float | None, _site("--power-adder-usd-per-kwh", "USD", "Wires, losses, margin on top of --power.")
    ] = None,
    machine: Annotated[
        str | None,
        _plan(
            "--machine",
            "NAME",
            'The mining machine, or several: "3700 s19 xp, 4800 s21"; minecalc catalog machines lists them.',
            complete.machines,
        ),
    ] = None,
    machine_count: Annotated[
        int | None, _plan("--machine-count", "N", "Machines; omitted: as many as the megawatts run.")
    ] = None,
    fleet: Annotated[
        Path | None,
        _plan("--fleet", "FILE", "Machines of a list of your own, as import-fleet reads it.", complete.machine_lists),
    ] = None,
    ai_mw: Annotated[float | None, _plan("--ai-mw", "MW", "What of the site converts; omitted: a third.")] = None,
    rent_usd_per_kw_per_month: Annotated[
        float | None, _plan("--rent-usd-per-kw-per-month", "USD", "Rent of AI halls in year 1.")
    ] = None,
    capex_usd_per_critical_mw: Annotated[
        float | None, _plan("--capex-usd-per-critical-mw", "USD", "What AI halls cost to build.")
    ] = None,
    gpu: Annotated[
        str | None, _plan("--gpu", "NAME", "The GPU; minecalc catalog gpus lists them.", complete.gpus)
    ] = None,
    gpu_count: Annotated[int | None, _plan("--gpu-count", "N", "GPUs; omitted: as many as the megawatts run.")] = None,
    lease_usd_per_gpu_hour: Annotated[
        float | None,
        _plan("--lease-usd-per-gpu-hour", "USD", "What an hour of a GPU rents for; omitted: a published rate."),
    ] = None,
    start: Annotated[str | None, option("--start", "YYYY-MM", "The first month; omitted: the next one.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; take what is usual.")] = False,
    output: Annotated[Path | None, option("--output -o", "FILE", "The file; omitted: NAME.yaml here.")] = None,
) -> None:
    """Write a scenario of your own to begin with: a few answers about the site, the rest usual and commented.

    Example: minecalc init hilltop --gross-mw 40 --electricity-price-usd-per-kwh 0.05
    """
    from minecalc import templates
    from minecalc.cli import _asking as asking
    from minecalc.cli._usage import UsageError
    from minecalc.examples import examples
    from minecalc.schema.names import unknown_name
    from minecalc.visible import visible

    given: dict[str, Any] = {
        "gross_mw": gross_mw,
        "electricity_price_usd_per_kwh": electricity_price_usd_per_kwh,
        "power": power,
        "power_adder_usd_per_kwh": power_adder_usd_per_kwh,
        "machine": machine,
        "machine_count": machine_count,
        "fleet": fleet,
        "ai_mw": ai_mw,
        "rent_usd_per_kw_per_month": rent_usd_per_kw_per_month,
        "capex_usd_per_critical_mw": capex_usd_per_critical_mw,
        "gpu": gpu,
        "gpu_count": gpu_count,
        "lease_usd_per_gpu_hour": lease_usd_per_gpu_hour,
        "start": start,
    }
    given = {key: value for key, value in given.items() if value is not None}
    if from_ in examples():
        if given:
            raise UsageError(f"an example is copied as it is; leave out {_option(next(iter(given)))} and edit the copy")
        _copy(examples()[from_], name, output)
        return
    if from_ not in templates.TEMPLATES:
        wrong = unknown_name((), "template or example", from_, [*templates.TEMPLATES, *examples()], "minecalc examples")
        raise UsageError(f"--from: {visible(wrong.message)}; {wrong.help}")
    wanted = ("start", *templates.used(from_))
    other_words = (*_BY_HOUR, *(("fleet",) if "machine" in wanted else ()))
    if unused := [key for key in given if key not in (*wanted, *other_words)]:
        raise UsageError(f"the template {from_} has no place for {_option(unused[0])}; leave it out")
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
    from minecalc.cli._usage import UsageError

    found = {key: asking.checked(key, given.pop(key), _option(key)) for key in _BY_HOUR if key in given}
    if not found:
        return {}
    if "power" not in found:
        raise UsageError("--power-adder-usd-per-kwh comes on top of --power, which is not given")
    if "electricity_price_usd_per_kwh" in given:
        raise UsageError("--electricity-price-usd-per-kwh stands beside --power; give one of them")
    adder = found.get("power_adder_usd_per_kwh")
    return {"electricity_price_usd_per_kwh": found["power"]._replace(adder_usd_per_kwh=adder)}


def _own_fleets(given: dict[str, Any]) -> dict[str, Any]:
    """The fleets of the list of machines that is given, taken out of what is; none without one."""
    from minecalc.cli import _asking as asking
    from minecalc.cli._usage import UsageError
    from minecalc.fleets.fleet_file import FleetFileError
    from minecalc.schema.diagnostics import render

    file = given.pop("fleet", None)
    if file is None:
        return {}
    if beside := [key for key in ("machine", "machine_count") if key in given]:
        raise UsageError(f"{_option(beside[0])} stands beside --fleet, which says what machines there are")
    try:
        return {"fleets": asking.of_file(file)}
    except FleetFileError as wrong:
        print(render(wrong.diagnostics), file=sys.stderr)
        raise typer.Exit(2) from None


def _place(title: str, output: Path | None) -> Path:
    """The file to write: never one that is there."""
    from minecalc.cli._output import see_that_it_can_be_written
    from minecalc.cli._usage import UsageError
    from minecalc.visible import visible

    words = re.sub(r"[^\w.-]+", "-", title.strip().lower()).strip("-.")
    file = output or Path(f"{words or 'site'}.yaml")
    if file.exists():
        raise UsageError(f"{visible(str(file))} is there already; name another with --output, or move it away")
    see_that_it_can_be_written(file)
    return file


def _write(file: Path, text: str) -> None:
    """The file, if it holds a scenario, and its answer."""
    from minecalc.cli._output import write_text
    from minecalc.cli._usage import UsageError
    from minecalc.cli.compare import compare
    from minecalc.loading import read_bytes
    from minecalc.schema.diagnostics import render
    from minecalc.visible import visible

    reading = read_bytes(text.encode(), str(file), file.parent)
    if reading.scenario is None:
        print(render(reading.diagnostics), file=sys.stderr)
        raise UsageError("these answers make no scenario, and nothing is written")
    write_text(text, file)
    shown = visible(str(file))
    typer.echo(f"Wrote {shown}; the lines marked <- decide.\n")
    compare([str(file)], quiet=True)
    typer.echo(f"\nAll of it:     minecalc compare {shown}\nWhat turns it: minecalc breakeven {shown}")


def _copy(example: Example, name: str | None, output: Path | None) -> None:
    """The example's file, and the series beside it that it reads."""
    from minecalc.cli._output import write_text
    from minecalc.cli.compare import compare
    from minecalc.visible import visible

    file = _place(name or example.name, output)
    text = example.file.read_text(encoding="utf-8")
    text = re.sub(r"\A# yaml-language-server:.*\n#\n", "", text)
    for series in example.series:
        write_text(series.read_text(encoding="utf-8"), _place(series.name, file.with_name(series.name)))
    write_text(text, file)
    shown = visible(str(file))
    typer.echo(f"Wrote {shown}.\n")
    compare([str(file)], quiet=True)
    typer.echo(f"\nAll of it: minecalc compare {shown}")


def _option(key: str) -> str:
    return "--" + key.replace("_", "-")
