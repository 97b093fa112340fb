"""A balloon that a new loan repays: how a tranche goes on after its own last date.

On that date nothing is paid of what is then owed: a new loan of the same amount takes its place, at a rate of its own,
and is repaid by equal service on the dates of the calendar. Its instalments are those of the balloon as scheduled, so
that what a sweep has repaid before shortens it from its end. Rows are points in time, ``(points, ·)``.

Source: mini-perms of project finance, whose refinancing is assumed on stated terms in place of cash that nobody has.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from minecalc.arrays import FloatArray, Number, accumulate, as_cases, as_row
from minecalc.finance import debt
from minecalc.finance.closing import Lent
from minecalc.trace import named


@dataclass(frozen=True)
class Refinanced:
    """A tranche as operation pays it, with a new loan after its own last date: what operation asks of any that is lent.

    The new loan has a ``monthly_rate (points, ·)`` and a term in months from the date of the balloon. ``since`` are
    months of operation, and dates are ``every_months`` apart.
    """

    lent: Lent
    since: FloatArray
    every_months: int
    monthly_rate: FloatArray
    term_months: Number

    @property
    def amount_usd(self) -> FloatArray:
        """What its own loan lends."""
        return self.lent.amount_usd

    @property
    def refinanced_on(self) -> FloatArray:
        """1 on the date on which the new loan takes the balloon's place."""
        return self.lent.terms.dates.last

    @cached_property
    def terms(self) -> debt.Terms:
        """Its dates and rates; what it was sized by is that of its own loan."""
        own, new = self.lent.terms, self._new_terms
        dates = debt.Dates(
            own.dates.service + new.dates.service,
            own.dates.principal + new.dates.principal,
            new.dates.last,
            new.dates.open,
        )
        rate = named("rate_fraction_per_month", own.monthly_rate * self._own_months + new.monthly_rate)
        period = named("period_rate_fraction", own.period_rate * self._own_months + new.period_rate)
        return own._replace(dates=dates, monthly_rate=rate, period_rate=period)

    @property
    def instalment_usd(self) -> FloatArray:
        """The scheduled instalments alone, which are all that operation asks."""
        return named("scheduled_instalment_usd", self.lent.instalment_usd + self._of_new.instalment_usd)

    @cached_property
    def schedule(self) -> debt.Schedule:
        """What is scheduled: interest and instalments on dates, and what is owed after each point."""
        own, new = self.lent.schedule, self._of_new
        owed = own.owed_usd + new.owed_usd * (1.0 - self.lent.terms.dates.open)
        return debt.scheduled(own.interest_usd + new.interest_usd, self.instalment_usd, owed)

    @cached_property
    def _own_months(self) -> FloatArray:
        """1 up to the last date of its own loan."""
        dates = self.lent.terms.dates
        return dates.open + dates.last

    @cached_property
    def _new_terms(self) -> debt.Terms:
        begins = named("refinanced_after_months", accumulate(self.refinanced_on * self.since))
        since, every = self.since - as_row(begins), float(self.every_months)
        dated = debt.dates(since, every, as_row(every), as_row(self.term_months))
        return debt.terms(dated, self.monthly_rate * (1.0 - self._own_months), 0.0)

    @cached_property
    def _of_new(self) -> debt.Schedule:
        repaid = accumulate(self.lent.instalment_usd)
        balloon = named("refinanced_balloon_usd", np.maximum(as_cases(self.lent.amount_usd) - repaid, 0.0))
        return debt.level(self._new_terms, balloon)
