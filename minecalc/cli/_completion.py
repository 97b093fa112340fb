"""What the words of a command line could be: files, plans, inputs and figures. ``_shells`` hands them to a shell.

Each completer takes what is typed before (``ctx``) and of the word so far (``incomplete``), and offers words, or words
with an explanation for shells that show one; typer keeps those that begin like the word. A file that cannot be used
offers nothing. Nothing heavy is imported before a shell asks.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from minecalc.cli._settable import Settable
    from minecalc.scenario import Scenario

Offers = list[tuple[str, str]]
Completer = Callable[[typer.Context, str], Offers]

_SUFFIXES = (".yaml", ".yml")


def one_of(*words: str) -> Completer:
    """A completer for one of these words."""
    return lambda ctx, incomplete: _offered((word, "") for word in words)


def formats(ctx: typer.Context, incomplete: str) -> Offers:
    """Names of ``--format``."""
    from minecalc import reports

    return _offered((name, "") for name in reports.formats())


def beginnings(ctx: typer.Context, incomplete: str) -> Offers:
    """Templates and shipped examples."""
    from minecalc.examples import examples
    from minecalc.templates import TEMPLATES

    return _offered([*TEMPLATES.items(), *((one.name, one.title) for one in examples().values())])


def _catalogued(kind: str, about: Callable[[Any], str]) -> Completer:
    """A completer for records of the catalogue."""

    def offers(ctx: typer.Context, incomplete: str) -> Offers:
        records = getattr(import_module(f"minecalc.reference.{kind}"), kind)()
        return _offered((one.id, about(one)) for one in records.values())

    return offers


machines = _catalogued("machines", lambda one: one.name)
gpus = _catalogued("gpus", lambda one: one.name)
power_years = _catalogued("power_years", lambda one: f"{one.node}, {one.year}")


def topics(ctx: typer.Context, incomplete: str) -> Offers:
    """Pages of the manual."""
    from minecalc.cli._pages import topics as known

    return _offered((name, "") for name in known())


def machine_lists(ctx: typer.Context, incomplete: str) -> Offers:
    """Lists of machines, and folders."""
    folders, own = _beside(incomplete, (".csv", ".json", ".tsv"))
    return _offered((name, "") for name in [*folders, *own])


def _beside(incomplete: str, suffixes: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """The folders and the files with these suffixes that a word so far may mean."""
    typed = incomplete[: incomplete.rfind("/") + 1]
    try:
        entries = sorted(os.scandir(Path(typed or ".").expanduser()), key=lambda entry: entry.name)
    except OSError:
        return [], []
    wanted = [entry for entry in entries if f"{typed}{entry.name}".startswith(incomplete)]
    wanted = [entry for entry in wanted if not entry.name.startswith(".") or incomplete.startswith(f"{typed}.")]
    folders = [f"{typed}{entry.name}/" for entry in wanted if entry.is_dir()]
    return folders, [f"{typed}{entry.name}" for entry in wanted if entry.name.endswith(suffixes)]


def files(ctx: typer.Context, incomplete: str) -> Offers:
    """Scenario files, folders, and ``-``; where there are none, shipped examples.

    A single folder comes with what it holds, so that typing goes on there.
    """
    folders, own = _beside(incomplete, _SUFFIXES)
    found = [*folders, *own]
    if not found:
        from minecalc.examples import example_files

        found = [name for name in example_files() if name.startswith(incomplete)]
    if incomplete == "":
        found.append("-")
    if found == folders and len(folders) == 1:
        return _offered([(folders[0], ""), *files(ctx, folders[0])])
    return _offered((name, "standard input" if name == "-" else "") for name in found)


def _of_scenario(offers: Callable[[Scenario, str], Offers], *, last: bool = False) -> Completer:
    """A completer for what is in the scenario that is named, or in the second of two; nothing without one."""

    def of_named(ctx: typer.Context, incomplete: str) -> Offers:
        scenario = _scenario(ctx, last=last)
        return [] if scenario is None else offers(scenario, incomplete)

    return of_named


def _plans(scenario: Scenario, incomplete: str) -> Offers:
    baseline = scenario.baseline_plan.name
    return _offered((name, "the baseline" if name == baseline else "") for name in scenario.plans)


def _assignments(scenario: Scenario, incomplete: str) -> Offers:
    """``PATH=VALUE`` for every input, with the value it has now."""
    from minecalc.cli._settable import settable

    return _with_values(settable(scenario), incomplete)


def _movables(scenario: Scenario, incomplete: str) -> Offers:
    """Paths of the numbers, values over time and dates."""
    from minecalc.cli._settable import movable

    return _offered((found.path(incomplete), found.about) for found in movable(scenario))


def _ranges(scenario: Scenario, incomplete: str) -> Offers:
    """As ``_movables``, with ``=``; after it, the value now."""
    from minecalc.cli._settable import movable

    return _with_values(movable(scenario), incomplete)


def _variations(scenario: Scenario, incomplete: str) -> Offers:
    """``PATH=A,B,C`` for every input."""
    from minecalc.cli._settable import settable

    before, comma, _ = incomplete.rpartition(",")
    if not comma:
        return _assignments(scenario, incomplete)
    path, inputs = before.partition("=")[0], settable(scenario)
    return _offered((f"{before},{word}", "") for found in inputs if found.path(path) == path for word in found.words)


plans, plans_of_last = _of_scenario(_plans), _of_scenario(_plans, last=True)
assignments, assignments_of_last = _of_scenario(_assignments), _of_scenario(_assignments, last=True)
movables, ranges, variations = map(_of_scenario, (_movables, _ranges, _variations))


def metrics(ctx: typer.Context, incomplete: str) -> Offers:
    """Figures of a plan."""
    from minecalc.analysis.figures_of_cases import metric_names

    return _offered((name, "") for name in metric_names())


def targets_to_meet(ctx: typer.Context, incomplete: str) -> Offers:
    """``FIGURE=`` for ``--target``."""
    from minecalc.figures import names_of, short_names

    known = {**short_names(), **dict.fromkeys(names_of("plan", "corner", "debt"), "")}
    return _offered((f"{name}=", about) for name, about in known.items())


def explainable(ctx: typer.Context, incomplete: str) -> Offers:
    """Figures and lines of the plan that is meant, of all plans while none is named; after ``@``, a line's months."""
    from minecalc.analysis.explain.explanation import targets, trace_plans

    scenario = _scenario(ctx)
    if scenario is None:
        return []
    timeline = scenario.timeline
    evaluation = trace_plans(scenario)
    named = ctx.params.get("plan")
    meant = [plan for plan in evaluation.plans if named in (None, plan)]
    known = {name: step for plan in meant for name, step in targets(evaluation, plan).items()}
    figures = {name for name, step in known.items() if step.size == 1 and f"monthly_{name}" not in known}
    line, at, _ = incomplete.partition("@")
    if at:
        months = range(1, 1 if line in figures else timeline.months + 1)
        return _offered((f"{line}@{timeline.label(month)}", "") for month in months)
    found = [name for name in known if name.startswith(line)]
    if len(found) == 1 and found[0] not in figures:
        found.append(f"{found[0]}@")
    return _offered((name, "") for name in found)


def filters(ctx: typer.Context, incomplete: str) -> Offers:
    """``COLUMN=`` of the catalogue's kind, and after it the words that stand in a column of words."""
    records, columns = _records(ctx)
    column, equals, _ = incomplete.partition("=")
    if not equals:
        return _offered((f"{name}=", "") for name in columns)
    words = {str(record[column]) for record in records if isinstance(record.get(column), str)}
    return _offered((f"{column}={word}", "") for word in sorted(words))


def records(ctx: typer.Context, incomplete: str) -> Offers:
    """Records of the catalogue's kind."""
    return _offered((str(record["id"]), "") for record in _records(ctx)[0])


def columns(ctx: typer.Context, incomplete: str) -> Offers:
    """Columns of the catalogue's kind."""
    return _offered((name, "") for name in _records(ctx)[1])


def league_columns(ctx: typer.Context, incomplete: str) -> Offers:
    """Columns of the league table; more of them behind a comma, and in order from the greatest behind a minus."""
    from minecalc.analysis.compare.league_document import league_columns

    before = incomplete[: incomplete.rfind(",") + 1] or ("-" if incomplete.startswith("-") else "")
    return _offered((f"{before}{name}", "") for name in league_columns())


def _records(ctx: typer.Context) -> tuple[Sequence[dict[str, Any]], Sequence[str]]:
    """The records of the kind that is named, and their columns."""
    from minecalc.analysis.catalog import catalog
    from minecalc.analysis.questions import QuestionError

    try:
        found = catalog(_arguments(ctx)[0])
    except (QuestionError, IndexError):
        return [], []
    return found.data()["records"], [column.key for column in found.document().records.columns]


def _offered(words: Iterable[tuple[str, str]]) -> Offers:
    """Each word once, if the shell that asks can take it."""
    from minecalc.cli._shells import can_take

    found: dict[str, str] = {}
    for word, about in words:
        if can_take(word):
            found.setdefault(word, about)
    return list(found.items())


def _arguments(ctx: typer.Context) -> list[str]:
    """The words that are no options, in order; typer leaves them unnamed if the last option still lacks its value."""
    named = [ctx.params.get(name) for name in ("file", "files", "kind")]
    found = [word for value in named if value for word in ([value] if isinstance(value, str) else value)]
    return found or list(ctx.args)


def _scenario(ctx: typer.Context, *, last: bool = False) -> Scenario | None:
    """The scenario in the first file or folder that is named (or the last of two), as far as it is usable."""
    from minecalc.cli._inputs import named_markets
    from minecalc.examples import named_file
    from minecalc.loading import read, scenario_files

    named = _arguments(ctx)[:2] if last else _arguments(ctx)[:1]
    found = scenario_files(named_file(named[-1]))[:1] if named else []
    if not found or found[0] == "-":
        return None
    given = ctx.params.get("set_") or ()
    confined, markets = bool(ctx.params.get("confined")), named_markets(ctx.params.get("market"))
    return (
        read(found[0], given, confined=confined, markets=markets).scenario
        or read(found[0], confined=confined, markets=markets).scenario
        or read(found[0], confined=confined).scenario
    )


def _with_values(inputs: Sequence[Settable], incomplete: str) -> Offers:
    """``PATH=``; when it is the only one, or typed, with values. Two words keep a shell from ending the word there."""
    paths = {f"{found.path(incomplete)}=": found for found in inputs}
    fitting = {path: found for path, found in paths.items() if path.startswith(incomplete)}
    if len(fitting) > 1:
        return _offered((path, found.about) for path, found in fitting.items())
    typed = fitting or {path: found for path, found in paths.items() if incomplete.startswith(path)}
    alone = [(path, found.about) for path, found in fitting.items()]
    return _offered([*alone, *((f"{path}{value}", "") for path, found in typed.items() for value in found.values)])
