"""That no rule is forgotten."""

from __future__ import annotations

from tests.invariants import test_accounts, test_identities, test_metamorphic, test_worlds
from tests.invariants.rules import HELD, NOT_HERE, RULES

#: Reading these is what marks the rules that they hold.
HOLDING = (test_accounts, test_identities, test_metamorphic, test_worlds)


def test_every_rule_is_held_here_or_said_why_not() -> None:
    assert not HELD & NOT_HERE.keys()
    assert sorted(HELD | NOT_HERE.keys()) == sorted(RULES)
    assert all(NOT_HERE.values())
