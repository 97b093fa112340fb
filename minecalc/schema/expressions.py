"""Conditions on named numbers, such as ``plans.lease.npv_usd > 0 and not site.gross_mw > 60``: text -> tree.

    condition   comparisons joined by and, or, not (not binds tighter than and, and than or)
    comparison  a < b, also <= > >= == != and chains such as 0 < a <= 5
    number      names, numbers as in YAML 1.2, + - * /, a minus in front, min(..) max(..) abs(..), brackets

A name is a dotted path; a part that is no plain word stands in quotes: ``plans."keep mining".npv_usd``. What the names
mean is not known here. Nothing is ever executed, and texts that nest deeper than any reader follows are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple, cast

from minecalc.schema.names import split_path
from minecalc.schema.scalars import resolve, why_not_a_number

#: How deep brackets, functions and minus signs may nest.
DEEPEST = 20

FUNCTIONS = ("abs", "max", "min")
_COMPARING = ("<", "<=", ">", ">=", "==", "!=")

#: How tightly an operator holds its operands.
_TIGHTNESS = {"or": 1, "and": 2} | dict.fromkeys(_COMPARING, 4) | {"+": 5, "-": 5, "*": 6, "/": 6}
_TIGHTNESS_OF_NOT, _TIGHTNESS_OF_MINUS = 3, 7

_QUOTED = r"""|"(?:[^"]|"")*"|'[^']*'"""
_TOKEN = re.compile(
    r"(?P<number>\.?\d(?:[eE][-+]?\d|[\w.])*)"
    rf"|(?P<name>(?:[^\W\d]\w*{_QUOTED})(?:\.(?:\w+|\*(?=\.){_QUOTED}))*)"
    r"|(?P<sign><=|>=|==|!=|[-+*/<>(),])"
)

#: What to write instead of what is no part of the language.
_INSTEAD = {
    "=": "write == for equal, <= and >= with the equals sign last",
    "&": "write and",
    "|": "write or",
    "!": "write not",
    "≥": "write >=",
    "≤": "write <=",
    "≠": "write !=",
    "−": "write a plain minus sign: -",
    "×": "write *",
    "÷": "write /",
    "$": "write amounts as plain numbers",
    "%": "write a share as a fraction: 0.12 for 12%",
    ".": "a name goes on right after its dot: site.gross_mw",
    '"': "close the quotes",
    "'": "close the quotes",
}


class Span(NamedTuple):
    """A stretch of the text: from character ``begin``, counted from 0, up to and without ``end``."""

    begin: int
    end: int


class Number(NamedTuple):
    """A number as it is written."""

    value: float
    span: Span


class Name(NamedTuple):
    """A dotted path, by parts, quotes removed."""

    parts: tuple[str, ...]
    span: Span


class Arithmetic(NamedTuple):
    """``operator`` is one of ``+ - * /`` with two operands, ``negative`` and ``abs`` with one, ``min`` or ``max``."""

    operator: str
    operands: tuple[Quantity, ...]
    span: Span


class Comparison(NamedTuple):
    """``operands[0] operators[0] operands[1] ...``: each neighbouring pair is compared, and all must hold."""

    operators: tuple[str, ...]
    operands: tuple[Quantity, ...]
    span: Span


class Logic(NamedTuple):
    """``and`` and ``or`` with two or more operands, ``not`` with one."""

    operator: Literal["and", "or", "not"]
    operands: tuple[Condition, ...]
    span: Span


Quantity = Number | Name | Arithmetic
Condition = Comparison | Logic


class ExpressionError(ValueError):
    """A text is no condition: what is wrong, where, and what to write instead (or "")."""

    def __init__(self, message: str, span: Span, advice: str = "") -> None:
        super().__init__(message)
        self.span = span
        self.advice = advice


def parse(text: str) -> Condition:
    """The condition that ``text`` writes. Raises ExpressionError."""
    return _Parser(text).whole()


def names(node: Condition | Quantity) -> Iterator[Name]:
    """Every name in a tree, in the order of the text."""
    match node:
        case Name():
            yield node
        case Arithmetic(operands=operands) | Comparison(operands=operands) | Logic(operands=operands):
            for operand in operands:
                yield from names(operand)
        case Number():
            pass


class _Token(NamedTuple):
    """``kind`` is number, name, sign or end; a word such as ``and`` is a sign unless it is quoted."""

    kind: str
    text: str
    span: Span


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        match = _TOKEN.match(text, at)
        if match is None:
            raise ExpressionError(f"{text[at]} means nothing here", Span(at, at + 1), _INSTEAD.get(text[at], ""))
        word = match[0] in ("and", "or", "not")
        yield _Token("sign" if word else str(match.lastgroup), match[0], Span(*match.span()))
        at = match.end()
    yield _Token("end", "", Span(max(0, len(text) - 1), len(text)))


class _Parser:
    """Precedence climbing over the tokens; every step takes at least one of them."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._next = 0
        self._depth = 0

    def whole(self) -> Condition:
        """The whole text as one condition."""
        if self._token.kind == "end":
            raise ExpressionError("a condition is missing", self._token.span, "write one such as site.gross_mw <= 60")
        found = self._expression(0)
        if self._token.text == ")":
            raise ExpressionError("this bracket closes nothing", self._token.span)
        if self._token.text == ",":
            advice = "only min and max take several numbers, and a number has no comma in it"
            raise ExpressionError("this comma separates nothing", self._token.span, advice)
        if self._token.kind != "end":
            raise self._missing_operator()
        return self._condition(found)

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._token
        self._next += 1
        return token

    def _expression(self, looser: int) -> Condition | Quantity:
        """An operand and all operators after it that hold it tighter than ``looser``."""
        self._depth += 1
        if self._depth > DEEPEST:
            advice = "write it as several requirements"
            raise ExpressionError(f"nested more than {DEEPEST} levels deep", self._token.span, advice)
        begin = self._token.span.begin
        left = self._operand()
        while self._token.kind == "sign" and _TIGHTNESS.get(self._token.text, 0) > looser:
            left = self._joined(left, self._token.text, begin)
        self._depth -= 1
        return left

    def _joined(self, left: Condition | Quantity, operator: str, begin: int) -> Condition | Quantity:
        """``left``, which begins at ``begin``, with the operator that comes next and its other operands."""
        tightness = _TIGHTNESS[operator]
        if operator in ("and", "or"):
            conditions = [self._condition(left)]
            while self._token.text == operator:
                self._take()
                conditions.append(self._condition(self._expression(tightness)))
            word = cast(Literal["and", "or"], operator)
            return Logic(word, tuple(conditions), self._since(begin))
        if operator in _COMPARING:
            quantities, operators = [self._quantity(left)], list[str]()
            while self._token.text in _COMPARING:
                operators.append(self._take().text)
                quantities.append(self._quantity(self._expression(tightness)))
            return Comparison(tuple(operators), tuple(quantities), self._since(begin))
        self._take()
        first, second = self._quantity(left), self._quantity(self._expression(tightness))
        return Arithmetic(operator, (first, second), self._since(begin))

    def _operand(self) -> Condition | Quantity:
        token = self._take()
        match token:
            case _Token("number"):
                return self._number(token)
            case _Token("name") if self._token.text == "(":
                return self._call(token)
            case _Token("name"):
                return Name(tuple(split_path(token.text)), token.span)
            case _Token("sign", "("):
                inner = self._expression(0)
                self._close(token)
                return inner
            case _Token("sign", "-"):
                of = self._quantity(self._expression(_TIGHTNESS_OF_MINUS))
                return Arithmetic("negative", (of,), self._since(token.span.begin))
            case _Token("sign", "not"):
                denied = self._condition(self._expression(_TIGHTNESS_OF_NOT))
                return Logic("not", (denied,), self._since(token.span.begin))
            case _:
                raise self._missing_operand(token)

    def _number(self, token: _Token) -> Number:
        value = resolve(token.text)
        if isinstance(value, bool) or not isinstance(value, int | float):
            advice = why_not_a_number(token.text, None, "")
            raise ExpressionError(f"{token.text} is not a number", token.span, advice)
        return Number(float(value), token.span)

    def _call(self, function: _Token) -> Arithmetic:
        if function.text not in FUNCTIONS:
            raise ExpressionError(
                f"there is no function {function.text}", function.span, f"there are {', '.join(FUNCTIONS)}"
            )
        bracket = self._take()
        operands = [self._quantity(self._expression(0))]
        while self._token.text == ",":
            self._take()
            operands.append(self._quantity(self._expression(0)))
        self._close(bracket)
        span = self._since(function.span.begin)
        if (function.text == "abs") != (len(operands) == 1):
            wanted = "one number" if function.text == "abs" else "two numbers or more"
            raise ExpressionError(f"{function.text} takes {wanted}", span)
        return Arithmetic(function.text, tuple(operands), span)

    def _close(self, bracket: _Token) -> None:
        if self._token.text == ")":
            self._take()
        elif self._token.kind == "end":
            raise ExpressionError("this bracket is not closed", bracket.span)
        else:
            raise self._missing_operator()

    def _missing_operand(self, here: _Token) -> ExpressionError:
        if here.kind != "end":
            return ExpressionError(f"a number or a name is missing before {here.text}", here.span)
        before = self._tokens[-2]
        return ExpressionError(f"a number or a name is missing after {before.text}", before.span)

    def _missing_operator(self) -> ExpressionError:
        before, here = self._tokens[self._next - 1], self._token
        word = next((t.text for t in (here, before) if t.text.lower() in ("and", "or", "not")), None)
        advice = f"write {word.lower()} in small letters" if word else "a name that is no plain word stands in quotes"
        return ExpressionError(f"an operator is missing between {before.text} and {here.text}", here.span, advice)

    def _condition(self, node: Condition | Quantity) -> Condition:
        if isinstance(node, Comparison | Logic):
            return node
        written = self._text[node.span.begin : node.span.end]
        raise ExpressionError(f"{written} is a number, not a condition", node.span, f"compare it: {written} > 0")

    def _quantity(self, node: Condition | Quantity) -> Quantity:
        if isinstance(node, Number | Name | Arithmetic):
            return node
        written = self._text[node.span.begin : node.span.end]
        raise ExpressionError(f"{written} is a condition where a number belongs", node.span)

    def _since(self, begin: int) -> Span:
        """From ``begin`` to the end of the last token taken."""
        return Span(begin, self._tokens[self._next - 1].span.end)
