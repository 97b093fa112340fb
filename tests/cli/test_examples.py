"""``minecalc examples``: the shipped scenarios, listed."""

from __future__ import annotations

from minecalc.examples import examples
from tests.cli.running import run


def test_examples_are_listed_with_their_questions() -> None:
    done = run("examples", "--format", "json")
    assert [one["name"] for one in done.data["examples"]] == list(examples())
    assert "retrofit" in run("examples").out
