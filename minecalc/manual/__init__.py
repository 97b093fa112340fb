"""The manual: one page a topic, in Markdown.

A page is the file ``<topic>.md`` here, or is made of what the code itself declares, or both: the file, then what is
declared. A page begins with ``# topic: what it tells``. The folder is the list of topics that are written by hand.
Pages of commands get their options in ``cli/help.py``.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from minecalc.businesses import business, kinds
from minecalc.manual.keys import business_keys, scenario_keys, uncertainty_keys
from minecalc.manual.records import record_tables

_FOLDER = Path(__file__).parent

#: Comments that say how the tests run the block below them.
_MARK = re.compile(r"^<!-- .* -->\n", re.MULTILINE)

#: What the code declares for a page that is written by hand.
_DECLARED: Mapping[str, Callable[[], str]] = {
    "data": record_tables,
    "keys": scenario_keys,
    "uncertainty": uncertainty_keys,
}


def topics() -> tuple[str, ...]:
    """The topics of the manual in alphabetical order."""
    return tuple(sorted({*(file.stem for file in _FOLDER.glob("*.md")), *kinds()}))


def page(topic: str) -> str:
    """The page of ``topic`` as Markdown. KeyError if there is none."""
    file = _FOLDER / f"{topic}.md"
    written = _MARK.sub("", file.read_text(encoding="utf-8")) if file.exists() else ""
    declared = partial(_business_page, topic) if topic in kinds() else _DECLARED.get(topic)
    if not written and declared is None:
        raise KeyError(topic)
    return written + (declared() + "\n" if declared else "")


def summary(text: str) -> str:
    """What a page tells, from its first line."""
    return text.partition("\n")[0].partition(": ")[2]


def _business_page(kind: str) -> str:
    """What the module of a business says of itself, and its keys."""
    about = (inspect.getdoc(business(kind)) or "").replace("``", "`")
    first, _, rest = about.partition("\n")
    return f"# {kind}: {first.partition(': ')[2] or first}\n{rest}\n{business_keys(kind)}"
