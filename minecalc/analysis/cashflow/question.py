"""What does a plan pay and earn, line by line? The question and its answer."""

from __future__ import annotations

from dataclasses import dataclass

from minecalc.analysis.cashflow.statement import LAYOUTS, Layout, Statement, statement
from minecalc.analysis.questions import Answer, QuestionError, demand_word, plan_named
from minecalc.document import Document
from minecalc.engine import evaluate
from minecalc.loading import reading_of
from minecalc.scenario import Scenario


@dataclass(frozen=True)
class CashFlow(Answer):
    """The statement of one plan of a scenario."""

    scenario: Scenario
    statement: Statement
    layout: Layout = "long"

    def document(self) -> Document:
        """The statement with its subtotals and a chart."""
        from minecalc.analysis.cashflow.document import document

        return document(self.statement, reading_of(self.scenario), self.scenario, self.layout)


def cashflow(
    scenario: Scenario,
    *,
    plan: str | None = None,
    monthly: bool = False,
    quarterly: bool = False,
    annual: bool = False,
    layout: str = "long",
) -> CashFlow:
    """The money of ``plan``, or of the only one, by year unless another period is asked for.

    The records of the answer have a row for each line and period, or with ``layout="wide"`` one for each line with a
    column for each period; ``subtotal`` tells which are sums of others.

    Raises QuestionError for a plan that does not exist, for two periods, and for an unknown layout.
    """
    if monthly + quarterly + annual > 1:
        raise QuestionError("give one of --monthly, --quarterly and --annual")
    wanted = demand_word("--layout", layout, LAYOUTS, "layout")
    name = plan_named(scenario, plan)
    months = 1 if monthly else 3 if quarterly else 12
    return CashFlow(scenario, statement(evaluate(scenario, [name]).plans[name], months), wanted)
