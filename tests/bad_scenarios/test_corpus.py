"""The corpus of bad and awkward YAML (``corpus/index.json`` tells each case) at the level of the schema.

The keys of its files are placeholders, so what is accepted is read with a model of those keys.
"""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from minecalc.schema.diagnostics import Diagnostic, in_file_order, render
from minecalc.schema.fields import Inputs, number, text, whole
from minecalc.schema.parsing import parse
from minecalc.schema.validate import validate

CORPUS = Path(__file__).parent / "corpus"
CASES: list[dict[str, Any]] = json.loads((CORPUS / "index.json").read_text(encoding="utf-8"))["cases"]

CLEAN = b"""\
name: demo-site
capacity_mw: 20
electricity_price: 0.045
hash_rate: 1.1
gpu_count: 1024
ai_lease_rate: 2.10
"""
#: What the index leaves open and we refuse.
WE_REFUSE = {
    "037-lone-surrogate-escape.yaml",
    "049-long-string.yaml",
    "053-merge-list-order.yaml",
    "089-octal-look.yaml",
    "091-binary-int.yaml",
    "099-quoted-number.yaml",
    "117-nbsp-number.yaml",
}
#: The same, and we accept, with the number we read.
WE_ACCEPT = {"085-sci-no-dot.yaml": 0.045, "123-negative-zero.yaml": 0.0, "125-fractional-count.yaml": 1.5}


class Placeholders(Inputs):
    name: str = text(help="name")
    capacity_mw: float = number(low=0, high=1e5, help="capacity")
    electricity_price: float = number(low=-1, high=2, help="price")
    hash_rate: float = number(low=0, high=1_000, help="hash rate")
    gpu_count: int = whole(low=0, high=10_000_000, help="GPUs")
    ai_lease_rate: float = number(low=0, high=100, help="lease rate")


def read(data: bytes, file: str) -> tuple[Placeholders | None, list[Diagnostic]]:
    node, problems = parse(data, file)
    if node is None:
        return None, problems
    inputs, more = validate(node, Placeholders)
    return inputs, in_file_order([*problems, *more])


def refused(data: bytes, file: str) -> bool:
    """Whether the file is refused; checks on the way that the message is fit to print."""
    _, problems = read(data, file)
    if not problems:
        return False
    message = render(problems)
    assert message.startswith(file)
    assert len(message.splitlines()) <= 20
    assert not [char for char in message if char != "\n" and unicodedata.category(char).startswith("C")]
    return True


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["file"]))
def test_file(case: dict[str, Any]) -> None:
    file = str(case["file"])
    expected = case["answer"] == "refuse" or file in WE_REFUSE
    assert refused((CORPUS / file).read_bytes(), file) == expected


@pytest.mark.parametrize("file", ["009-trailing-document-end", "017-json-ok", "023-bom-utf8", "031-cr-only"])
def test_awkward_but_clean_file_says_the_same(file: str) -> None:
    inputs, _ = read((CORPUS / f"{file}.yaml").read_bytes(), file)
    assert inputs is not None
    assert inputs == read(CLEAN, "clean")[0]


@pytest.mark.parametrize(("file", "value"), WE_ACCEPT.items())
def test_accepted_number(file: str, value: float) -> None:
    inputs, _ = read((CORPUS / file).read_bytes(), file)
    assert inputs is not None
    assert str(inputs.electricity_price) == str(value)


SCALARS = [case for case in CASES if case["kind"] == "scalar"]


@pytest.mark.parametrize("key", ["capacity_mw", "electricity_price", "gpu_count", "ai_lease_rate"])
@pytest.mark.parametrize("case", SCALARS, ids=lambda case: str(case["file"]))
def test_scalar_for_every_number(case: dict[str, Any], key: str) -> None:
    lines = CLEAN.decode().splitlines()
    changed = [f"{key}: {case['scalar']}" if line.startswith(f"{key}:") else line for line in lines]
    file = str(case["file"])
    expected = file not in WE_ACCEPT or (key == "gpu_count" and file == "125-fractional-count.yaml")
    expected = expected or (key == "gpu_count" and file == "085-sci-no-dot.yaml")
    assert refused("\n".join(changed).encode(), file) == expected


NAMES = [case for case in CASES if case["kind"] == "name"]


@pytest.mark.parametrize("case", NAMES, ids=lambda case: str(case["file"]))
def test_name_is_kept_as_it_is(case: dict[str, Any]) -> None:
    data = (CORPUS / str(case["file"])).read_bytes()
    inputs, _ = read(data, "name")
    assert inputs is not None
    written = data.decode().splitlines()[0].removeprefix("name: ")
    assert inputs.name == json.loads(written)


def test_many_unknown_keys_take_few_lines() -> None:
    _, problems = read((CORPUS / "047-many-keys.yaml").read_bytes(), "many.yaml")
    assert len(problems) == 3_001
    assert render(problems).splitlines()[-1] == "... and 2,993 more in many.yaml"
    assert len(render(problems).splitlines()) == 9
