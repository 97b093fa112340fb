"""The financing of a plan as a file states it: tranches in order of seniority, their reserve, and their covenants.

What they come to is computed in ``minecalc.deals.financed`` by the functions of ``finance/``. Conventions follow those
of project finance: debt is sized on cash flow available for debt service (CFADS) and on total cost, is drawn in the
build, and is repaid on dates counted from the first month in which the whole plan is ready.
"""

import math
from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Self

from pydantic import Field, PrivateAttr, model_validator

from minecalc.arrays import Count, FloatArray, Number
from minecalc.schema.alternatives import Alternatives
from minecalc.schema.diagnostics import Problem, cut, shown
from minecalc.schema.fields import Inputs, Name, anything, choice, flag, number, own_form, whole
from minecalc.schema.names import did_you_mean
from minecalc.schema.validate import failed, validate_data
from minecalc.timeline import parse_month
from minecalc.values.paths import Month, TimedInputs, ValueOverTime, over_time

CODES = {
    "shares-over-cost": "tranches borrow more than the whole cost by their shares alone",
    "bad-instalments": "the dates of a loan do not fit its calendar, or its instalments do not fit its dates",
}

#: What pays for a build besides tranches, by the names that answers have for it.
_OTHER_SOURCES = ("equity", "prepayment")

_SHARE = Annotated[float, Field(ge=0, le=1)]

#: The longest term of a loan, and how long after the horizon one may mature.
LONGEST_MONTHS = 600

#: Rounding of shares that does not matter.
_SLACK = 1e-6


#: A term that a deal does without where it is omitted, and months that may be.
_or_none = partial(number, low=0, default=0.0, default_source="none")
_months = partial(whole, low=1, high=LONGEST_MONTHS, default=None)


class Shares(Inputs):
    """The form of ``repayment`` that states each instalment as a share of the amount."""

    shares: Annotated[tuple[_SHARE, ...], Field(min_length=1, max_length=600)] = anything(
        help="share of the amount repaid on each date from the first payment to the last; with the balloon they are 1"
    )


@own_form
class Repayment(NamedTuple):
    """How a loan is repaid: a ``shape`` of the field, or ``shares`` of its amount, one a date."""

    shape: str
    shares: tuple[float, ...] = ()

    @classmethod
    def _read(cls, data: Any) -> "Repayment":
        if isinstance(data, Mapping):
            found, problems = validate_data(data, Shares)
            if found is None:
                raise failed(problems)
            return cls("shares", found.shares)
        if isinstance(data, str) and data in SHAPES:
            return cls(data)
        near = did_you_mean(data, SHAPES) if isinstance(data, str) else ""
        advice = near or f"write {', '.join(SHAPES)} or {{shares: [0.02, 0.02, ..]}}"
        what = cut(data) if isinstance(data, str) else shown(data)
        raise failed([Problem((), "bad-choice", f"repayment is {what}", advice)])

    @classmethod
    def _form(cls) -> dict[str, Any]:
        from minecalc.schema.jsonschema import inputs_json_schema

        return {"anyOf": [{"enum": list(SHAPES)}, inputs_json_schema(Shares)]}


#: The shapes of repayment that go by a word.
SHAPES = ("level", "equal_principal", "bullet", "sculpted")


class Tranche(TimedInputs):
    """One loan, bond or lease of equipment: how much, at what price, drawn and repaid how."""

    month_fields: ClassVar[frozenset[str]] = frozenset({"maturity"})
    months_beyond: ClassVar[Mapping[str, int]] = MappingProxyType({"maturity": LONGEST_MONTHS})

    share_of_cost_fraction: Number | None = number(
        low=0, high=1, default=None, help="share of total cost that it pays; the amount follows"
    )
    amount_usd: Number | None = number(low=0, high=1e12, default=None, help="amount, in place of a share of the cost")
    dscr_ratio: Number | None = number(
        low=0.5,
        high=20,
        default=None,
        help="least CFADS over debt service, which sizes it; beside a share or an amount the smaller counts",
    )
    sized_on: Literal["contracted"] | None = choice(
        default=None,
        help="contracted: the cash that sizes and sculpts it counts only revenue that a contract fixes, such as rent "
        "to the end of a lease; omitted: all",
    )
    rate_fraction_per_year: ValueOverTime = over_time(
        low=0, high=2, help="nominal interest a year, a twelfth of it a month", example="0.0775"
    )
    draw: Literal["as_needed", "at_close"] = choice(
        default="as_needed",
        default_source="how a loan is drawn",
        help="as_needed: with the spending; at_close: all at close, into escrow, as a bond",
    )
    escrow_yield_fraction_per_year: Number = _or_none(
        high=2, help="what the escrow of a bond earns a year, at most the bond's rate"
    )
    upfront_fee_fraction: Number = _or_none(high=0.5, help="fee at close, as a share of the amount")
    discount_fraction: Number = number(
        low=-0.5,
        high=0.5,
        default=0.0,
        default_source="issued at par",
        help="original-issue discount, as a share of the amount; below zero it is a premium",
    )
    commitment_fee_fraction_per_year: Number = _or_none(high=0.2, help="fee a year on what is not drawn yet")
    interest_in_build: Literal["capitalised", "paid"] = choice(
        default="capitalised",
        default_source="how construction loans do it",
        help="interest of the build: added to cost, or paid by equity as it falls due (as_needed only)",
    )
    repayment: Repayment = anything(
        help="level (equal service), equal_principal, bullet, sculpted (service follows CFADS) or {shares: [..]}",
        example="level",
    )
    balloon_fraction: Number = _or_none(high=1, help="share of the amount due on the last date at once")
    first_payment_months: Count | None = _months(
        help="months from the start of the first month in which all is ready to the first repayment of principal; "
        "omitted: every_months"
    )
    term_months: Count | None = _months(
        help="months from the start of the first month in which all is ready to the last payment"
    )
    maturity: Month | None = anything(
        default=None,
        help="month of the last payment, in place of a term: a late build does not move it, and has fewer payments",
        example="2032-05",
    )
    allow_negative_amortisation: bool = flag(
        default=False,
        default_source="no lender does",
        help="whether a sculpted loan may grow where CFADS does not cover its interest",
    )
    sweep_fraction: Number = _or_none(
        high=1,
        help="share of the cash left after service and reserve that repays it early, from the last payments backwards",
    )
    refinance_rate_fraction_per_year: ValueOverTime | None = over_time(
        low=0,
        high=2,
        default=None,
        help="nominal interest a year of the new loan that repays the balloon; omitted: nobody lends again",
        example="0.065",
    )
    refinance_term_months: Count | None = _months(
        help="months from the balloon's date to the last payment of the new loan, which is repaid by equal service"
    )

    alternatives: ClassVar[tuple[Alternatives, ...]] = (
        Alternatives((("share_of_cost_fraction",), ("amount_usd",))),
        Alternatives((("term_months",), ("maturity",))),
    )

    @property
    def idle(self) -> Mapping[str, str]:
        """What has no effect: beside a size of another kind, and terms that are another kind of loan's."""
        key, why = self._drawn_otherwise
        found = {**super().idle, key: why}
        if self.repayment.shape == "bullet":
            found["balloon_fraction"] = "a bullet is a balloon of all"
        return found

    @property
    def _drawn_otherwise(self) -> tuple[str, str]:
        """The key that only a loan has which is drawn in the other way, and why this one has no use for it."""
        if self.draw == "at_close":
            return "commitment_fee_fraction_per_year", "all is drawn at close"
        return "escrow_yield_fraction_per_year", "only what is drawn at close lies in escrow"

    @model_validator(mode="after")
    def _of_one_kind(self) -> Self:
        problems = [*self._lacking(), *self._conflicts(), *self._refinanced()]
        if problems:
            raise failed(problems)
        return self

    def _lacking(self) -> Iterator[Problem]:
        """A tranche without a size, or without an end."""
        if self.share_of_cost_fraction is None and self.amount_usd is None and self.dscr_ratio is None:
            advice = "give share_of_cost_fraction, amount_usd or dscr_ratio"
            yield Problem(("share_of_cost_fraction",), "missing-key", "the tranche has no size", advice)
        if self.term_months is None and self.maturity is None:
            advice = "give term_months, or maturity: 2032-05"
            yield Problem(("term_months",), "missing-key", "the tranche has no last payment", advice)

    def _conflicts(self) -> Iterator[Problem]:
        """Terms that are another kind of loan's, each by its key, and shares that are not the whole."""
        shape, given, balloon = self.repayment.shape, self.model_fields_set, self.balloon_fraction
        key, why = self._drawn_otherwise
        if key in given and getattr(self, key) != 0.0:
            yield _conflict(key, f"{key} stands beside draw: {self.draw}", why)
        if self.draw == "at_close" and self.interest_in_build == "paid":
            message = "interest_in_build is paid, beside draw: at_close"
            yield _conflict("interest_in_build", message, "a bond pays it from escrow: leave it out")
        if self.sized_on is not None and self.dscr_ratio is None and shape != "sculpted":
            message = f"sized_on is {self.sized_on}, and no cash sizes the tranche"
            yield _conflict("sized_on", message, "give dscr_ratio, or sculpt it; or leave sized_on out")
        if self.allow_negative_amortisation and shape != "sculpted":
            message = f"allow_negative_amortisation stands beside repayment: {shape}"
            yield _conflict("allow_negative_amortisation", message, "only a sculpted loan can grow")
        if shape == "bullet" and "balloon_fraction" in given and balloon != 1.0:
            message = f"balloon_fraction is {balloon:g} beside repayment: bullet"
            yield _conflict("balloon_fraction", message, "a bullet is a balloon of 1: leave it out")
        if self.repayment.shares:
            together = sum(self.repayment.shares) + float(balloon)
            if abs(together - 1.0) > _SLACK:
                message = f"the shares and the balloon add up to {together:g}"
                yield Problem(("repayment", "shares"), "bad-shares", message, "shares of the whole add up to 1")

    def _refinanced(self) -> Iterator[Problem]:
        """Half of a new loan, or one that has nothing to repay."""
        keys = "refinance_rate_fraction_per_year", "refinance_term_months"
        given, lacking = ([key for key in keys if (getattr(self, key) is None) is missing] for missing in (False, True))
        if given and lacking:
            message = f"{given[0]} stands without {lacking[0]}"
            yield Problem((given[0],), "missing-key", message, f"give {lacking[0]} too: a new loan has both")
        elif given and self.repayment.shape != "bullet" and self.balloon_fraction == 0.0:
            message = f"{given[0]} stands at a loan without a balloon"
            yield _conflict(given[0], message, "give balloon_fraction, or leave it out")


def _conflict(key: str, message: str, advice: str) -> Problem:
    return Problem((key,), "conflict", message, advice)


class Deal(NamedTuple):
    """What one closing has fixed of a plan's tranches, in their order, whatever becomes of the plan's cash.

    ``amounts_usd (1,)`` each, and ``instalments_usd (months, 1)`` of months 1, 2, .. after all is ready, which is at
    point ``starts_at``.
    """

    amounts_usd: tuple[FloatArray, ...]
    instalments_usd: tuple[FloatArray, ...]
    starts_at: float


class Financing(TimedInputs):
    """The debt of a plan: one calendar, one reserve and one set of covenants for all tranches."""

    fixed: ClassVar[frozenset[str]] = frozenset({"every_months", "dscr_test_months"})

    every_months: Literal[1, 3, 6, 12] = anything(
        default=6, default_source="notes of these sites pay twice a year", help="months from one payment to the next"
    )
    equity: Literal["pro_rata", "first"] = choice(
        default="pro_rata",
        default_source="the common term",
        help="whether equity pays its share of each cost, or all of its money first",
    )
    tranches: Annotated[dict[Name, Tranche], Field(min_length=1, max_length=20)] = anything(
        help="the loans by name, in order of seniority"
    )
    reserve_months: Count = whole(
        low=0, high=60, default=0, default_source="none", help="months of debt service ahead that are held in reserve"
    )
    reserve_yield_fraction_per_year: Number = _or_none(high=2, help="what the reserve earns a year")
    lockup_dscr_ratio: Number = _or_none(high=20, help="DSCR below which nothing is distributed")
    default_dscr_ratio: Number = _or_none(high=20, help="DSCR below which the covenant is breached")
    dscr_test_months: Count | None = whole(
        low=1,
        high=60,
        default=None,
        help="months up to a date whose CFADS over service the two ratios above are held to; omitted: every_months",
    )
    dscr_after_tax: bool = flag(
        default=False,
        default_source="lenders to these sites look at cash before tax",
        help="whether CFADS is less the tax that the project would pay without debt",
    )
    equity_rate_fraction_per_year: Number | None = number(
        low=-0.5, high=5, default=None, help="discount rate of the flow to equity; omitted: the plan's own rate"
    )

    #: What was fixed at a closing elsewhere; nothing of it is sized anew.
    _deal: Deal | None = PrivateAttr(default=None)

    @property
    def deal(self) -> Deal | None:
        """The closing that these tranches follow; None where they are closed on the plan itself."""
        return self._deal

    def with_deal(self, deal: Deal) -> "Financing":
        """A copy whose amounts and instalments are those of ``deal``."""
        copy = self.model_copy()
        copy._deal = deal
        return copy

    @property
    def tested_dates(self) -> int:
        """How many dates covenants look at together, the last of them included."""
        return 1 if self.dscr_test_months is None else int(self.dscr_test_months) // self.every_months

    def first_payment_months(self, tranche: Tranche) -> Count:
        """Months from the start of operation to the first principal of ``tranche``."""
        return float(self.every_months) if tranche.first_payment_months is None else tranche.first_payment_months

    @model_validator(mode="after")
    def _on_one_calendar(self) -> Self:
        problems = [problem for name, tranche in self.tranches.items() for problem in self._dates(name, tranche)]
        problems += self._maturities()
        for name in self.tranches:
            if name in _OTHER_SOURCES:
                message = f"a tranche is called {name}, as another source of the build's money is"
                problems.append(Problem(("tranches", name), "conflict", message, "give it a name of its own", key=True))
        shares = sum(float(tranche.share_of_cost_fraction or 0.0) for tranche in self.tranches.values())
        if shares > 1.0 + _SLACK:
            message = f"the tranches' shares of cost add up to {shares:g}"
            advice = "debt pays at most all of the cost"
            problems.append(Problem(("tranches",), "shares-over-cost", message, advice, key=True))
        problems += self._off_calendar(("dscr_test_months",), self.dscr_test_months, ": whole periods are tested")
        if problems:
            raise failed(problems)
        return self

    def _dates(self, name: str, tranche: Tranche) -> list[Problem]:
        """What of a tranche's dates does not fit the calendar."""
        at, every, found = ("tranches", name), self.every_months, list[Problem]()
        first, given = float(self.first_payment_months(tranche)), tranche.term_months
        term = math.inf if given is None else float(given)
        for key in ("first_payment_months", "term_months", "refinance_term_months"):
            found += self._off_calendar((*at, key), getattr(tranche, key), ", or pay more often")
        if first > term and not found:
            message = f"first_payment_months is {first:g}, after term_months, {term:g}"
            found.append(Problem((*at, "first_payment_months"), "bad-instalments", message, "begin to repay by then"))
        shares = tranche.repayment.shares
        dates = len(shares) if given is None else int((term - first) // every) + 1
        if shares and not found and len(shares) != dates:
            message = f"repayment has {len(shares)} shares for {dates} dates"
            advice = f"every {every} months from month {first:g} to month {term:g}: one share a date"
            found.append(Problem((*at, "repayment", "shares"), "bad-shares", message, advice))
        return found

    def _off_calendar(self, at: tuple[str, ...], months: Count | None, advice: str) -> Iterator[Problem]:
        """A number of months that is no multiple of those from one payment to the next."""
        every = self.every_months
        if months is not None and float(months) % every:
            nearest = max(every, round(float(months) / every) * every)
            message = f"{at[-1]} is {float(months):g}, no multiple of every_months, {every}"
            yield Problem(at, "bad-instalments", message, f"write {nearest}{advice}")

    def _maturities(self) -> list[Problem]:
        """Tranches whose last dates are not on one calendar, where that counts back from a maturity."""
        fixed = {name: tranche.maturity for name, tranche in self.tranches.items() if tranche.maturity is not None}
        found = list[Problem]()
        for name in self.tranches if fixed else ():
            first, month = next(iter(fixed.items()))
            at = ("tranches", name)
            if name not in fixed:
                message = f"{name} has term_months, beside the maturity of {first}"
                advice = f"give {name} a maturity too: all tranches pay on the dates that count back from {month}"
                found.append(Problem((*at, "term_months"), "conflict", message, advice, key=True))
            elif (parse_month(fixed[name]) - parse_month(month)) % self.every_months:
                message = f"{name} matures in {fixed[name]}, no multiple of {self.every_months} months from {month}"
                advice = f"tranches share one calendar, that of {first}: write a month on it, or pay more often"
                found.append(Problem((*at, "maturity"), "bad-instalments", message, advice))
        return found
