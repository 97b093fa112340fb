"""Financial close: how much each tranche lends, in order of seniority, and what the build then costs in all.

A tranche lends a share of total cost or an amount, or what its DSCR allows; of several the least. Shares of the cost
and equity pro rata leave total cost linear in itself; anything else takes a root. Rows are points in time, from 0 to
the last date of any loan; those of the build end at the horizon.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import mul
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from minecalc.arrays import FloatArray, Number, accumulate, as_cases, as_row, cases_in, placed, truth
from minecalc.finance import debt
from minecalc.finance.construction import (
    Build,
    Costs,
    Drawing,
    Funding,
    Spends,
    costs,
    funding,
    linear_total_cost,
    total_cost,
)
from minecalc.trace import Traced, decided, leaves, named, plain, with_leaves
from minecalc.trace.operations import LOOSE, OPERATIONS, Operation

Tree = TypeVar("Tree")


class Limits(NamedTuple):
    """What bounds a loan: the most that cash allows, if that does, and where it ``lends`` at all, 1 or 0; ``(·,)``."""

    most_usd: FloatArray | None
    lends: tuple[FloatArray, ...]


class Loan(NamedTuple):
    """A tranche before close. Of ``share_fraction``, ``amount_usd`` and ``dscr_ratio``, ``(1|cases,)``, some are None.

    ``repays`` is the schedule of 1 that is borrowed, or, if it is ``fixed``, of the whole amount; None of a sculpted
    loan, whose service follows cash. ``cfads_usd (points, ·)`` is what sizes it by period; None: all of the project's.
    ``limits`` are those that have been worked out already.
    """

    terms: debt.Terms
    drawing: Drawing
    share_fraction: Number | None
    amount_usd: Number | None
    dscr_ratio: Number | None
    repays: debt.Schedule | None
    fixed: bool = False
    cfads_usd: FloatArray | None = None
    limits: Limits | None = None


@dataclass(frozen=True)
class Lent:
    """A tranche at close with its ``amount_usd (·,)``.

    ``cfads_usd (points, ·)`` are what sizes it by period, and ``seniors`` the tranches before it, of whose
    service its own may be made. ``dated`` is the same tranche on its dates alone, if these have been looked at apart.
    """

    loan: Loan
    amount_usd: FloatArray
    cfads_usd: FloatArray
    seniors: tuple[Lent, ...]
    dated: Dated | None = None

    @property
    def terms(self) -> debt.Terms:
        """Its dates and rates."""
        return self.loan.terms

    @cached_property
    def senior_usd(self) -> FloatArray:
        """The service of the tranches before it, ``(1|points, ·)``."""
        return _service(self.seniors)

    @cached_property
    def _sculpting(self) -> debt.Sculpting:
        return debt.sculpted(self.terms, self.amount_usd, self.cfads_usd, self.senior_usd)

    @property
    def sculpted_dscr_ratio(self) -> FloatArray | None:
        """The DSCR that it was sculpted to, ``(·,)``; None if it was not."""
        return self._sculpting.dscr_ratio if self.loan.repays is None else None

    @cached_property
    def service_usd(self) -> FloatArray:
        """Interest and instalments as scheduled, the balloon left out, ``(points, ·)``."""
        if self.loan.repays is None:
            return self._sculpting.service_usd
        return self._times(self.loan.repays.service_usd)

    @cached_property
    def service_to_here_usd(self) -> FloatArray:
        """The service of the tranches before it and its own, ``(points, ·)``."""
        return self.senior_usd + self.service_usd

    @cached_property
    def schedule(self) -> debt.Schedule:
        """What is scheduled, ``(points, ·)``."""
        if self.loan.repays is None:
            return debt.repaid_by_service(self.terms, self.amount_usd, self._sculpting.service_usd)
        interest, _, owed = self.loan.repays
        return debt.scheduled(self._times(interest), self.instalment_usd, self._times(owed))

    @cached_property
    def instalment_usd(self) -> FloatArray:
        """The scheduled instalments alone, ``(points, ·)``, which are all that operation asks."""
        if self.dated is not None:
            return placed(len(self.terms.monthly_rate), self.dated.rows, self.dated.lent.instalment_usd)
        if self.loan.repays is None:
            return self.schedule.instalment_usd
        return named("scheduled_instalment_usd", self._times(self.loan.repays.instalment_usd))

    def _times(self, repaid: FloatArray) -> FloatArray:
        return repaid if self.loan.fixed else repaid * as_row(self.amount_usd)

    def reserved_usd(self, shares: FloatArray) -> FloatArray:
        """The sum over time of these ``shares`` of its service, ``(·,)``."""
        if self.loan.repays is None:
            return accumulate(self._sculpting.service_usd * shares)
        of_one = accumulate(self.loan.repays.service_usd * shares)
        return of_one if self.loan.fixed else self.amount_usd * of_one


class Dated(NamedTuple):
    """A tranche on some ``rows`` alone, at which something is due in any case, by their numbers."""

    rows: tuple[int, ...]
    lent: Lent


class Project(NamedTuple):
    """What lenders lend on: the build, and CFADS by period on its dates within the horizon, ``(points, ·)``.

    ``inside`` is 1 at points of the horizon. ``reserved_shares`` say how much of the service of each point the reserve
    holds at the start of operation; None without a reserve.
    """

    build: Build
    period_cfads_usd: FloatArray
    inside: FloatArray
    reserved_shares: FloatArray | None


class Closing(NamedTuple):
    """A deal: total cost ``(·,)``, its tranches, the first funding of the reserve, and how the build is paid."""

    total_usd: FloatArray
    lent: tuple[Lent, ...]
    reserve_usd: FloatArray
    funding: Funding


def close(project: Project, loans: Sequence[Loan]) -> Closing:
    """The deal whose total cost is what its uses add up to; total cost is NaN where there is none.

    It is worked out on dates alone, unless a trace shall tell of all points.
    """
    loans = tuple(loans)
    numbers = leaves((project, loans))
    traced = any(type(leaf) is Traced for leaf in numbers)
    rows = () if traced else _dates_of(loans)
    dated = (project, loans) if traced else _on_dates(project, loans, rows)
    if _is_linear(project, loans):
        total = linear_total_cost(lambda total: _spends(*dated, total), accumulate(dated[0].build.capex_usd))
    else:
        total = _traced_root(project, loans) if traced else _root(*dated, cases_in(*numbers))
    lent = _lent(*dated, total)
    reserve = _reserve(dated[0], lent)
    funded = funding(_costs(dated[0], lent, reserve), total)
    return Closing(total, lent if traced else _at_all_points(project, loans, rows, lent), reserve, funded)


def _at_all_points(
    project: Project, loans: Sequence[Loan], rows: tuple[int, ...], lent: Sequence[Lent]
) -> tuple[Lent, ...]:
    """Tranches of which only dates have been looked at; the rest is worked out if somebody asks."""
    found = list[Lent]()
    for loan, one in zip(loans, lent, strict=True):
        found.append(Lent(loan, one.amount_usd, _cash_of(project, loan), tuple(found), Dated(rows, one)))
    return tuple(found)


def _is_linear(project: Project, loans: Sequence[Loan]) -> bool:
    """Whether every amount is a share of total cost, equity is pro rata, and service follows the amount."""
    by_share = all(loan.amount_usd is None and loan.dscr_ratio is None for loan in loans)
    sculpts = any(loan.repays is None for loan in loans) and project.reserved_shares is not None
    return by_share and not sculpts and not project.build.equity_first


def _root(project: Project, loans: tuple[Loan, ...], cases: int) -> FloatArray:
    """Total cost as a root, of a project and its loans on dates alone, ``(cases,)``."""
    capex = np.broadcast_to(accumulate(project.build.capex_usd), (cases,))

    def of(cases: NDArray[np.intp]) -> Spends:
        return _spending(*_of_cases((project, loans), cases), capex[cases])

    return total_cost(_spending(project, loans, capex), capex, of)


def _traced_root(project: Project, loans: tuple[Loan, ...]) -> FloatArray:
    """Total cost as a root, which a trace records as decided by what it is made of."""
    terms = project, loans
    operands = leaves(terms)
    found: Any = decided(Traced(_solved(*map(plain, operands), terms), "total_cost", tuple(operands), rest=(terms,)))
    total: Any = Traced(found, "constant", name="solved_total_cost_usd")
    return cast("FloatArray", total)


def _solved(*operands: Any) -> FloatArray:
    """Total cost for the numbers of a project and its loans, in order, and last these themselves for all the rest."""
    *numbers, terms = operands
    project, loans = with_leaves(terms, numbers)
    return _root(*_on_dates(project, loans, _dates_of(loans)), cases_in(*numbers))


def _of_cases(tree: Tree, cases: NDArray[np.intp]) -> Tree:
    """``tree`` with these cases alone of everything in it."""
    some = (np.take(leaf, cases, axis=-1) if np.ndim(leaf) and leaf.shape[-1] > 1 else leaf for leaf in leaves(tree))
    found: Tree = with_leaves(tree, some)
    return found


def _spending(project: Project, loans: tuple[Loan, ...], capex: FloatArray) -> Spends:
    """What the build spends in all as if total cost were so much.

    What is lent before the first loan that is a share of it does not depend on that, and is worked out once.
    """
    by_share = [loan.share_fraction is not None for loan in loans]
    first = by_share.index(True) if any(by_share) else len(loans)
    known = _lent(project, loans[:first], capex)
    if first == len(loans):
        costs_usd = _costs(project, known, _reserve(project, known))
        return lambda total: funding(costs_usd, total).spent_usd[-1]
    bounded = loans[first]._replace(limits=_limits(project, loans[first], truth(capex > 0.0), known))
    loans = (*loans[:first], bounded, *loans[first + 1 :])
    return lambda total: _spends(project, loans, total, known)


OPERATIONS["total_cost"] = Operation(_solved, "the total cost that its uses add up to", LOOSE, reads="all")


def _dates_of(loans: Sequence[Loan]) -> tuple[int, ...]:
    """The rows that are a date of a loan in any case."""
    return tuple(
        np.flatnonzero(np.logical_or.reduce([loan.terms.dates.service.any(axis=1) for loan in loans])).tolist()
    )


def _on_dates(project: Project, loans: tuple[Loan, ...], rows: tuple[int, ...]) -> tuple[Project, tuple[Loan, ...]]:
    """The same on these rows alone; of the build on those up to its end."""
    dated = np.array(rows, dtype=np.intp)
    build, cfads, inside, shares = project
    build = build.own_points()
    built = np.arange(len(build.ends))
    of_loans = (
        loan._replace(
            terms=_rows(loan.terms, dated),
            drawing=_rows(loan.drawing, built),
            repays=_rows(loan.repays, dated),
            cfads_usd=_rows(loan.cfads_usd, dated),
        )
        for loan in loans
    )
    return Project(build, *_rows((cfads, inside, shares), dated)), tuple(of_loans)


def _rows(tree: Tree, rows: Any) -> Tree:
    """``tree`` with these ``rows`` of everything over time in it."""
    found: Tree = with_leaves(
        tree, (leaf[rows] if np.ndim(leaf) > 1 and len(leaf) > 1 else leaf for leaf in leaves(tree))
    )
    return found


def _spends(project: Project, loans: Sequence[Loan], total_usd: FloatArray, known: Sequence[Lent] = ()) -> FloatArray:
    """What the build spends in all as if total cost were ``total_usd (·,)``."""
    lent = _lent(project, loans, total_usd, known)
    spent: FloatArray = funding(_costs(project, lent, _reserve(project, lent)), total_usd).spent_usd[-1]
    return spent


def _lent(
    project: Project, loans: Sequence[Loan], total_usd: FloatArray, known: Sequence[Lent] = ()
) -> tuple[Lent, ...]:
    """Each loan as if total cost were ``total_usd (·,)``, by seniority; the first of them are ``known``."""
    lent = [*known]
    builds = truth(accumulate(project.build.capex_usd) > 0.0)
    for loan in loans[len(known) :]:
        lent.append(_sized(project, loan, total_usd, builds, lent))
    return tuple(lent)


def _sized(project: Project, loan: Loan, total_usd: FloatArray, builds: FloatArray, seniors: Sequence[Lent]) -> Lent:
    """One loan behind its ``seniors``; none where nothing is built (``builds`` 0)."""
    most, lends = _limits(project, loan, builds, seniors) if loan.limits is None else loan.limits
    wanted = loan.amount_usd if loan.share_fraction is None else total_usd * loan.share_fraction
    amount = reduce(mul, lends, _least(wanted, most))
    return Lent(loan, amount, _cash_of(project, loan), tuple(seniors))


def _limits(project: Project, loan: Loan, builds: FloatArray, seniors: Sequence[Lent]) -> Limits:
    """What bounds a loan behind its ``seniors``, whatever it is to lend."""
    cfads, most, lends = _cash_of(project, loan), None, [builds]
    if loan.dscr_ratio is not None:
        service = named("allowed_service_usd", np.maximum(cfads / as_row(loan.dscr_ratio) - _service(seniors), 0.0))
        if loan.repays is None:
            most = debt.carried_when_sculpted(loan.terms, service)
        else:
            most = debt.carried(loan.repays, service, project.inside)
    if loan.repays is None:  # sculpted: it has nothing to be repaid from without cash
        lends.append(truth(accumulate(np.maximum(cfads, 0.0) * loan.terms.dates.principal) > 0.0))
    return Limits(most, tuple(lends))


def _cash_of(project: Project, loan: Loan) -> FloatArray:
    """The cash by period that sizes a loan."""
    return project.period_cfads_usd if loan.cfads_usd is None else loan.cfads_usd


def _service(seniors: Sequence[Lent]) -> FloatArray:
    """The service of some tranches together, by seniority, ``(1|points, ·)``."""
    return seniors[-1].service_to_here_usd if seniors else as_row(0.0)


def _least(wanted: Number | None, most: FloatArray | None) -> FloatArray:
    if wanted is None or most is None:
        found = most if wanted is None else as_cases(wanted)
        assert found is not None
        return found
    return np.minimum(wanted, most)


def _reserve(project: Project, lent: Sequence[Lent]) -> FloatArray:
    """What the reserve takes at the start of operation, ``(·,)``."""
    shares = project.reserved_shares
    if shares is None:
        return as_cases(0.0)
    return named("reserve_funded_usd", sum((one.reserved_usd(shares) for one in lent), as_cases(0.0)))


def _costs(project: Project, lent: Sequence[Lent], reserve_usd: FloatArray) -> Costs:
    drawings, amounts = [one.loan.drawing for one in lent], [one.amount_usd for one in lent]
    return costs(project.build, drawings, amounts, reserve_usd)
