"""The made-up document in every format, compared as whole text.

After a deliberate change write the snapshots anew and read the difference before you commit it:

    MINECALC_UPDATE_SNAPSHOTS=1 python -m pytest tests/reports/test_snapshots.py
"""

import os
import re
from pathlib import Path

import pytest

from minecalc import reports
from minecalc.document import Document
from minecalc.reports import _html

SNAPSHOTS = Path(__file__).parent.parent / "snapshots"

CASES = [
    ("report-80.txt", "terminal", reports.Screen(80)),
    ("report-120.txt", "terminal", reports.Screen(120)),
    ("report-80-ascii.txt", "terminal", reports.Screen(80, ascii_only=True)),
    ("report-80-color.txt", "terminal", reports.Screen(80, color=True)),
    ("report.json", "json", reports.Screen()),
    ("report.csv", "csv", reports.Screen()),
    ("report.md", "markdown", reports.Screen()),
    ("report.html", "html", reports.Screen()),
]


@pytest.mark.parametrize(("file", "name", "screen"), CASES, ids=[case[0] for case in CASES])
def test_snapshot(
    file: str, name: str, screen: reports.Screen, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a page what is our own; how a chart is drawn is the drawing package's, and differs by its version.

    Its style sheet is that of every page, and looked at in ``test_html``.
    """
    monkeypatch.setattr(_html, "can_draw", lambda: False)
    text = reports.render(document, name, width=screen.width, color=screen.color, ascii_only=screen.ascii_only)
    assert isinstance(text, str)
    text = re.sub(r"(?s)(?<=<style>\n).*?(?=</style>)", "", text)
    path = SNAPSHOTS / file
    if os.environ.get("MINECALC_UPDATE_SNAPSHOTS"):
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode()


def test_every_format_that_is_text_has_a_snapshot() -> None:
    assert {name for _, name, _ in CASES} == set(reports.formats()) - {"parquet", "png", "svg"}
