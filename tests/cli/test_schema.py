"""``minecalc schema``: the JSON Schema of scenario files accepts what the reader accepts, and says what keys mean."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from minecalc.loading import scenario_files
from minecalc.schema.file_schema import file_schema
from minecalc.units import unit_of
from tests.cli.running import EXAMPLES, ROOT, run

BAD = ROOT / "tests" / "bad_scenarios" / "domain"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    done = run("schema")
    assert (done.code, done.err) == (0, "")
    found: dict[str, Any] = done.data
    return found


def plain(file: str | Path) -> Any:
    """The data of a YAML file with dates and months left as text."""
    return yaml.load(Path(file).read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def as_json(data: Any) -> Any:
    """Data in which each word that is a JSON number, true or false is one."""
    if isinstance(data, dict):
        return {key: as_json(value) for key, value in data.items()}
    if isinstance(data, list):
        return [as_json(value) for value in data]
    try:
        return json.loads(data.replace("_", ""))
    except ValueError:
        return data


def test_it_is_a_valid_schema_and_accepts_the_scenarios(schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    files = [*scenario_files(str(EXAMPLES)), *scenario_files(str(ROOT / "scenarios"))]
    assert len(files) >= 2
    for file in files:
        assert [error.message for error in validator.iter_errors(as_json(plain(file)))] == [], file


#: What only a look at several keys together, or at other files, can tell.
BEYOND = (
    *("conflict", "unknown-", "too-many", "fleet", "gpus-need", "beyond", "outside", "bad-order", "bad-shares"),
    *(
        "machines-twice",
        "bad-csv",
        "csv-of",
        "csv-misread",
        "series-outside",
        "missing-c",
        "no-megawatts",
        "bad-meanwhile",
        "no-rent",
        "prepayment",
        "duplicate",
    ),
    *("scale-of-nothing", "set-on", "free-all", "growth-out", "meanwhile-", "term-not"),
    *("bad-requirement", "requirement-of-nothing", "world", "default-outside", "headline-plan"),
    *("bad-instalments", "debt-above-cost", "negative-principal", "no-deal", "no-size", "nothing-to-finance"),
    *("sculpted-beyond", "shares-over-cost"),
)


@pytest.mark.parametrize("file", sorted(BAD.glob("*.yaml")), ids=lambda path: path.stem)
def test_it_refuses_what_it_can(schema: dict[str, Any], file: Path) -> None:
    valid = jsonschema.Draft202012Validator(schema).is_valid(as_json(plain(file)))
    seen = file.stem in ("unknown-kind", "unknown-key-beside-uses")
    assert valid == (file.stem.startswith(BEYOND) and not seen)


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("extends: base.yaml\nplans: {lease: , mine: {pue_ratio: 1.1, uptime_fraction: }}", True),
        ("extends: base.yaml\nplans: {mine: {pue: 1.1}}", False),
        ("extends: base.yaml\nplans: {mine: {pue_ratio: 0.1}}", False),
        ("extends: [base.yaml]", False),
        ("define: {f: {kind: x}}\nplans: {a: {extends: f}, b: {uses: {c: {extends: f}}}}", True),
        ("name: x\nsite: {gross_mw: 5}\nplans: {a: {extends: f}}", False),
        ("name: x\nplans: {a: }", False),
    ],
)
def test_files_that_extend_others_or_define_may_leave_out_and_empty(
    schema: dict[str, Any], text: str, valid: bool
) -> None:
    data = yaml.safe_load(text)
    assert jsonschema.Draft202012Validator(schema).is_valid(data) == valid


#: Keys of a site that hold keys of their own.
BLOCKS = {"coincident_peaks", "curtailment_obligation", "demand_response", "power_contract"}


def test_every_number_has_its_unit_range_and_help(schema: dict[str, Any]) -> None:
    sites = schema["properties"]["site"]
    while "$ref" in sites:
        sites = schema["$defs"][sites["$ref"].rsplit("/", 1)[-1]]
    for name, field in sites["properties"].items():
        if name == "extends":
            continue
        assert field["description"]
        assert (unit_of(name) is None) == (name in BLOCKS)
    assert sites["properties"]["gross_mw"]["minimum"] == 1e-6


def test_it_is_json_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("minecalc.schema.file_schema.file_schema", cache(file_schema))  # made once for all of these
    plain = run("schema")
    for same in (("--format", "json"), ("--output", "-"), ("-o", "-", "--format", "json")):
        assert run("schema", *same) == plain
    named = run("schema", "--format", "json", "--output", tmp_path / "schema")
    assert (named.code, (tmp_path / "schema").read_bytes().decode()) == (0, plain.out)
    for refused in (("--format", "csv"), ("--output", tmp_path / "schema.md"), ("-o", "-", "--format", "terminal")):
        done = run("schema", *refused)
        assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
        assert done.err.startswith("minecalc: a JSON Schema is no ")
    assert [file.name for file in tmp_path.iterdir()] == ["schema"]


def test_it_may_go_to_a_file(tmp_path: Path, schema: dict[str, Any]) -> None:
    file = tmp_path / "scenario.schema.json"
    done = run("schema", "--output", file)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert json.loads(file.read_bytes()) == schema
    assert list(tmp_path.iterdir()) == [file]
