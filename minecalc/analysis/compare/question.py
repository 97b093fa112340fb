"""What do the plans of one scenario earn, or the best plans of many? The question and its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from minecalc.analysis.compare.record import Record, compare_readings
from minecalc.analysis.questions import Answer, QuestionError
from minecalc.loading import reading_of
from minecalc.schema.diagnostics import Diagnostic
from minecalc.version import VERSION

if TYPE_CHECKING:
    from minecalc.analysis.compare.league_document import League
    from minecalc.document import Document, Part, Written
    from minecalc.scenario import Scenario


@dataclass(frozen=True, eq=False)
class Comparison(Answer):
    """The records of scenarios, and the league table of them that is wanted; ``failed`` files have no record.

    ``written`` are the records as the format that is asked for has them, where they have been written already.
    """

    records: Sequence[Record]
    failed: int = 0
    diagnostics: Sequence[Diagnostic] = ()
    wanted: League | None = None
    written: Sequence[Written] = ()

    def document(self, only: Part | None = None) -> Document:
        """One scenario's screen, or a league table; ``only`` that part of it, if it is given."""
        from minecalc.analysis.compare.document import document

        return document(self.records, VERSION, self.failed, self.diagnostics, self.wanted, only, self.written)

    @property
    def exists(self) -> bool:
        """Whether every requirement of the scenarios holds."""
        return all(verdict["holds"] for record in self.records for verdict in record["requirements"])

    @property
    def fault(self) -> str:
        """The plans whose accounts do not agree; "" if all do, or have no total cost that adds up."""
        gaps = [
            (plan["name"], gap)
            for record in self.records
            for plan in record["plans"]
            if (gap := plan.get("financing", {}).get("checks_largest_gap_ratio")) is not None
        ]
        if not gaps:
            return ""
        from minecalc.finance.integrity import TOLERANCE_RATIO

        off = [f"{name} (by {gap:.1e} of total cost)" for name, gap in gaps if gap > TOLERANCE_RATIO]
        which = "minecalc cashflow --statement debt says which and when"
        return f"checks do not hold of {', '.join(off)}; {which}" if off else ""

    def __getitem__(self, key: str) -> Any:
        """A part of the record of the first scenario, such as ``plans``."""
        return self.records[0][key]


def compare(
    *scenarios: Scenario, columns: str | None = None, sort: str | None = None, with_break_evens: bool = True
) -> Comparison:
    """Every figure of every plan of ``scenarios``, each of a single case; ``columns`` and ``sort`` as the command's.

    Break-evens are most of the work. Raises QuestionError for a column that does not exist, or no scenario.
    """
    if not scenarios:
        raise QuestionError("compare takes at least one scenario")
    found = [compare_readings([reading_of(one)], with_break_evens=with_break_evens)[0] for one in scenarios]
    return Comparison(found, wanted=wanted_league(columns, sort))


def wanted_league(columns: str | None, sort: str | None) -> League | None:
    """The league table that is asked for, None without a word. QuestionError for a column that does not exist."""
    if columns is None and sort is None:
        return None
    from minecalc.analysis.compare.league_document import league_of

    return league_of(columns, sort)
