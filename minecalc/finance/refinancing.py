"""A balloon that a new loan repays: how a tranche goes on after its own last date.

On that date nothing is paid of what is then owed: a new loan of the same amount takes its place, at a rate of its own,
and is repaid by equal service on the dates of the calendar. Its instalments are those of the balloon as scheduled, so
that what a sweep has repaid before shortens it from its end. Rows are points in time, ``(points, ·)``.

Source: mini-perms of project finance, whose refinancing is assumed on stated terms in place of cash that nobody has.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from minecalc.arrays import FloatArray, Number, accumulate, as_cases, as_row
from minecalc.finance import debt
from minecalc.finance.closing import Lent
from minecalc.trace import named


class NewLoan(NamedTuple):
    """What repays a balloon: its rate by month ``(points, ·)``, and its term in months from the date of the balloon."""

    monthly_rate: FloatArray
    term_months: Number


@dataclass(frozen=True)
class Serviced:
    """A tranche as operation pays it; with a ``new`` loan that one after its own last date.

    ``since`` are months of operation, and dates are ``every_months`` apart.
    """

    lent: Lent
    since: FloatArray
    every_months: int
    new: NewLoan | None = None

    @cached_property
    def terms(self) -> debt.Terms:
        """Its dates and rates; what it was sized by is that of its own loan."""
        own, new = self.lent.loan.terms, self._new_terms
        if new is None:
            return own
        dates = debt.Dates(
            own.dates.service + new.dates.service,
            own.dates.principal + new.dates.principal,
            new.dates.last,
            new.dates.open,
        )
        rate = named("rate_fraction_per_month", own.monthly_rate * self._own_months + new.monthly_rate)
        period = named("period_rate_fraction", own.period_rate * self._own_months + new.period_rate)
        return debt.Terms(dates, rate, period, own.factors, own.annuity, own.repaid)

    @property
    def instalment_usd(self) -> FloatArray:
        """The scheduled instalments alone, which are all that operation asks."""
        own, new = self.lent.instalment_usd, self._of_new
        return own if new is None else named("scheduled_instalment_usd", own + new.instalment_usd)

    @cached_property
    def schedule(self) -> debt.Schedule:
        """What is scheduled: interest and instalments on dates, and what is owed after each point."""
        own, new = self.lent.schedule, self._of_new
        if new is None:
            return own
        owed = own.owed_usd + new.owed_usd * (1.0 - self.lent.loan.terms.dates.open)
        return debt.scheduled(own.interest_usd + new.interest_usd, self.instalment_usd, owed)

    @property
    def refinanced_on(self) -> FloatArray | None:
        """1 on the date on which the new loan takes the balloon's place; None without one."""
        return None if self.new is None else self.lent.loan.terms.dates.last

    @cached_property
    def _own_months(self) -> FloatArray:
        """1 up to the last date of its own loan."""
        dates = self.lent.loan.terms.dates
        return dates.open + dates.last

    @cached_property
    def _new_terms(self) -> debt.Terms | None:
        if self.new is None:
            return None
        begins = named("refinanced_after_months", accumulate(self.lent.loan.terms.dates.last * self.since))
        since, every = self.since - as_row(begins), float(self.every_months)
        dated = debt.dates(since, every, as_row(every), as_row(self.new.term_months))
        return debt.terms(dated, self.new.monthly_rate * (1.0 - self._own_months), 0.0)

    @cached_property
    def _of_new(self) -> debt.Schedule | None:
        new = self._new_terms
        if new is None:
            return None
        repaid = accumulate(self.lent.instalment_usd)
        balloon = named("refinanced_balloon_usd", np.maximum(as_cases(self.lent.amount_usd) - repaid, 0.0))
        return debt.level(new, balloon)
