from __future__ import annotations

from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from minecalc.schema.diagnostics import COMMAND_LINE, Diagnostic, Mark, Path, Problem
from minecalc.schema.fields import Inputs, anything, number, text, whole
from minecalc.schema.node import Node
from minecalc.schema.overrides import apply
from minecalc.schema.parsing import parse
from minecalc.schema.validate import failed, locate, moved, refused, validate, validate_data


class Lease(Inputs):
    rent_usd: float = number(low=0, high=100, help="rent", example="50")
    term_months: int = whole(low=1, high=600, default=120, help="term")


class Free(Inputs):
    reason: str = text(help="why it is free")


def lease_or_free(data: Any) -> Lease | Free:
    chosen: type[Lease] | type[Free] = Free if "reason" in data else Lease
    value, problems = validate_data(data, chosen)
    if value is None:
        raise failed(problems)
    return value


class Site(Inputs):
    gross_mw: float = number(low=1, high=100, help="power", example="50")
    either: float | dict[str, float] = anything(default=1.0, low=0, high=5, help="either")
    leases: dict[str, Lease] = anything(default={}, help="leases")
    chosen: Lease | Free | None = anything(default=None, help="chosen by its keys")
    steps: list[Lease] = anything(default=[], help="steps")
    odd_count: int = whole(default=1, help="an odd number")

    @field_validator("chosen", mode="before")
    @classmethod
    def _chosen(cls, data: Any) -> Any:
        return lease_or_free(data) if isinstance(data, dict) else data

    @field_validator("odd_count")
    @classmethod
    def _odd(cls, count: int, info: ValidationInfo) -> int:
        if count == 13:
            raise ValueError("13 brings bad luck")
        if count % 2 == 0:
            raise refused((), "not-odd", f"{info.field_name} is even", "add 1")
        return count


def tree(yaml: str) -> Node:
    node, problems = parse(yaml.encode(), "a.yaml")
    assert not problems
    assert node is not None
    return node


def problems_of(data: object) -> list[tuple[Path, str, str]]:
    site, problems = validate_data(data, Site)
    assert (site is None) == bool(problems)
    return [(found.at, found.code, found.help) for found in problems]


def test_valid() -> None:
    site, diagnostics = validate(tree("gross_mw: 50\nleases: {a: {rent_usd: 1}}\n"), Site)
    assert diagnostics == []
    assert site == Site(gross_mw=50, leases={"a": Lease(rent_usd=1)})


def test_all_problems_at_once_in_file_order() -> None:
    yaml = "steps: [{rent_usd: 1}, {rent_usd: -1}]\ncolour: 1\ngross_mw: .nan\n"
    yaml += "leases:\n  a: {term_months: 1.5}\n"
    _, diagnostics = validate(tree(yaml), Site)
    assert [(found.code, found.mark, found.path) for found in diagnostics] == [
        ("out-of-range", Mark(1, 35, 2), ("steps", 1, "rent_usd")),
        ("unknown-key", Mark(2, 1, 6), ("colour",)),
        ("not-a-number", Mark(3, 11, 4), ("gross_mw",)),
        ("missing-key", Mark(5, 3, 1), ("leases", "a", "rent_usd")),
        ("not-whole", Mark(5, 20, 3), ("leases", "a", "term_months")),
    ]


def test_problems_of_a_chosen_class_are_found_below_it() -> None:
    assert problems_of({"gross_mw": 5, "chosen": {"rent_usd": 500, "x": 1}}) == [
        (("chosen", "rent_usd"), "out-of-range", ""),
        (("chosen", "x"), "unknown-key", "keys here: rent_usd, term_months"),
    ]
    site, _ = validate_data({"gross_mw": 5, "chosen": {"reason": "goodwill"}}, Site)
    assert site is not None
    assert site.chosen == Free(reason="goodwill")


def test_paths_start_where_the_caller_says() -> None:
    _, problems = validate_data({"gross_mw": 0}, Site, ("sites", 2))
    assert [found.at for found in problems] == [("sites", 2, "gross_mw")]
    assert moved(Problem(("b",), "c", "m"), ("a",)).at == ("a", "b")


def test_a_union_complains_once() -> None:
    assert problems_of({"gross_mw": 5, "either": "8%"}) == [(("either",), "not-a-number", "leave the % out")]
    assert problems_of({"gross_mw": 5, "either": {"a": "x"}}) == [
        (("either",), "not-a-number", ""),
        (("either", "a"), "not-a-number", ""),
    ]


def test_missing_keys() -> None:
    assert problems_of({}) == [(("gross_mw",), "missing-key", "power; in MW; for example gross_mw: 50")]
    _, problems = validate_data({"gross_mw": 5, "chosen": {"term_months": 1}}, Site)
    assert problems[0].message == "rent_usd is missing"


def test_a_misspelt_key_is_not_also_missing() -> None:
    assert problems_of({"gross-mw": 50}) == [(("gross-mw",), "unknown-key", "did you mean gross_mw?")]


@pytest.mark.parametrize(
    ("key", "advice"),
    [
        ("Gross MW", "did you mean gross_mw?"),
        ("gros_mw", "did you mean gross_mw?"),
        ("gross", "did you mean gross_mw?"),
        ("gross\u200b_mw\u00a0", "did you mean gross_mw?"),
        ("lease", "did you mean leases?"),
        ("odd_usd", "did you mean odd_count?"),
        ("gross_mw:50", "a space is needed after the colon: gross_mw: 50"),
        ("colour", "keys here: chosen, either, gross_mw, leases, odd_count, steps"),
        ("x" * 10_000, "keys here: chosen, either, gross_mw, leases, odd_count, steps"),
    ],
)
def test_unknown_key(key: str, advice: str) -> None:
    assert problems_of({"gross_mw": 5, key: 1}) == [((key,), "unknown-key", advice)]


def test_thousands_of_unknown_keys() -> None:
    found = problems_of({"gross_mw": 5} | {f"gross_mw{i}": i for i in range(5_000)})
    assert len(found) == 5_000
    assert found[0][2] == "did you mean gross_mw?"
    assert found[-1][2].startswith("keys here")


def test_errors_of_validators() -> None:
    assert problems_of({"gross_mw": 5, "odd_count": 2}) == [(("odd_count",), "not-odd", "add 1")]
    _, problems = validate_data({"gross_mw": 5, "odd_count": 13}, Site)
    assert problems == [Problem(("odd_count",), "bad-value", "13 brings bad luck")]


def test_a_member_of_a_list_is_told_the_range_that_it_must_lie_in() -> None:
    class Shares(Inputs):
        shares: tuple[Annotated[float, Field(ge=0, le=1)], ...] = anything(help="shares")

    _, problems = validate_data({"shares": [-0.01, 2, 0.5]}, Shares)
    assert [problem.code for problem in problems] == ["out-of-range"] * 2
    assert [problem.message for problem in problems] == [
        "shares[0] is -0.01; it must be at least 0",
        "shares[1] is 2; it must be at most 1",
    ]


def test_a_name_without_a_letter_is_called_a_name() -> None:
    class Named(Inputs):
        loans: dict[Annotated[str, Field(min_length=1)], int] = anything(help="loans")

    _, (problem,) = validate_data({"loans": {"": 1}}, Named)
    assert problem.message == "the name has 0 characters; it must have at least 1"


def test_an_error_of_pydantic_that_we_have_no_words_for() -> None:
    class Pattern(Inputs):
        word: str = anything(help="word", default="a")

        @field_validator("word")
        @classmethod
        def _never(cls, word: str) -> str:
            raise PydanticCustomError("strange", "this is strange")

    _, problems = validate_data({"word": "b"}, Pattern)
    assert problems == [Problem(("word",), "bad-value", 'word is "b": this is strange')]


@pytest.mark.parametrize("data", [5, None, "gross_mw:5", [1]])
def test_no_mapping(data: object) -> None:
    _, problems = validate_data(data, Site)
    assert [found.code for found in problems] == ["wrong-type"]
    assert problems[0].message.startswith("the file ")


def test_locate() -> None:
    root, _ = apply(tree("a:\n  b: [1, 2]\n"), ["a.c=5"])
    problems = [
        Problem(("a", "c"), "set", "m"),
        Problem(("a", "b", 1), "value", "m"),
        Problem(("a", "b"), "key", "m", key=True),
        Problem(("a", "x"), "missing-key", "m"),
        Problem((), "root", "m", "help"),
    ]
    line_1, line_2 = "a:", "  b: [1, 2]"
    assert locate(problems, root) == [
        Diagnostic("a.yaml", Mark(1, 1, 1), "error", "missing-key", "m", "", line_1, ("a", "x")),
        Diagnostic("a.yaml", Mark(1, 1, 1), "error", "root", "m", "help", line_1, ()),
        Diagnostic("a.yaml", Mark(2, 3, 1), "error", "key", "m", "", line_2, ("a", "b")),
        Diagnostic("a.yaml", Mark(2, 10, 1), "error", "value", "m", "", line_2, ("a", "b", 1)),
        Diagnostic(COMMAND_LINE, Mark(1, 5, 1), "error", "set", "m", "", "a.c=5", ("a", "c")),
    ]


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["gross_mw", "either", "leases", "chosen", "steps", "rent_usd", "reason", "?"]),
            inner,
        )
    ),
    max_leaves=10,
)


@given(JUNK)
def test_any_data(data: object) -> None:
    site, problems = validate_data(data, Site)
    assert (site is None) == bool(problems)
    for found in problems:
        assert "\n" not in found.message
