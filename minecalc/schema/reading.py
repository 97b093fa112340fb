"""Files and bytes -> text; what cannot be a scenario (devices, other encodings) is refused early."""

import codecs
import os
import re
import stat
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from minecalc.files.regular_file import regular_file, remember_standard_input
from minecalc.schema.diagnostics import Diagnostic, Mark, cut
from minecalc.schema.node import Source

CODES = {
    "unreadable": "the file does not exist, may not be read, or is no regular file",
    "too-large": "the file is larger than any scenario",
    "not-text": "the file is not UTF-8 text",
}

#: In bytes; a scenario has a few thousand.
LARGEST_FILE = 1_000_000

#: What YAML does not allow unescaped: in ASCII, and in any text, which is a pattern that takes long to compile. Lone
#: surrogates come from a command line that is not UTF-8.
_NOT_ASCII_TEXT = "[^\t\n\r\x20-\x7e]"
_NOT_TEXT = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
_KNOWN_BEGINNINGS = {
    b"\x1f\x8b": "this is a gzip file",
    b"PK\x03\x04": "this is a zip file or a workbook",
    b"%PDF": "this is a PDF file",
    b"\xff\xfe": "save it as UTF-8; this is UTF-16",
    b"\xfe\xff": "save it as UTF-8; this is UTF-16",
}


class FileRead(NamedTuple):
    """A file that was read beside a scenario's own: its name, its checksum, and, of a text to read again, the bytes."""

    name: str
    sha256: str
    data: bytes = b""


def identity(name: str, sha256: str, files: Sequence[FileRead]) -> dict[str, Any]:
    """What was read, for records: a file with its checksum, and those beside it with theirs."""
    return {"file": name, "sha256": sha256, "files": [{"file": one.name, "sha256": one.sha256} for one in files]}


def read_file(path: str) -> tuple[bytes | None, list[Diagnostic]]:
    """The bytes of a regular file, or of standard input for ``-``; never blocks on a device or a FIFO."""
    source = Source(path, "")
    try:
        if path == "-":
            remember_standard_input()
            data = sys.stdin.buffer.read(LARGEST_FILE + 1) if sys.stdin else b""
        else:
            mode = Path(path).stat().st_mode
            if stat.S_ISDIR(mode):
                os.listdir(path)  # noqa: PTH208, one without permission is to say so
                return None, [source.error(None, "unreadable", "a directory; a scenario is a file")]
            if not stat.S_ISREG(mode):
                advice = "to read a pipe, give - as the file"
                return None, [source.error(None, "unreadable", "not a regular file", advice)]
            with regular_file(path) as file:
                data = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        reason = (error.strerror or "") if isinstance(error, OSError) else str(error)
        return None, [source.error(None, "unreadable", f"cannot be read: {reason or 'unknown reason'}")]
    if len(data) > LARGEST_FILE:
        return None, [source.error(None, "too-large", f"larger than {LARGEST_FILE:,} bytes")]
    return data, []


def decode(data: bytes, file: str) -> tuple[str | None, list[Diagnostic]]:
    """UTF-8 bytes (a byte order mark is dropped) as text with ``\\n`` line ends."""
    whole = Source(file, "")
    if len(data) > LARGEST_FILE:
        return None, [whole.error(None, "too-large", f"larger than {LARGEST_FILE:,} bytes")]
    for beginning, advice in _KNOWN_BEGINNINGS.items():
        if data.startswith(beginning):
            return None, [whole.error(None, "not-text", "not UTF-8 text", advice)]
    if b"\0" in data:
        return None, [whole.error(None, "not-text", "not UTF-8 text", "save it as UTF-8; it holds NUL bytes")]
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = with_plain_line_ends(data.decode())
    except UnicodeDecodeError as error:
        before = with_plain_line_ends(data[: error.start].decode())
        mark = Mark(before.count("\n") + 1, len(before) - before.rfind("\n"))
        rest = data[error.start :].decode(errors="replace")
        source = Source(file, before + rest.partition("\n")[0])
        message = f"not UTF-8 text: byte 0x{data[error.start]:02x}"
        return None, [source.error(mark, "not-text", message, "save it as UTF-8")]
    source = Source(file, text)
    control = control_character(text, source)
    return (None, [control]) if control else (text, [])


def with_plain_line_ends(text: str) -> str:
    r"""``text`` with ``\r\n`` and ``\r`` turned into ``\n``."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def control_character(text: str, source: Source) -> Diagnostic | None:
    """The first character of ``text`` that no YAML text may hold, or None."""
    found = re.search(_NOT_ASCII_TEXT if text.isascii() else _NOT_TEXT, text)
    if not found:
        return None
    begin = found.start()
    mark = Mark(text.count("\n", 0, begin) + 1, begin - text.rfind("\n", 0, begin))
    return source.error(mark, "not-text", f"the control character {cut(found[0])} is not text")
