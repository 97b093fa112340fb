"""Financial close: how much each tranche lends, in order of seniority, and what the build then costs in all.

A tranche lends a share of total cost or an amount, or what its DSCR allows; of several the least. Shares of the cost
and equity pro rata leave total cost linear in itself; anything else takes a root. Rows are points in time, from 0 to
the last date of any loan; those of the build and of cash end at the horizon.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from minecalc.arrays import FloatArray, Number, accumulate, as_cases, as_row, cases_in, truth
from minecalc.finance import debt
from minecalc.finance.construction import Build, Drawing, Funding, funding, linear_total_cost, total_cost
from minecalc.finance.reserve import target
from minecalc.operations import LOOSE, OPERATIONS, Operation
from minecalc.trace import Traced, decided, leaves, named, plain, with_leaves


class Loan(NamedTuple):
    """A tranche before close. Of ``share_fraction``, ``amount_usd`` and ``dscr_ratio``, ``(1|cases,)``, some are None.

    ``shape`` is a word of repayment; ``by_point`` what of the amount is repaid at each point where it is ``shares``,
    and the USD repaid where it is ``fixed``, ``(points, ·)``.
    """

    terms: debt.Terms
    drawing: Drawing
    shape: str
    balloon_fraction: Number
    share_fraction: Number | None
    amount_usd: Number | None
    dscr_ratio: Number | None
    by_point: FloatArray | None = None


class Lent(NamedTuple):
    """A tranche at close: its amount, its schedule, and what it was sculpted to, ``(·,)``; None if it was not.

    ``allowed_usd`` is what its own DSCR allows; None without one.
    """

    amount_usd: Number
    schedule: debt.Schedule
    sculpted_dscr_ratio: FloatArray | None
    allowed_usd: FloatArray | None


class Project(NamedTuple):
    """What lenders lend on: the build, and CFADS by period on its dates within the horizon, ``(points, ·)``.

    ``inside`` is 1 at points of the horizon. ``reserve_shares`` say how much of the service ahead is reserved.
    """

    build: Build
    period_cfads_usd: FloatArray
    inside: FloatArray
    every_months: int
    reserve_shares: tuple[Number, ...]


class Closing(NamedTuple):
    """A deal: total cost ``(·,)``, its tranches, the first funding of the reserve, and how the build is paid."""

    total_usd: FloatArray
    lent: tuple[Lent, ...]
    reserve_usd: FloatArray
    funding: Funding


def close(project: Project, loans: Sequence[Loan]) -> Closing:
    """The deal whose total cost is what its uses add up to; total cost is NaN where there is none."""
    capex = accumulate(project.build.capex_usd)
    if _is_linear(project, loans):
        total = linear_total_cost(lambda total: _spends(closed_at(project, loans, total)), capex)
    else:
        total = _root(project, tuple(loans))
    return closed_at(project, loans, total)


def _is_linear(project: Project, loans: Sequence[Loan]) -> bool:
    """Whether every amount is a share of total cost, equity is pro rata, and service follows the amount."""
    by_share = all(loan.amount_usd is None and loan.dscr_ratio is None for loan in loans)
    sculpts = any(loan.shape == "sculpted" for loan in loans) and len(project.reserve_shares) > 0
    return by_share and not sculpts and not project.build.equity_first


def _spends(closing: Closing) -> FloatArray:
    spent: FloatArray = closing.funding.spent_usd[-1]
    return spent


def _root(project: Project, loans: tuple[Loan, ...]) -> FloatArray:
    """Total cost as a root; a trace records it as decided by what it is made of."""
    terms = project, loans
    operands = leaves(terms)
    found = _solved(*map(plain, operands), terms)
    if any(type(operand) is Traced for operand in operands):
        return decided(Traced(found, "total_cost", tuple(operands), rest=(terms,)))  # type: ignore[no-any-return]
    return found


def _solved(*operands: Any) -> FloatArray:
    """Total cost for the numbers of a project and its loans, in order, and last these themselves for all the rest."""
    *numbers, terms = operands
    project, loans = with_leaves(terms, numbers)
    cases = cases_in(*numbers)
    capex = np.broadcast_to(accumulate(project.build.capex_usd), (cases,))
    return total_cost(lambda total: _spends(closed_at(project, loans, total)), capex)


OPERATIONS["total_cost"] = Operation(_solved, "the total cost that its uses add up to", LOOSE, reads="all")


def closed_at(project: Project, loans: Sequence[Loan], total_usd: FloatArray) -> Closing:
    """The deal as if total cost were ``total_usd (·,)``: amounts by seniority, then uses."""
    lent: list[Lent] = []
    senior = as_row(0.0)
    builds = truth(accumulate(project.build.capex_usd) > 0.0)
    for loan in loans:
        lent.append(_lent(project, loan, total_usd, senior, builds))
        senior = senior + lent[-1].schedule.service_usd
    build = project.build
    ahead = target(senior, project.reserve_shares, project.every_months) if project.reserve_shares else as_row(0.0)
    reserve = named("reserve_funded_usd", accumulate(_until(ahead, build.ends) * build.ends))
    amounts = [each.amount_usd for each in lent]
    paid = funding(build, [loan.drawing for loan in loans], amounts, reserve, total_usd)
    return Closing(total_usd, tuple(lent), reserve, paid)


def _until(values: FloatArray, like: FloatArray) -> FloatArray:
    return values if len(values) == 1 else values[: len(like)]


def _lent(project: Project, loan: Loan, total_usd: FloatArray, senior: FloatArray, builds: FloatArray) -> Lent:
    """One tranche, behind the ``senior`` service of those before it; none where nothing is built (``builds`` 0)."""
    cfads, allowed, most = project.period_cfads_usd, None, None
    if loan.dscr_ratio is not None:
        service = named("allowed_service_usd", np.maximum(cfads / as_row(loan.dscr_ratio) - senior, 0.0))
        if loan.shape == "sculpted":
            most = debt.carried_when_sculpted(loan.terms, service)
        else:
            most = debt.carried(_repaid(loan, as_cases(1.0)), service, project.inside)
        allowed = most
    wanted = loan.amount_usd if loan.share_fraction is None else total_usd * loan.share_fraction
    amount = named("amount_usd", _least(wanted, most) * builds)
    if loan.shape == "sculpted":
        schedule, dscr = debt.sculpted(loan.terms, amount, cfads, senior)
        return Lent(amount, schedule, dscr, allowed)
    return Lent(amount, _repaid(loan, amount), None, allowed)


def _least(wanted: Number | None, most: FloatArray | None) -> FloatArray:
    if wanted is None or most is None:
        found = most if wanted is None else as_cases(wanted)
        assert found is not None
        return found
    return np.minimum(wanted, most)


def _repaid(loan: Loan, amount: FloatArray) -> debt.Schedule:
    """The schedule of an amount whose shape does not depend on cash."""
    dated = loan.terms.dates
    match loan.shape:
        case "level":
            return debt.level(loan.terms, amount)
        case "equal_principal":
            return debt.equal_principal(loan.terms, amount, loan.balloon_fraction)
        case "bullet":
            return debt.repaid_by_principal(loan.terms, amount, dated.principal * as_row(0.0))
        case "shares":
            assert loan.by_point is not None
            return debt.repaid_by_principal(loan.terms, amount, loan.by_point * as_row(amount))
        case "fixed":
            assert loan.by_point is not None
            return debt.repaid_by_principal(loan.terms, amount, loan.by_point)
    raise ValueError(f"there is no shape of repayment {loan.shape}")
