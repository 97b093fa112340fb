"""Conditions as texts: what they mean, and what is said, where, of those that mean nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.schema.expressions import (
    DEEPEST,
    Arithmetic,
    Comparison,
    Condition,
    ExpressionError,
    Logic,
    Name,
    Number,
    Quantity,
    names,
    parse,
)


def shape(node: Condition | Quantity) -> str:
    """A tree with all its brackets, without places."""
    match node:
        case Number(value):
            return f"{value:g}"
        case Name(parts):
            return "/".join(parts)
        case Comparison(operators, operands):
            told = [shape(operands[0]), *(f"{o} {shape(x)}" for o, x in zip(operators, operands[1:], strict=True))]
            return f"({' '.join(told)})"
        case Arithmetic(operator, operands) | Logic(operator, operands):
            return f"{operator}({', '.join(map(shape, operands))})"


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("a > 0", "(a > 0)"),
        ("a<b", "(a < b)"),
        ("0 < a <= b != 3 == 3 >= c", "(0 < a <= b != 3 == 3 >= c)"),
        ("a - b - c > d / e / f", "(-(-(a, b), c) > /(/(d, e), f))"),
        ("a + b * c > (a + b) * c", "(+(a, *(b, c)) > *(+(a, b), c))"),
        ("-a * b > - -1", "(*(negative(a), b) > negative(negative(1)))"),
        ("a - -b > 0", "(-(a, negative(b)) > 0)"),
        ("min(a, 2, b + 1) < max(a, -1) * abs(b - c)", "(min(a, 2, +(b, 1)) < *(max(a, negative(1)), abs(-(b, c))))"),
        ("a > 0 and b > 0 and c > 0", "and((a > 0), (b > 0), (c > 0))"),
        ("a > 0 or b > 0 and c > 0", "or((a > 0), and((b > 0), (c > 0)))"),
        ("(a > 0 or b > 0) and c > 0", "and(or((a > 0), (b > 0)), (c > 0))"),
        ("not a > 0 and not not b > 0", "and(not((a > 0)), not(not((b > 0))))"),
        ("not (a > 0 or b > 0)", "not(or((a > 0), (b > 0)))"),
        ("((a)) > ((1))", "(a > 1)"),
        ("\ta\n>  0 ", "(a > 0)"),
        ("x > 1e6", "(x > 1e+06)"),
        ("x > 1_000_000", "(x > 1e+06)"),
        ("x > .5e-3", "(x > 0.0005)"),
        ("x > 2.", "(x > 2)"),
        ("plans.lease.npv_usd > 0", "(plans/lease/npv_usd > 0)"),
        (
            'plans."keep mining".npv_usd > plans.\'say "v1.2"\'.npv_usd',
            '(plans/keep mining/npv_usd > plans/say "v1.2"/npv_usd)',
        ),
        ("plans.2027.npv_usd > Größe.é", "(plans/2027/npv_usd > Größe/é)"),
        ("'and'.x > min.y", "(and/x > min/y)"),
        ("plans.and.or > not_a.b", "(plans/and/or > not_a/b)"),
    ],
)
def test_meaning(text: str, meaning: str) -> None:
    assert shape(parse(text)) == meaning


@pytest.mark.parametrize(
    ("text", "marked", "message", "advice"),
    [
        ("", "", "a condition is missing", "write one such as site.gross_mw <= 60"),
        ("  ", " ", "a condition is missing", "write one such as site.gross_mw <= 60"),
        ("a.b", "a.b", "a.b is a number, not a condition", "compare it: a.b > 0"),
        ("a > 0 and b * 2", "b * 2", "b * 2 is a number, not a condition", "compare it: b * 2 > 0"),
        ("not a", "a", "a is a number, not a condition", "compare it: a > 0"),
        ("(a > 0) == (b > 0)", "a > 0", "a > 0 is a condition where a number belongs", ""),
        ("1 + (a > 0) > 0", "a > 0", "a > 0 is a condition where a number belongs", ""),
        ("-(a > 0) > 0", "a > 0", "a > 0 is a condition where a number belongs", ""),
        ("max(a > 0, 2) > 0", "a > 0", "a > 0 is a condition where a number belongs", ""),
        ("a >", ">", "a number or a name is missing after >", ""),
        ("> 3", ">", "a number or a name is missing before >", ""),
        ("a ** 2 > 0", "*", "a number or a name is missing before *", ""),
        ("min() > 0", ")", "a number or a name is missing before )", ""),
        ("max(3) > 0", "max(3)", "max takes two numbers or more", ""),
        ("abs(1, 2) > 0", "abs(1, 2)", "abs takes one number", ""),
        ("sqrt(4) > 0", "sqrt", "there is no function sqrt", "there are abs, max, min"),
        ("(a > 0", "(", "this bracket is not closed", ""),
        ("min(a, 2 > 0", "2 > 0", "2 > 0 is a condition where a number belongs", ""),
        ("a > 0)", ")", "this bracket closes nothing", ""),
        ("(a b) > 0", "b", "an operator is missing between a and b", "a name that is no plain word stands in quotes"),
        (
            "keep mining.x > 0",
            "mining.x",
            "an operator is missing between keep and mining.x",
            "a name that is no plain word stands in quotes",
        ),
        ("a > 0 AND b > 0", "AND", "an operator is missing between 0 and AND", "write and in small letters"),
        ("Not a > 0", "a", "an operator is missing between Not and a", "write not in small letters"),
        (
            "a > 1,000",
            ",",
            "this comma separates nothing",
            "only min and max take several numbers, and a number has no comma in it",
        ),
        ("a = 3", "=", "= means nothing here", "write == for equal, <= and >= with the equals sign last"),
        ("a => 3", "=", "= means nothing here", "write == for equal, <= and >= with the equals sign last"),
        ("a > 12%", "%", "% means nothing here", "write a share as a fraction: 0.12 for 12%"),
        ("a > $3", "$", "$ means nothing here", "write amounts as plain numbers"),
        ("a >= b && c > 1", "&", "& means nothing here", "write and"),
        ("!a > 1", "!", "! means nothing here", "write not"),
        ("a ≥ 1", "≥", "≥ means nothing here", "write >="),
        ('"a > 1', '"', '" means nothing here', "close the quotes"),
        ("a. > 1", ".", ". means nothing here", "a name goes on right after its dot: site.gross_mw"),
        ("a > [1]", "[", "[ means nothing here", ""),
        ("a > 0045", "0045", "0045 is not a number", "a leading zero is ambiguous; write 45"),
        ("a > 40mw", "40mw", "40mw is not a number", "leave the unit out"),
        ("a > 1e400", "1e400", "1e400 is not a number", "the number is too large or too small to calculate with"),
        ("a > 1.2.3", "1.2.3", "1.2.3 is not a number", ""),
    ],
)
def test_mistake(text: str, marked: str, message: str, advice: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    error = caught.value
    assert (text[error.span.begin : error.span.end], str(error), error.advice) == (marked, message, advice)


def test_every_part_knows_its_place() -> None:
    text = "not (plans.a.x + 2) * 3 >= 'b c'.y and abs(-z) < 1"
    condition = parse(text)
    assert isinstance(condition, Logic)
    denied, second = condition.operands
    assert isinstance(denied, Logic)
    assert isinstance(second, Comparison)
    (first,) = denied.operands
    assert isinstance(first, Comparison)
    written = [text[node.span.begin : node.span.end] for node in (denied, first, *first.operands, *second.operands)]
    assert written == [
        "not (plans.a.x + 2) * 3 >= 'b c'.y",
        "(plans.a.x + 2) * 3 >= 'b c'.y",
        "(plans.a.x + 2) * 3",
        "'b c'.y",
        "abs(-z)",
        "1",
    ]
    assert [name.parts for name in names(condition)] == [("plans", "a", "x"), ("b c", "y"), ("z",)]


@pytest.mark.parametrize(("opening", "closing"), [("(", ")"), ("-", ""), ("not ", ""), ("abs(", ")")])
def test_nesting_has_an_end_long_before_the_stack_has(opening: str, closing: str) -> None:
    def nested(levels: int) -> str:
        within = "a > 0" if opening == "not " else "a"
        inner = opening * levels + within + closing * levels
        return inner if opening == "not " else f"{inner} > 0"

    assert list(names(parse(nested(DEEPEST - 2))))
    for levels in (DEEPEST + 1, 100_000):
        with pytest.raises(ExpressionError, match=f"nested more than {DEEPEST} levels deep"):
            parse(nested(levels))


@given(st.text(alphabet="ab.'\" 0123456789e_+-*/<>=!(),%ornotd|é\u2028", max_size=40))
def test_any_text_is_a_condition_or_refused_at_a_place_in_it(text: str) -> None:
    try:
        condition = parse(text)
    except ExpressionError as error:
        begin, end = error.span
        assert 0 <= begin <= end <= len(text)
        assert begin < end or not text
    else:
        assert isinstance(condition, Comparison | Logic)
