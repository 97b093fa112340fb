"""That no rule is forgotten."""

from __future__ import annotations

import re

from tests.invariants import test_accounts, test_identities, test_metamorphic, test_worlds
from tests.invariants.rules import HELD, NOT_HERE, RULES, TESTS

#: Reading these is what marks the rules that they hold.
HOLDING = (test_accounts, test_identities, test_metamorphic, test_worlds)


def test_every_rule_is_held_here_or_said_why_not() -> None:
    assert not HELD & NOT_HERE.keys()
    assert sorted(HELD | NOT_HERE.keys()) == sorted(RULES)
    assert all(NOT_HERE.values())


def test_what_holds_the_others_is_there() -> None:
    named = {name for why in NOT_HERE.values() for name in re.findall(r"tests/[\w/.]*\w", why)}
    assert len(named) > 5
    assert {name for name in named if not (TESTS.parent / name).exists()} == set()
