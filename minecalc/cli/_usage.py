"""What the user asked for and cannot have."""

from __future__ import annotations

from minecalc.analysis.questions import QuestionError


class UsageError(QuestionError):
    """What the user asked for on the command line cannot be done; the message says why, in one line."""
