import subprocess
import sys
from pathlib import Path

import pytest

from minecalc import reports
from minecalc.document import Document


def test_the_folder_is_the_registry() -> None:
    folder = Path(reports.__file__).parent
    files = {file.stem for file in folder.glob("*.py") if not file.stem.startswith("_")}
    assert set(reports.formats()) == files
    assert {"terminal", "json", "csv", "markdown"} <= files


def test_suffixes_choose_formats() -> None:
    assert reports.format_for_suffix(".md") == "markdown"
    assert reports.format_for_suffix(".JSON") == "json"
    assert reports.format_for_suffix(".csv") == "csv"
    assert reports.format_for_suffix(".txt") == "terminal"
    assert reports.format_for_suffix("") is None
    assert reports.format_for_suffix(".doc") is None


def test_an_unknown_format_is_refused_with_the_known_ones(document: Document) -> None:
    with pytest.raises(ValueError, match=r"'word' is not a format; there are .*csv, .*json, .*markdown, .*terminal"):
        reports.render(document, "word")


def test_a_format_is_one_new_file(document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shout.py").write_text(
        'SUFFIXES = (".loud",)\nSHOWS = "blocks"\n'
        "def render(document, screen):\n    return document.title.upper().encode()\n"
    )
    monkeypatch.setattr(reports, "__path__", [*reports.__path__, str(tmp_path)])
    monkeypatch.setitem(sys.modules, "minecalc.reports.shout", None)
    monkeypatch.delitem(sys.modules, "minecalc.reports.shout")
    assert "shout" in reports.formats()
    assert reports.format_for_suffix(".loud") == "shout"
    assert reports.shows("shout") == "blocks"
    assert reports.render(document, "shout") == b"MADE-UP SITE"


def test_only_the_terminal_needs_rich() -> None:
    code = (
        "import sys; from minecalc import reports; from minecalc.document import Document, Table\n"
        "document = Document('', (), Table('', (), ()))\n"
        "assert reports.format_for_suffix('.md') == 'markdown'\n"
        "for name in ('json', 'csv', 'markdown'): reports.render(document, name)\n"
        "assert 'rich' not in sys.modules\n"
        "reports.render(document, 'terminal')\n"
        "assert 'rich' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
