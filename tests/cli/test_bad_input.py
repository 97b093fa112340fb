"""Broken, hostile and merely odd input through the command line: refused in a few plain lines, or shown as it is.

The files are those of ``bad_scenarios/corpus`` (its ``index.json`` tells each case); their keys are placeholders.
"""

from __future__ import annotations

import csv
import html
import io
import json
import os
import re
import resource
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from minecalc.visible import visible
from tests.cli.running import HILLTOP, process, run
from tests.reports.whole import WHOLE

CORPUS = Path(__file__).parents[1] / "bad_scenarios" / "corpus"
CASES: list[dict[str, Any]] = json.loads((CORPUS / "index.json").read_text(encoding="utf-8"))["cases"]
#: A problem takes a header, its line, carets, a help, and a blank line before the next.
LINES_MOST = 5
#: Problems that have no line.
WHOLE_FILE = {"empty", "not-text"}
MEGABYTE = 1_000_000


def assert_refused(code: int, out: str, err: str, file: str) -> None:
    """Exit 2 with nothing on standard output and a short, printable message that begins with the file."""
    assert code == 2
    assert out == ""
    assert err.startswith(f"{file}:")
    assert "error[" in err
    assert "Traceback" not in err
    assert not [char for char in err if char != "\n" and unicodedata.category(char).startswith("C")]
    assert max(map(len, err.splitlines())) < 300


@pytest.mark.parametrize("case", [c for c in CASES if c["kind"] == "document"], ids=lambda c: str(c["file"]))
def test_file_that_is_no_scenario(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CORPUS)
    file = str(case["file"])
    checked = run("check", file)
    assert_refused(checked.code, checked.out, checked.err, file)
    headers = re.findall(rf"^{file}(:[0-9]+:[0-9]+)?: error\[([a-z-]+)\]: ", checked.err, re.MULTILINE)
    assert all(place or code in WHOLE_FILE for place, code in headers)
    assert len(checked.err.splitlines()) <= LINES_MOST * len(headers) + 1
    if case["answer"] == "accept":
        assert [code for _, code in headers] == ["missing-key"] + 5 * ["unknown-key"], "only the keys are wrong"


HOSTILE = (
    *("039-laughs-in-value", "041-alias-cycle", "043-merge-self", "045-deep-flow-20000", "047-many-keys"),
    *("049-long-string", "119-huge-int", "121-int64-edge"),
)


def within_500_megabytes() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (500 * MEGABYTE, 500 * MEGABYTE))


def test_hostile_files_need_little_memory_and_time() -> None:
    files = [CORPUS / f"{name}.yaml" for name in HOSTILE]
    checked = process("check", *files, environment={"OPENBLAS_NUM_THREADS": "1"}, before=within_500_megabytes)
    assert_refused(checked.code, checked.out, checked.err, str(files[0]))
    for file in files:
        assert f"{file}:" in checked.err


def test_the_memory_limit_is_felt() -> None:
    def within_20_megabytes() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (20 * MEGABYTE, 20 * MEGABYTE))

    assert process("check", HILLTOP, before=within_20_megabytes).code != 0


SCALAR_SCENARIO = """
name: scalars
discount_rate_fraction_per_year: {rate}
site: {{gross_mw: {mw}, electricity_price_usd_per_kwh: {price}}}
plans:
  lease: {{kind: colocation, rent_usd_per_kw_per_month: 130}}
  rent out GPUs: {{kind: gpu_cloud, gpu_count: {count}, lease_usd_per_gpu_hour: 2.65}}
"""
GOOD = {"rate": "0.12", "mw": "40", "price": "0.05", "count": "1"}
LINE = {"rate": 3, "mw": 4, "price": 4, "count": 7}
#: What is a number after all, by the place it may take: 45e-3 is 0.045, 1.5 no count, and 0 MW no site.
NUMBERS = {
    "085-sci-no-dot.yaml": {"rate", "mw", "price"},
    "123-negative-zero.yaml": {"rate", "price", "count"},
    "125-fractional-count.yaml": {"rate", "mw", "price"},
}


@pytest.mark.parametrize("place", GOOD)
@pytest.mark.parametrize("case", [c for c in CASES if c["kind"] == "scalar"], ids=lambda c: str(c["file"]))
def test_odd_scalar_in_the_place_of_a_number(case: dict[str, Any], place: str, tmp_path: Path) -> None:
    file = tmp_path / "scalar.yaml"
    text = SCALAR_SCENARIO.format(**GOOD | {place: case["scalar"]})
    file.write_text(text, encoding="utf-8")
    checked = run("check", file)
    if place in NUMBERS.get(str(case["file"]), set()):
        assert (checked.code, checked.err) == (0, "")
    else:
        assert_refused(checked.code, checked.out, checked.err, str(file))
        assert checked.err.startswith(f"{file}:{LINE[place]}:")
        assert len(checked.err.splitlines()) <= LINES_MOST


NAMES = [
    json.loads((CORPUS / str(case["file"])).read_bytes().splitlines()[0].removeprefix(b"name: "))
    for case in CASES
    if case["kind"] == "name"
]
NAMES += ["| a | b |", "# not a heading", "a, b; 'c'", "東京 50 MW", "{0.__class__}"]
#: What a screen would obey; a spreadsheet too.
UNSEEN = ["\x1b[31mred\x1b[0m", "right\u202eleft"]

NAMED_SCENARIO = """
name: NAME
baseline: NAME
site: {gross_mw: 40, electricity_price_usd_per_kwh: 0.05}
plans:
  NAME: {kind: colocation, rent_usd_per_kw_per_month: 130}
  b: {kind: colocation, rent_usd_per_kw_per_month: 120}
"""


@pytest.mark.parametrize("name", [*NAMES, *UNSEEN])
def test_name_is_shown_as_it_is(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = NAMED_SCENARIO.replace("NAME", json.dumps(name))
    runs = {
        format_: run("compare", "-", "--format", format_, stdin=text.encode())
        for format_ in WHOLE
        if format_ != "parquet"
    }
    assert {(done.code, done.err) for done in runs.values()} == {(0, "")}
    assert list(tmp_path.iterdir()) == [], "a name is no file name"
    shown = visible(name)

    record = runs["json"].scenarios[0]
    assert record["name"] == record["baseline"] == record["plans"][0]["name"] == name
    row = next(csv.DictReader(io.StringIO(runs["csv"].out, newline="")))
    in_csv = shown if name in UNSEEN else name
    assert row["scenario"].removeprefix("'") == row["plan"].removeprefix("'") == in_csv
    assert not row["plan"].startswith(("=", "+", "-", "@"))
    lines = runs["terminal"].out.splitlines()
    assert " ".join(lines[:2]).startswith(f"b is $17.0M NPV behind {shown} at 12.0%")
    assert "\x1b" not in runs["terminal"].out
    page = html.unescape(MarkdownIt("commonmark").enable("table").render(runs["markdown"].out))
    assert f"<h1>{shown}</h1>" in page
    assert f">{shown}</th>" in page
    assert "<script>" not in runs["markdown"].out.replace("\\<script", "")


def test_places_that_are_no_files_do_not_hang(tmp_path: Path) -> None:
    fifo = tmp_path / "pipe.yaml"
    os.mkfifo(fifo)
    checked = process("check", fifo, "/dev/zero", tmp_path / "no such.yaml", tmp_path)
    assert (checked.code, checked.out) == (2, "")
    assert checked.err == (
        f"{fifo}: error[unreadable]: not a regular file\n       = help: to read a pipe, give - as the file\n\n"
        "/dev/zero: error[unreadable]: not a regular file\n       = help: to read a pipe, give - as the file\n\n"
        f"{tmp_path}/no such.yaml: error[unreadable]: cannot be read: No such file or directory\n"
    )


def test_standard_input_may_be_closed() -> None:
    checked = process("check", "-", before=lambda: os.close(0))
    assert checked.code == 2
    assert "Traceback" not in checked.err
    assert checked.err.startswith("-: error[")
