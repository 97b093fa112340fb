"""Files that extend files, and what is defined once: the tree that comes of them, its places, and its limits."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from minecalc.schema.composing import MOST_FILES, Composed, Surroundings, composed
from minecalc.schema.node import Node
from minecalc.schema.parsing import DEEPEST, MOST_VALUES, parse

from .test_choosing import alternatives_at


def read(file: Path, around: Surroundings | None = None) -> Composed:
    node, problems = parse(file.read_bytes(), str(file))
    assert node is not None
    assert problems == []
    return composed(node, str(file), around or Surroundings(file.parent), alternatives_at)


def data(file: Path) -> Any:
    found = read(file)
    assert list(found.problems) == []
    assert found.node is not None
    return found.node.plain_data()


def written(folder: Path, **texts: str) -> Path:
    """Files of these names; the first."""
    files = [folder / f"{name.replace('__', '/')}.yaml" for name in texts]
    for file, text in zip(files, texts.values(), strict=True):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    return files[0]


def refused(file: Path, around: Surroundings | None = None) -> tuple[str, str, int, int]:
    """File, code, line and column of the only problem; no tree comes of it."""
    found = read(file, around)
    assert found.node is None
    (problem,) = found.problems
    assert problem.mark is not None
    return Path(problem.file).name, problem.code, problem.mark.line, problem.mark.column


def test_a_file_is_laid_over_the_one_it_extends_over_several_levels(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        site="extends: country.yaml\nx: {a: 3}",
        country="extends: all.yaml\nx: {b: 2}\ny:",
        all="x: {a: 1, c: 1}\ny: 1\nz: 1",
    )
    assert data(file) == {"x": {"a": 3, "b": 2, "c": 1}, "z": 1}


def test_what_was_read_is_listed_with_checksums_and_need_not_be_read_again(tmp_path: Path) -> None:
    file = written(tmp_path, own="extends: sub/base.yaml\nx: 1", sub__base="extends: ../all.yaml\ny: 1", all="z: 1")
    found = read(file)
    assert [Path(one.name).relative_to(tmp_path).as_posix() for one in found.files] == ["sub/base.yaml", "all.yaml"]
    assert [one.sha256 for one in found.files] == [
        hashlib.sha256(Path(one.name).read_bytes()).hexdigest() for one in found.files
    ]
    for one in found.files:
        Path(one.name).unlink()
    again = read(file, Surroundings(tmp_path, known={one.name: one.data for one in found.files}))
    assert again.files == found.files
    assert again.node is not None
    assert again.node.plain_data() == {"x": 1, "y": 1, "z": 1}


def test_csv_files_are_looked_up_from_the_folder_of_the_text_that_names_them(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        own="extends: sub/base.yaml\nx: {csv: own.csv, column: a}",
        sub__base="extends: ../all.yaml\ny: [{csv: b.csv}]\nabsolute: {csv: /b.csv}",
        all="z: {csv: c.csv}",
    )
    found = data(file)
    names = [found["x"]["csv"], found["y"][0]["csv"], found["z"]["csv"], found["absolute"]["csv"]]
    assert [(tmp_path / name).resolve() for name in names[:3]] == [
        tmp_path / "own.csv",
        tmp_path / "sub/b.csv",
        tmp_path / "c.csv",
    ]
    assert names[3] == "/b.csv"


def test_definitions_are_written_out_with_own_keys_over_them(tmp_path: Path) -> None:
    text = """\
define:
  fleet: {kind: mine, rate: 2, terms: {a: 1, b: 1}}
  large fleet: {extends: fleet, rate: 9}
plans:
  one: {extends: fleet}
  two: {uses: {x: {extends: large fleet, terms: {b: 2}, kind: }}}
  three: {extends: fleet, kind: lease}
"""
    assert data(written(tmp_path, own=text)) == {
        "plans": {
            "one": {"kind": "mine", "rate": 2, "terms": {"a": 1, "b": 1}},
            "two": {"uses": {"x": {"rate": 9, "terms": {"a": 1, "b": 2}}}},
            "three": {"kind": "lease"},
        }
    }


def test_definitions_of_all_files_are_one_table_in_which_the_extending_file_has_the_last_word(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        own="""\
extends: base.yaml
define: {fleet: {rate: 3}, other: {rate: 7}}
plans: {b: {extends: fleet}, c: {extends: other}}
""",
        base="define: {fleet: {kind: mine, rate: 2}}\nplans: {a: {extends: fleet, x: 1}, c: {kind: mine, y: 1}}",
    )
    fleet = {"kind": "mine", "rate": 3}
    assert data(file) == {"plans": {"a": {**fleet, "x": 1}, "b": fleet, "c": {"rate": 7}}}


def test_alternatives_are_chosen_where_a_definition_is_used(tmp_path: Path) -> None:
    text = """\
define: {m: {price: 6, network: {start: 1, growth: 0}}}
market: {extends: m, direct: 40}
scaled: {extends: m, network: {steps: {2027-01: 3}}}
"""
    assert data(written(tmp_path, own=text)) == {
        "market": {"direct": 40},
        "scaled": {"price": 6, "network": {"steps": {"2027-01": 3}}},
    }


def test_values_keep_their_places(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        own="extends: base.yaml\nplans: {a: {rate: 3}}",
        base="define:\n  fleet: {kind: mine,\n   rate: 2}\nplans: {a: {extends: fleet}}",
    )
    node = read(file).node
    assert node is not None

    def place(*path: str) -> tuple[str, int, int]:
        found = node.find(path)
        return Path(found.source.name).name, found.mark.line, found.mark.column

    assert place("plans", "a", "kind") == ("base.yaml", 2, 17)
    assert place("plans", "a", "rate") == ("own.yaml", 2, 19)
    assert place("plans", "a") == ("own.yaml", 2, 12)


def test_what_lies_under_everything(tmp_path: Path) -> None:
    file = written(tmp_path, own="extends: base.yaml", base="market: {price: 1}")
    below = list[Node]()
    for text in (b"market: {price: 2, network: 2}", b"market: {network: 3, fee: 3}"):
        node, _ = parse(text, "m.yaml")
        assert node is not None
        below.append(node)
    found = read(file, Surroundings(tmp_path, below=below)).node
    assert found is not None
    assert found.plain_data() == {"market": {"price": 1, "network": 2, "fee": 3}}


def test_a_circle_is_refused_with_its_chain(tmp_path: Path) -> None:
    file = written(tmp_path, a="extends: b.yaml", b="x: 1\nextends: c.yaml", c="extends: ./b.yaml")
    assert refused(file) == ("c.yaml", "circle", 1, 10)
    assert str(read(file).problems[0].message).endswith(
        f"{tmp_path}/b.yaml extends {tmp_path}/c.yaml extends {tmp_path}/b.yaml"
    )
    (tmp_path / "link.yaml").symlink_to(file)
    assert refused(written(tmp_path, a="extends: link.yaml")) == ("a.yaml", "circle", 1, 10)


def test_a_chain_of_files_has_an_end(tmp_path: Path) -> None:
    file = written(tmp_path, **{f"f{n}": f"extends: f{n + 1}.yaml" for n in range(1000)})
    assert refused(file) == (f"f{MOST_FILES - 1}.yaml", "too-deep", 1, 10)
    (tmp_path / f"f{MOST_FILES - 1}.yaml").write_text("x: 1")
    assert data(file) == {"x": 1}


def test_a_chain_of_definitions_has_an_end(tmp_path: Path) -> None:
    lines = "".join(f" d{n}: {{extends: d{n + 1}}}\n" for n in range(1000))
    assert refused(written(tmp_path, own=f"define:\n{lines}x: {{extends: d0}}"))[:3] == (
        "own.yaml",
        "too-deep",
        DEEPEST + 1,
    )
    nested = "".join(f" d{n}: {{x: {{extends: d{n + 1}}}}}\n" for n in range(1000))
    assert refused(written(tmp_path, own=f"define:\n{nested}x: {{extends: d0}}"))[1] == "too-deep"


def test_what_comes_of_all_texts_has_a_size(tmp_path: Path) -> None:
    laughs = "".join(f" d{n}: {{{', '.join(f'k{k}: {{extends: d{n + 1}}}' for k in range(9))}}}\n" for n in range(9))
    assert refused(written(tmp_path, own=f"define:\n{laughs} d9: {{a: 1}}\nx: {{extends: d0}}"))[1] == "too-many-values"
    half = "[" + "1, " * (MOST_VALUES * 2 // 3) + "]"
    file = written(tmp_path, own=f"extends: base.yaml\nx: {half}", base=f"y: {half}")
    assert refused(file)[:2] == ("base.yaml", "too-many-values")


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ("5", "bad-extends"),
        ("[a.yaml]", "bad-extends"),
        ("", "bad-extends"),
        ("none.yaml", "unreadable"),
        (".", "unreadable"),
        ('"a\\0"', "bad-extends"),
    ],
)
def test_what_names_no_file_is_refused_where_it_stands(tmp_path: Path, named: str, code: str) -> None:
    assert refused(written(tmp_path, own=f"x: 1\nextends: {named}"))[:3] == ("own.yaml", code, 2)


def test_a_misspelt_file_is_answered_by_a_near_one(tmp_path: Path) -> None:
    file = written(tmp_path, own="extends: contry.yaml", country="x: 1")
    assert read(file).problems[0].help == "did you mean country.yaml?"
    far = written(tmp_path, own="extends: nosuch.yaml", u="x: 1")
    assert read(far).problems[0].help.startswith("the name is relative to"), "that both are YAML is no likeness"


def test_what_is_wrong_with_an_extended_text_stands_there(tmp_path: Path) -> None:
    assert refused(written(tmp_path, own="extends: base.yaml", base="x: [1\ny: 2"))[:2] == ("base.yaml", "syntax")
    assert [one.code for one in read(written(tmp_path, own="extends: base.yaml", base="x: 1\nx: 2")).problems] == [
        "duplicate-key"
    ]


def test_confined_to_the_folder_of_the_first_text(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    file = written(tmp_path / "in", own="extends: base.yaml", base="extends: ../out.yaml")
    written(tmp_path, out="x: 1")
    assert data(file) == {"x": 1}
    confined = Surroundings(file.parent, confined=True)
    assert refused(file, confined) == ("base.yaml", "outside-folder", 1, 10)
    (tmp_path / "in" / "link.yaml").symlink_to(tmp_path / "out.yaml")
    assert refused(written(tmp_path / "in", own="extends: link.yaml"), confined)[1] == "outside-folder"
