"""What runs on the megawatts of a conversion until it starts: a plan, or some of its uses.

``meanwhile: name`` is the whole plan, ``meanwhile: {plan: name, uses: [old]}`` those uses of it; either is scaled by
the megawatts that convert over those of what runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from minecalc.schema.diagnostics import Problem, shown
from minecalc.schema.fields import LONGEST_TEXT, Inputs, anything, text
from minecalc.schema.validate import failed, validate_data
from minecalc.stops import StopValues

_HELP = "name a plan, or {plan: name, uses: [the uses of it that run]}"

_Name = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]


class _Written(Inputs):
    """The form of ``meanwhile`` that may name uses."""

    plan: str = text(help="the plan whose machines run until the start")
    uses: Annotated[tuple[_Name, ...], Field(min_length=1)] = anything(
        default=(), help="the uses of that plan that run; omitted: all of them"
    )


class Meanwhile(NamedTuple):
    """The plan that runs, and its uses that do (none named: all).

    ``stops`` are what a simulation puts in place of the best stops of those uses, by use and fleet: what they are worth
    to the plan that converts.
    """

    plan: str
    uses: tuple[str, ...] = ()
    stops: tuple[tuple[str, str, StopValues], ...] = ()

    def __str__(self) -> str:
        return f"{' and '.join(self.uses)} of {self.plan}" if self.uses else self.plan

    @property
    def written(self) -> str:
        """As ``--set`` takes it."""
        return f"{{plan: {self.plan}, uses: [{', '.join(self.uses)}]}}" if self.uses else self.plan

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(cls._read)

    @classmethod
    def _read(cls, data: Any) -> Meanwhile:
        if isinstance(data, Meanwhile):
            return data
        if not isinstance(data, Mapping | str):
            raise failed([Problem((), "wrong-type", f"meanwhile is {shown(data)}, which names no plan", _HELP)])
        if isinstance(data, str):
            found, problems = validate_data({"plan": data}, _Written)
            problems = [problem._replace(at=()) for problem in problems]
        else:
            found, problems = validate_data(data, _Written)
        if found is None:
            raise failed(problems)
        uses = found.uses
        twice = [name for name, count in Counter(uses).items() if count > 1]
        if twice:
            last = len(uses) - 1 - uses[::-1].index(twice[0])
            raise failed([Problem(("uses", last), "conflict", f"{twice[0]} stands here twice", "name each use once")])
        return cls(found.plan, uses)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        from minecalc.schema.jsonschema import inputs_json_schema

        return {"anyOf": [{"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}, inputs_json_schema(_Written)]}
