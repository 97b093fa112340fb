"""Files appear whole or not at all, screens get what they can show, and problems are said in a line."""

import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from minecalc.analysis.questions import QuestionError
from minecalc.cli._shared import UNSAID
from minecalc.document import Column, Details, Document, Note, Table, Text, Value
from minecalc.reports import _pictures
from tests.cli.running import TEXAS, run

DOCUMENT = Document(
    "Sité",
    [Note("The answer.", "headline"), Table("T", [Column("x_usd", "X")], [[Value(1e6, "usd", tone="good")]])],
    Table("", [Column("name", "Name")], [[Text("é")]]),
    {"name": "é"},
)


class Screen(io.TextIOWrapper):
    """A standard output of some encoding, perhaps a terminal."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, encoding: str = "utf-8", tty: bool = False) -> None:
        self._bytes = io.BytesIO()
        self._tty = tty
        super().__init__(self._bytes, encoding=encoding)
        monkeypatch.setattr(sys, "stdout", self)
        for name in ("NO_COLOR", "TERM", "COLUMNS"):
            monkeypatch.delenv(name, raising=False)

    def isatty(self) -> bool:
        return self._tty

    def shown(self) -> str:
        return self._bytes.getvalue().decode(self.encoding)


def _emit(format_name: str | None = None, output: Path | None = None, *, quiet: bool = False) -> None:
    UNSAID._replace(format_=format_name, output=output, quiet=quiet).show(DOCUMENT)


def test_the_suffix_chooses_unless_a_format_is_named(tmp_path: Path) -> None:
    _emit(None, tmp_path / "a.json")
    _emit(None, tmp_path / "a.csv")
    _emit(None, tmp_path / "a.MD")
    _emit("json", tmp_path / "plain")
    assert json.loads((tmp_path / "a.json").read_bytes()) == {"name": "é"}
    assert (tmp_path / "a.csv").read_bytes() == "name\r\né\r\n".encode()
    assert (tmp_path / "a.MD").read_text("utf-8").startswith("# Sité\n")
    assert (tmp_path / "plain").read_bytes() == (tmp_path / "a.json").read_bytes()


def test_unknown_names_are_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match=r"'wo\\\\x1brd' is not a format; use .*csv.*json.*markdown.*terminal"):
        _emit("wo\x1brd")
    with pytest.raises(QuestionError, match=r"report\.doc ends in none of .*\.csv.*\.json.*\.md.*; .*--format"):
        _emit(None, tmp_path / "report.doc")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("output", [None, Path("-")])
def test_standard_output_in_a_pipe_is_plain(monkeypatch: pytest.MonkeyPatch, output: Path | None) -> None:
    screen = Screen(monkeypatch)
    _emit(None, output)
    assert screen.shown() == "The answer.\n\nSité " + "─" * 95 + "\n\nT\n     X\n──────\n$1.00M\n".replace(
        "     X\n──────", "     X\n──────"
    )


def test_a_terminal_has_colors_unless_unwanted(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(monkeypatch, tty=True)
    _emit()
    assert "\x1b[1mThe answer." in screen.shown()
    for name, value in (("NO_COLOR", "1"), ("TERM", "dumb")):
        screen = Screen(monkeypatch, tty=True)
        monkeypatch.setenv(name, value)
        _emit()
        assert "\x1b" not in screen.shown()


def test_the_width_is_that_of_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    for columns, width in (("60", 60), ("9", 40), ("9999", 240)):
        screen = Screen(monkeypatch)
        monkeypatch.setenv("COLUMNS", columns)
        _emit()
        assert max(map(len, screen.shown().split("\n"))) == width


def test_a_screen_of_another_encoding_gets_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(monkeypatch, encoding="latin-1")
    _emit()
    assert screen.shown().startswith("The answer.\n\nSit\\xe9 -----")
    assert screen.shown().isascii()


def test_quiet_leaves_the_headline_and_whole_data(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(monkeypatch)
    _emit(quiet=True)
    assert screen.shown() == "The answer.\n"
    screen = Screen(monkeypatch)
    _emit("csv", quiet=True)
    assert screen.shown() == "name\r\né\r\n"


LONG = DOCUMENT._replace(blocks=[*DOCUMENT.blocks, *[Note("More.") for _ in range(9)]])
LONG_LINES = 6 + 2 * 9 + 2


@pytest.mark.parametrize(("lines", "again"), [(LONG_LINES, 1), (LONG_LINES + 1, 0)])
def test_what_scrolls_off_a_terminal_ends_in_its_headline(
    monkeypatch: pytest.MonkeyPatch, lines: int, again: int
) -> None:
    monkeypatch.setenv("LINES", str(lines))
    screen = Screen(monkeypatch, tty=True)
    monkeypatch.setenv("NO_COLOR", "1")
    UNSAID.show(LONG)
    text = screen.shown()
    assert text.startswith("The answer.\n\nSité ")
    assert text.endswith("More.\n\nThe answer.\n" if again else "More.\n")
    assert text.count("\n") == LONG_LINES + 2 * again


def test_only_a_terminal_gets_the_headline_twice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LINES", "5")
    screen = Screen(monkeypatch)
    UNSAID.show(LONG)
    assert screen.shown().count("The answer.") == 1
    screen = Screen(monkeypatch, tty=True)
    for name in ("markdown", "json", "csv"):
        UNSAID._replace(format_=name).show(LONG)
    UNSAID._replace(output=tmp_path / "a.txt").show(LONG)
    assert screen.shown().count("The answer.") == 1
    assert (tmp_path / "a.txt").read_text(encoding="utf-8").count("The answer.") == 1


def test_details_stand_on_a_screen_in_full_only(monkeypatch: pytest.MonkeyPatch) -> None:
    document = DOCUMENT._replace(blocks=[Details(Note("2 details."), [Note("One."), Note("Two.")])])
    for in_full, seen in ((False, "2 details.\n"), (True, "One.\n\nTwo.\n")):
        screen = Screen(monkeypatch)
        UNSAID._replace(full=in_full).show(document)
        assert screen.shown().split("\n\n", 1)[1] == seen


def test_an_interrupted_run_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.json"
    file.write_text("old")

    def interrupt(path: Path, target: Path) -> Path:
        assert path.read_bytes() == '{\n  "name": "é"\n}\n'.encode()
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        _emit(None, file)
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
    assert file.read_text() == "old"


def test_a_link_and_the_mode_of_a_file_are_kept(tmp_path: Path) -> None:
    file, link = tmp_path / "real.json", tmp_path / "link.json"
    file.write_text("old")
    file.chmod(0o640)
    link.symlink_to(file)
    _emit(None, link)
    assert link.is_symlink()
    assert json.loads(file.read_bytes()) == {"name": "é"}
    assert file.stat().st_mode & 0o777 == 0o640


def test_a_new_file_has_the_usual_mode(tmp_path: Path) -> None:
    _emit(None, tmp_path / "a.json")
    (tmp_path / "usual").touch()
    assert (tmp_path / "a.json").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_places_that_cannot_be_written_are_named(tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "file.json").touch()
    os.mkfifo(tmp_path / "pipe.json")
    for output, why in (
        (tmp_path / "folder.json", "it is not a regular file"),
        (tmp_path / "pipe.json", "it is not a regular file"),
        (tmp_path / "nowhere" / "a.json", "No such file or directory"),
        (tmp_path / "file.json" / "a.json", "Not a directory"),
    ):
        with pytest.raises(QuestionError) as caught:
            _emit(None, output)
        assert str(caught.value) == f"cannot write {output}: {why}"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file.json", "folder.json", "pipe.json"]


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("length", [1, 100_000])
def test_a_reader_who_leaves_early_is_no_problem(length: int, unbuffered: str) -> None:
    code = (
        "from pathlib import Path; from minecalc.cli._shared import UNSAID\n"
        "from minecalc.document import Document, Note, Table\n"
        f"notes = [Note('word')] * {length}\n"
        "UNSAID._replace(format_='markdown').show(Document('', notes, Table('', (), ())))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert process.returncode == 0


class Trickle(io.BytesIO):
    """Takes at most seven bytes at a time."""

    def write(self, content: object) -> int:
        assert isinstance(content, memoryview)
        return super().write(content[:7])


def test_an_output_that_takes_parts_gets_all(monkeypatch: pytest.MonkeyPatch) -> None:
    trickle = Trickle()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(trickle, encoding="utf-8"))
    _emit("json")
    assert trickle.getvalue() == '{\n  "name": "é"\n}\n'.encode()


class FullDisk(io.RawIOBase):
    """Refuses the first write; what is flushed later goes nowhere, as after ``dup2``."""

    def __init__(self, file: io.BufferedRandom) -> None:
        self._file = file
        self._refused = False

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._file.fileno()

    def write(self, content: object) -> int:
        if not self._refused:
            self._refused = True
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return len(memoryview(content)) if isinstance(content, (bytes, memoryview)) else 0


def test_a_full_disk_behind_standard_output_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "disk").open("w+b") as file:
        stdout = io.TextIOWrapper(io.BufferedWriter(FullDisk(file)), encoding="utf-8")
        monkeypatch.setattr(sys, "stdout", stdout)
        with pytest.raises(QuestionError, match="cannot write to standard output: No space left on device"):
            _emit("json")
        stdout.close()


def test_parquet_goes_to_a_file_or_a_pipe_but_not_to_a_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _emit(None, tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").read_bytes()[:4] == b"PAR1"
    Screen(monkeypatch, tty=True)
    with pytest.raises(QuestionError, match="parquet is not for the screen; add --output FILE"):
        _emit("parquet")


def test_a_chart_is_one_of_the_answer_s(tmp_path: Path) -> None:
    made = run("cashflow", TEXAS, "--plan", "keep mining", "-o", tmp_path / "a.svg", "--chart", "1")
    assert (made.code, made.out, made.err) == (0, "", "")
    assert (tmp_path / "a.svg").read_text(encoding="utf-8").startswith("<svg")
    refused = run("cashflow", TEXAS, "--plan", "keep mining", "-o", tmp_path / "b.svg", "--chart", "7")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("minecalc: --chart 7 is no chart of the answer; there are: 1 keep mining: what comes")
    none = run("check", TEXAS, "--format", "svg")
    assert (none.code, none.err) == (2, "minecalc: the answer has no chart; use another format\n")
    idle = run("cashflow", TEXAS, "--plan", "keep mining", "--chart", "1")
    assert idle.code == 2
    assert idle.err == "minecalc: --chart is for pictures of one chart; add --format svg or png, not terminal\n"
    assert [file.name for file in tmp_path.iterdir()] == ["a.svg"]


def test_a_picture_without_its_package_is_refused_before_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_pictures, "can_draw", lambda: False)
    with pytest.raises(QuestionError, match="pictures need one more package: pip install"):
        _emit("svg")
