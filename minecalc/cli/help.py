"""``minecalc help``: the manual."""

from __future__ import annotations

from minecalc.cli import _completion as complete
from minecalc.cli._options import argument

ANSWERS = "Begin with"


def help(  # noqa: A001 - the command's own name
    topic: str | None = argument("TOPIC", "A page; omitted: the list of pages.", complete.topics, default=None),
) -> None:
    """Read the manual: how to start, every key, command, formula, source and term.

    Example: minecalc help start
    """
    from minecalc.cli._output import write_text
    from minecalc.cli._pages import contents, page, shown

    write_text(shown(contents() if topic is None else page(topic)), None)
