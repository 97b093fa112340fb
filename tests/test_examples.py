"""The shipped scenarios can be found, and each asks a question."""

from __future__ import annotations

from minecalc.examples import examples
from minecalc.loading import load
from minecalc.scenario import Scenario


def test_every_shipped_scenario_is_an_example_with_its_title_and_question() -> None:
    assert len(examples()) >= 22
    for name, example in examples().items():
        scenario = load(example.file)
        assert isinstance(scenario, Scenario)
        assert (example.title, example.file.stem) == (scenario.name, name)
        assert "?" in example.question
        assert example.kind == example.file.parent.name


def test_the_series_that_an_example_reads_are_known() -> None:
    series = examples()["northern-data"].series
    assert [file.name for file in series] == ["bitcoin-2023-2026.csv"]
    assert all(file.is_file() for file in series)
    assert examples()["retrofit"].series == ()
