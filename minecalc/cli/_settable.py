"""The inputs of a scenario as words for a command line: each by its path, with the value it has and those it takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from minecalc.levers import Lever, levers
from minecalc.market import Market
from minecalc.meanwhile import Meanwhile
from minecalc.paths import TimedInputs, ValueOverTime
from minecalc.reference import gpus, leases, machines
from minecalc.scenario import Plans, PlanTerms, Scenario
from minecalc.schema.declared import choices
from minecalc.schema.diagnostics import number_text
from minecalc.schema.fields import field_meta
from minecalc.schema.names import quoted, split_path
from minecalc.shapes import Growth
from minecalc.timeline import format_month
from minecalc.visible import visible

#: A part of a path that needs no quotes of ours; what its spaces need is the shell's matter.
_PLAIN = re.compile(r"""[^\s."'=]([^.=]*[^\s.=])?""")

#: Longer explanations do not fit beside a path.
_ABOUT_MOST = 60


class Settable(NamedTuple):
    """An input by the parts of its path: its value now ("" if it has none), what it is, and the words it takes."""

    parts: tuple[str, ...]
    now: str
    help: str = ""
    words: tuple[str, ...] = ()

    def path(self, typed: str) -> str:
        """The path, its names in double quotes where they must be, or where the user has ``typed`` some."""
        quotes = '"' in typed
        return ".".join(part if _PLAIN.fullmatch(part) and not quotes else quoted(part) for part in self.parts)

    @property
    def about(self) -> str:
        """The value now, and in short what it is."""
        return visible(f"{self.now or 'not given'}: {self.help}", _ABOUT_MOST)

    @property
    def values(self) -> tuple[str, ...]:
        """What may stand behind the equals sign: all words, or the value now to begin with."""
        return self.words or ((self.now,) if self.now else ())


def settable(scenario: Scenario) -> list[Settable]:
    """Every input of ``scenario``, and of a value over time its scale, shift and growth, in file order."""
    return list(_Walk(scenario).below(scenario, ()))


def movable(scenario: Scenario) -> list[Settable]:
    """The inputs that are numbers, values over time or dates: those with a lever."""
    known = {found.parts: found for found in settable(scenario)}
    return [known[parts] for path in levers(scenario) if (parts := tuple(split_path(path))) in known]


class _Walk:
    def __init__(self, scenario: Scenario) -> None:
        self._levers = {tuple(split_path(path)): found for path, found in levers(scenario).items()}
        plans = tuple(scenario.plans)
        spaces = tuple(name for name, lease in leases().items() if lease.kind == "colocation")
        self._names = {"baseline": plans, "meanwhile": plans, "machine": (*machines(),), "gpu": (*gpus(),)}
        self._names["lease"] = spaces

    def below(self, owner: TimedInputs, at: tuple[str, ...]) -> Iterator[Settable]:
        """The inputs of one group and of those inside it."""
        ignored = owner.ignored if isinstance(owner, Market) else ()
        for name in type(owner).model_fields:
            value, parts = getattr(owner, name), (*at, name)
            if isinstance(value, Plans):
                yield from self._plans(value)
            elif isinstance(value, TimedInputs):
                yield from self.below(value, parts)
            elif name not in ignored:
                yield self._one(owner, name, parts)
                if isinstance(value, ValueOverTime):
                    yield from self._parts_over_time(value, parts)

    def _plans(self, plans: Plans) -> Iterator[Settable]:
        rate = "discount_rate_fraction_per_year"
        for plan in plans.values():
            terms = PlanTerms.model_construct(discount_rate_fraction_per_year=plan.discount_rate_fraction_per_year)
            yield self._one(terms, rate, ("plans", plan.name, rate))
            for use in plan.uses:
                yield from self.below(use.inputs, plan.place(use))

    def _one(self, owner: TimedInputs, name: str, parts: tuple[str, ...]) -> Settable:
        declared = type(owner).model_fields[name].annotation
        words = ("true", "false") if declared is bool else tuple(choices(declared)) or self._names.get(name, ())
        now = _text(self._levers.get(parts), getattr(owner, name))
        return Settable(parts, now, field_meta(type(owner), name).help, words)

    def _parts_over_time(self, value: ValueOverTime, parts: tuple[str, ...]) -> Iterator[Settable]:
        scale, shift = float(np.asarray(value.scale)), float(np.asarray(value.shift))
        yield Settable((*parts, "scale"), f"{scale:.10g}", "multiplies the value of every month")
        yield Settable((*parts, "shift"), f"{shift:.10g}", "is added to the value of every month")
        if isinstance(value.shape, Growth):
            growth = float(np.asarray(value.shape.growth_fraction_per_year))
            yield Settable((*parts, "growth_fraction_per_year"), f"{growth:.10g}", "growth a year")


def _text(lever: Lever | None, value: object) -> str:
    """The value of an input as ``--set`` takes it; of a value over time, that of the first month."""
    if lever is not None:
        return format_month(round(lever.value)) if lever.is_month else f"{lever.value:.10g}"
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return number_text(value)
        case str():
            return value
        case Meanwhile():
            return value.written
        case _:
            return ""
