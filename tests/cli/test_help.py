"""``minecalc help``: plain Markdown in a pipe, drawn on a terminal."""

from __future__ import annotations

import pytest

from minecalc import manual
from minecalc.cli import commands
from tests.cli.running import run


@pytest.mark.parametrize("topic", manual.topics())
def test_every_topic_is_shown_as_it_is_written(topic: str) -> None:
    done = run("help", topic)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(manual.page(topic) if topic not in commands() else f"# {topic}: ")


def test_without_a_topic_it_lists_all() -> None:
    done = run("help")
    assert (done.code, done.err) == (0, "")
    for name in (*manual.topics(), *commands()):
        assert f"- `{name}`: " in done.out


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("strat", "there is no topic strat; did you mean start?"),
        ("colo", "there is no topic colo; did you mean colocation?"),
        ("escalator_fraction_per_year", "; it stands on the page colocation; minecalc help lists the topics"),
        ("xyzzy", "there is no topic xyzzy; minecalc help lists the topics"),
    ],
)
def test_an_unknown_topic_is_refused_with_what_may_be_meant(asked: str, told: str) -> None:
    done = run("help", asked)
    assert (done.code, done.out) == (2, "")
    assert told in done.err


def test_a_topic_with_control_characters_is_told_without_them() -> None:
    done = run("help", "\x1b[31mred")
    assert done.code == 2
    assert "\x1b" not in done.err
