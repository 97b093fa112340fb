"""Pages as ``minecalc help`` shows them: of commands with their options, drawn for a terminal."""

from __future__ import annotations

import pytest

from minecalc.cli import commands
from minecalc.cli._pages import contents, drawn, page, topics
from tests.cli.test_commands import declared, example, spelt


@pytest.mark.parametrize("command", commands())
def test_a_command_has_a_page_with_all_its_options(command: str) -> None:
    text = page(command)
    assert text.startswith(f"# {command}: ")
    options = text.partition("## Options\n")[2]
    for name, about in declared(command).items():
        assert f"`{', '.join(spelt(name, about))}" in options
        assert about.help in options
    assert text.endswith(f"\n    {example(command)}\n")


def test_options_say_their_value_and_default() -> None:
    text = page("simulate")
    assert "- `--seed N`: Of the paths. Default: 1." in text
    assert "- `--output, -o FILE`: " in text
    assert "- `--quiet, -q`: Only the headline" in text


def test_the_contents_name_every_topic_once() -> None:
    text = contents()
    for topic in topics():
        assert text.count(f"- `{topic}`: ") == 1


@pytest.mark.parametrize("width", [60, 80, 100])
@pytest.mark.parametrize("topic", ["start", "keys", "glossary", "compare"])
def test_a_page_is_drawn_within_the_width(topic: str, width: int) -> None:
    text = drawn(page(topic), width, color=False)
    assert max(map(len, text.splitlines())) <= width
    assert "\x1b" not in text
    assert "**" not in text


def test_colour_is_for_terminals_that_want_it() -> None:
    assert "\x1b[" in drawn(page("start"), 80, color=True)
