"""What runs on the megawatts of a conversion until it starts: a plan, or some of its uses.

``meanwhile: name`` is the whole plan, ``meanwhile: {plan: name, uses: [old]}`` those uses of it, and with
``fleets: [s19]`` only these fleets of a mine with several; each is scaled by the megawatts that convert over those of
what runs, of fleets over what they draw.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from minecalc.fleets.stops import StopValues
from minecalc.schema.diagnostics import shown
from minecalc.schema.fields import LONGEST_TEXT, Inputs, Name, anything, own_form, text
from minecalc.schema.validate import failed, refused, validate_data

_HELP = "name a plan, or {plan: name, uses: [the uses of it that run]}, or {plan: name, fleets: [..]}"


class _Written(Inputs):
    """The form of ``meanwhile`` that may name uses."""

    plan: str = text(help="the plan whose machines run until the start")
    uses: Annotated[tuple[Name, ...], Field(min_length=1)] = anything(
        default=(), help="the uses of that plan that run; omitted: all of them"
    )
    fleets: Annotated[tuple[Name, ...], Field(min_length=1)] = anything(
        default=(), help="the fleets of its mine that run, scaled by what they draw; omitted: all of them"
    )


@own_form
class Meanwhile(NamedTuple):
    """The plan that runs, and its uses that do, and their fleets (none named: all).

    ``stops`` are what a simulation puts in place of the best stops of those uses, by use and fleet: what they are worth
    to the plan that converts.
    """

    plan: str
    uses: tuple[str, ...] = ()
    stops: tuple[tuple[str, str, StopValues], ...] = ()
    fleets: tuple[str, ...] = ()

    def __str__(self) -> str:
        inner = [" and ".join(names) for names in (self.fleets, self.uses) if names]
        return " of ".join([*inner, self.plan])

    @property
    def written(self) -> str:
        """As ``--set`` takes it."""
        parts = {"uses": self.uses, "fleets": self.fleets}
        inner = "".join(f", {key}: [{', '.join(names)}]" for key, names in parts.items() if names)
        return f"{{plan: {self.plan}{inner}}}" if inner else self.plan

    @classmethod
    def _read(cls, data: Any) -> "Meanwhile":
        if not isinstance(data, Mapping | str):
            raise refused((), "wrong-type", f"meanwhile is {shown(data)}, which names no plan", _HELP)
        found, problems = validate_data({"plan": data} if isinstance(data, str) else data, _Written)
        if found is None:
            raise failed(problem._replace(at=()) if isinstance(data, str) else problem for problem in problems)
        for key, noun, names in (("uses", "use", found.uses), ("fleets", "fleet", found.fleets)):
            twice = [name for name, count in Counter(names).items() if count > 1]
            if twice:
                last = len(names) - 1 - names[::-1].index(twice[0])
                message, advice = f"{twice[0]} stands here twice", f"name each {noun} once"
                raise refused((key, last), "conflict", message, advice)
        return cls(found.plan, found.uses, fleets=found.fleets)

    @classmethod
    def _form(cls) -> dict[str, Any]:
        from minecalc.schema.jsonschema import inputs_json_schema

        return {"anyOf": [{"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}, inputs_json_schema(_Written)]}
