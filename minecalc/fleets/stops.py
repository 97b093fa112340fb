"""When a fleet of machines stops: never, from a month on, on the date that is worth most, or after months unpaid.

``best`` and ``never`` are words, a month is text or, after ``vary``, a column of calendar months. ``StopValues`` is
``best`` under uncertainty: one date for every world, chosen by what each stop is worth on average.
"""

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

import numpy as np

from minecalc.arrays import (
    BoolArray,
    Count,
    FloatArray,
    Number,
    first_in_a_row,
    first_true,
    in_a_row,
    last_largest,
    truth,
)
from minecalc.schema.diagnostics import cut, shown
from minecalc.schema.fields import own_form, whole
from minecalc.schema.validate import failed, refused, validate_data
from minecalc.timeline import month_written
from minecalc.trace import Traced, named
from minecalc.values.paths import TimedInputs

NEVER, BEST = "never", "best"

_HELP = "write never, best, a month such as 2029-04, or {unpaid_months: 6}"


class UnpaidMonths(TimedInputs):
    """A fleet that has not run for so many months in a row shuts for good at the start of the next."""

    unpaid_months: Count = whole(
        low=1, high=600, help="months in a row kept off by curtail, after which the fleet shuts for good and is sold"
    )

    def stop(self, idle: BoolArray) -> Number:
        """The month from which the fleet is shut, ``(·,)``, of ``idle (months, ·)``: the months that it was kept off.

        Beyond the month after the last if it never has been off for so long.
        """
        operands: tuple[object, ...] = idle, self.unpaid_months
        if all(type(operand) is not Traced for operand in operands):
            return first_in_a_row(idle, self.unpaid_months) + 1.0
        unpaid = named("months_unpaid_count", in_a_row(named("kept_off", truth(idle))))
        long = named("unpaid_too_long", truth(unpaid >= self.unpaid_months))
        return named("unpaid_stop_month", first_true(long) + 1.0)


class StopValues(NamedTuple):
    """What a fleet is worth on average by the month it stops, 1 to months + 1 (never): ``usd (months + 1, 1)``."""

    usd: FloatArray

    def best(self, until: Number) -> FloatArray:
        """The month of at most ``until`` that is worth most, the latest of equals: ``(·,)``."""
        months = np.arange(1.0, len(self.usd) + 1.0)[:, None]
        return last_largest(np.where(months <= np.minimum(until, len(self.usd)), self.usd, -np.inf))


class StopMonth(NamedTuple):
    """A stop that is found: the month before whose start the fleet is off, by its number (float or column)."""

    number: Number


def best_of(value_by_stop_usd: FloatArray, fleet: str = "") -> FloatArray:
    """The month ``(·,)`` whose stop is worth most, of the fleet of this name; of equal values the latest wins.

    months + 1 means never.
    """
    before = f"{fleet}." if fleet else ""
    values = named(f"{before}value_by_stop_usd", value_by_stop_usd)
    return named(f"{before}best_stop_month", last_largest(values))


@own_form
class _Written:
    """``stops`` as a file has it: a word, a month, or a mapping."""

    @staticmethod
    def _read(data: Any) -> "Stops":
        if isinstance(data, UnpaidMonths | StopValues | StopMonth):
            return data
        if isinstance(data, Mapping):
            found, problems = validate_data(data, UnpaidMonths)
            if found is None:
                raise failed(problems)
            return found
        if isinstance(data, str) and (data in (NEVER, BEST) or month_written(data) is not None):
            return data
        raise refused((), "bad-choice", f"stops is {cut(data) if isinstance(data, str) else shown(data)}", _HELP)

    @staticmethod
    def _form() -> dict[str, Any]:
        from minecalc.schema.jsonschema import inputs_json_schema

        month = {"type": "string", "pattern": r"^[0-9]{4}-(0[1-9]|1[0-2])$"}
        return {"anyOf": [{"enum": [NEVER, BEST]}, month, inputs_json_schema(UnpaidMonths)]}


#: What an input that stops a fleet holds.
Stops = Annotated[str | UnpaidMonths | StopValues | StopMonth, _Written]
