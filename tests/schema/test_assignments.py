"""``dotted.path=value`` taken apart; ``test_overrides`` makes assignments."""

from __future__ import annotations

from minecalc.schema.assignments import understood
from minecalc.schema.diagnostics import COMMAND_LINE


def test_paths_and_values() -> None:
    made, problems = understood(["site.gross_mw=60", 'plans."lease v1.2" . uses = {a: [1]}', "''.'a=b'='x'"])
    assert problems == []
    assert [one.texts for one in made] == [("site", "gross_mw"), ("plans", "lease v1.2", "uses"), ("", "a=b")]
    assert [one.value.plain_data() for one in made] == [60, {"a": [1]}, "x"]


def test_what_is_none_is_left_out_and_said_with_its_number() -> None:
    made, problems = understood(["a=1", "site.gross_mw", "b=2"])
    assert [one.texts for one in made] == [("a",), ("b",)]
    (problem,) = problems
    assert problem.code == "bad-assignment"
    assert problem.file == COMMAND_LINE
    assert problem.mark is not None
    assert problem.mark.line == 2
