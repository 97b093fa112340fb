"""What does a plan pay and earn, line by line? The question and its answer."""

from __future__ import annotations

from dataclasses import dataclass

from minecalc.analysis.cashflow.accounts import KINDS, Accounts, Finding, accounts, findings
from minecalc.analysis.cashflow.statement import LAYOUTS, Layout, Statement
from minecalc.analysis.cashflow.statement import statement as by_line
from minecalc.analysis.questions import Answer, QuestionError, demand_word, plan_named
from minecalc.document import Document
from minecalc.engine import evaluate
from minecalc.engine.stated import Stated
from minecalc.loading import reading_of
from minecalc.scenario import Scenario
from minecalc.visible import visible


@dataclass(frozen=True)
class CashFlow(Answer):
    """The money of one plan of a scenario, line by line, or one of its ``accounts``.

    ``checks`` are of the accounts, where the plan has debt or tax or an account is asked for.
    """

    scenario: Scenario
    statement: Statement
    layout: Layout = "long"
    accounts: Accounts | None = None
    checks: tuple[Finding, ...] = ()

    def document(self) -> Document:
        """The statement with its subtotals and a chart, or the account with its checks."""
        from minecalc.analysis.cashflow import accounts_document
        from minecalc.analysis.cashflow.document import document

        reading = reading_of(self.scenario)
        if self.accounts is not None:
            return accounts_document.document(self.accounts, reading, self.scenario, self.layout)
        return document(self.statement, reading, self.scenario, self.layout, self.checks)

    @property
    def fault(self) -> str:
        """Which check of the accounts does not hold, by how much and when; "" if all do."""
        from minecalc.analysis.cashflow.accounts_document import fault

        return fault(self.checks)


def cashflow(
    scenario: Scenario,
    *,
    plan: str | None = None,
    monthly: bool = False,
    quarterly: bool = False,
    annual: bool = False,
    layout: str = "long",
    statement: str | None = None,
) -> CashFlow:
    """The money of ``plan``, or of the only one, by year unless another period is asked for.

    The records of the answer have a row for each line and period, or with ``layout="wide"`` one for each line with a
    column for each period; ``subtotal`` tells which are sums of others. With ``statement`` it is one of the plan's
    accounts instead: ``income``, ``cash``, ``balance``, ``debt`` or ``tax``, the last always by calendar year.

    Raises QuestionError for a plan that does not exist, for two periods, for an unknown layout or statement, and for
    the debt or tax account of a plan that has none.
    """
    if monthly + quarterly + annual > 1:
        raise QuestionError("give one of --monthly, --quarterly and --annual")
    wanted = demand_word("--layout", layout, LAYOUTS, "layout")
    name = plan_named(scenario, plan)
    months = 1 if monthly else 3 if quarterly else 12
    kind = None if statement is None else demand_word("--statement", statement, KINDS, "statement")
    inputs = scenario.plans[name]
    financed, taxed = inputs.inputs.financing is not None, scenario.tax_of(inputs) is not None
    if kind == "debt" and not financed:
        raise QuestionError(f"{visible(name)} has no debt: give it a financing block, or ask for another statement")
    if kind == "tax" and not taxed:
        raise QuestionError(f"{visible(name)} is not taxed: give it a tax block, or ask for another statement")
    evaluated = evaluate(scenario, [name]).plans[name]
    lines = by_line(evaluated, months)
    if kind is not None:
        found = accounts(evaluated, kind, months)
        return CashFlow(scenario, lines, wanted, found, found.checks)
    return CashFlow(scenario, lines, wanted, None, findings(Stated(evaluated)) if financed or taxed else ())
