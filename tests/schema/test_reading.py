from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.schema.diagnostics import Mark
from minecalc.schema.node import Source
from minecalc.schema.reading import LARGEST_FILE, control_character, decode, read_file


def code_of(path: str) -> str:
    data, problems = read_file(path)
    assert data is None
    return problems[0].code


def test_regular_file(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"a: 1\n")
    assert read_file(str(tmp_path / "a.yaml")) == (b"a: 1\n", [])


def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    refused = [tmp_path / "pipe", tmp_path, tmp_path / "missing", Path("/dev/zero"), Path("/dev/null")]
    assert {code_of(str(path)) for path in refused} == {"unreadable"}
    assert code_of("a\0b") == "unreadable"
    assert code_of("x" * 10_000) == "unreadable"


def test_size_limit(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"#" * LARGEST_FILE)
    assert read_file(str(file))[1] == []
    file.write_bytes(b"#" * (LARGEST_FILE + 1))
    assert code_of(str(file)) == "too-large"
    text, problems = decode(b"#" * (LARGEST_FILE + 1), "a.yaml")
    assert text is None
    assert problems[0].code == "too-large"


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a: 1")))
    assert read_file("-") == (b"a: 1", [])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"#" * (LARGEST_FILE + 2))))
    assert code_of("-") == "too-large"
    monkeypatch.setattr(sys, "stdin", None)
    assert read_file("-") == (b"", [])


def test_line_ends_and_byte_order_mark() -> None:
    assert decode(b"\xef\xbb\xbfa\r\nb\rc\n", "a.yaml") == ("a\nb\nc\n", [])


@pytest.mark.parametrize(
    "data", [b"\x1f\x8b\x08", b"PK\x03\x04", b"%PDF-1.7", "a".encode("utf-16"), "a".encode("utf-16-le")]
)
def test_other_kinds_of_file(data: bytes) -> None:
    text, problems = decode(data, "a.yaml")
    assert text is None
    assert [(found.code, found.mark) for found in problems] == [("not-text", None)]


def test_place_of_a_bad_byte() -> None:
    _, problems = decode(b"\xef\xbb\xbfa: 1\r\nb: caf\xe9 x\n", "a.yaml")
    assert problems[0].mark == Mark(2, 7)
    assert problems[0].source_line == "b: caf\ufffd x"


def test_place_of_a_control_character() -> None:
    _, problems = decode(b"a: 1\nb: \x1b[31m\n", "a.yaml")
    assert problems[0].mark == Mark(2, 4)


@pytest.mark.parametrize("text", ["a\tb", "é\u2028日\U0001f600", "a\u00a0b"])
def test_characters_that_may_stand(text: str) -> None:
    assert control_character(text, Source("a.yaml", text)) is None


@pytest.mark.parametrize("text", ["\x00", "\x07", "\x7f", "\x9b", "\ufffe", "\udc80"])
def test_characters_that_may_not(text: str) -> None:
    assert control_character(text, Source("a.yaml", text)) is not None


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    text, problems = decode(data, "a.yaml")
    assert (text is None) == (len(problems) == 1)
