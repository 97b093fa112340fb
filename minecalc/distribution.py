"""A distribution in place of a number: ``{distribution: pert, low: 0.9, mode: 1, high: 1.5}``.

``normal`` and ``lognormal`` take ``mean`` and ``sd`` (of the number itself), ``triangular`` and ``pert`` take ``low``,
``mode`` and ``high``, ``uniform`` takes ``low`` and ``high``, ``discrete`` takes ``values`` and ``probabilities``.
"""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from minecalc.arrays import FloatArray
from minecalc.schema.diagnostics import Problem, shown
from minecalc.schema.fields import AMOUNT, META, own_form
from minecalc.schema.names import did_you_mean
from minecalc.schema.numbers import number_problem
from minecalc.schema.validate import failed

CODES = {"bad-distribution": "a distribution whose numbers do not make one"}

#: The numbers that each kind takes, in order.
KINDS: dict[str, tuple[str, ...]] = {
    "normal": ("mean", "sd"),
    "lognormal": ("mean", "sd"),
    "triangular": ("low", "mode", "high"),
    "pert": ("low", "mode", "high"),
    "uniform": ("low", "high"),
    "discrete": ("values", "probabilities"),
}

#: Numbers lie within plus and minus this, and a lognormal's sd below this much of its mean: far beyond all that makes
#: sense, near enough for float64.
_MOST, _SPREAD_MOST = 1e18, 1e6

_HELP = "write {distribution: pert, low: x, mode: x, high: x}; kinds: " + ", ".join(
    f"{kind} ({', '.join(keys)})" for kind, keys in KINDS.items()
)


@own_form
class Distribution(NamedTuple):
    """A kind and its numbers; for ``discrete`` the values and then their probabilities."""

    kind: str
    numbers: tuple[float, ...]

    @property
    def _given(self) -> tuple[Any, ...]:
        """What stands at each of the keys of the kind."""
        half = len(self.numbers) // 2
        return (self.numbers[:half], self.numbers[half:]) if self.kind == "discrete" else self.numbers

    def draw(self, normals: FloatArray) -> FloatArray:
        """The number of each path, from standard normals: the quantile at Phi(z); of their shape."""
        from minecalc.randomness import distributions

        drawn: FloatArray = getattr(distributions, self.kind)(normals, *self._given)
        return drawn

    @property
    def mean(self) -> float:
        """The expected value."""
        first, *rest = self.numbers
        match self.kind:
            case "normal" | "lognormal":
                return first
            case "uniform":
                return (first + rest[0]) / 2.0
            case "triangular":
                return math.fsum(self.numbers) / 3.0
            case "pert":
                return (first + 4.0 * rest[0] + rest[1]) / 6.0
            case _:
                return math.fsum(value * probability for value, probability in zip(*self._given, strict=True))

    def words(self) -> str:
        """As it is written in a file: ``pert, low 0.9, mode 1, high 1.5``."""
        if self.kind == "discrete":
            pairs = zip(*self._given, strict=True)
            return "discrete, " + ", ".join(f"{value:g} with {probability:g}" for value, probability in pairs)
        keys = KINDS[self.kind]
        return f"{self.kind}, " + ", ".join(f"{key} {n:g}" for key, n in zip(keys, self.numbers, strict=True))

    def written(self) -> dict[str, Any]:
        """As plain data, the way it stands in a file."""
        given = (list(of) if isinstance(of, tuple) else of for of in self._given)
        return {"distribution": self.kind} | dict(zip(KINDS[self.kind], given, strict=True))

    def _as_written(self) -> dict[str, Any]:
        return self.written()

    @classmethod
    def _read(cls, data: Any) -> "Distribution":
        found, problems = parse(data)
        if found is None:
            raise failed(problems)
        return found

    @classmethod
    def _form(cls) -> dict[str, Any]:
        amount = {"type": "number", "minimum": -_MOST, "maximum": _MOST, META: AMOUNT}
        share = {"type": "number", "minimum": 0, "maximum": 1}
        kinds = []
        for kind, keys in KINDS.items():
            given: dict[str, Any] = dict.fromkeys(keys, amount)
            if kind == "discrete":
                given = {key: {"type": "array", "minItems": 1, "items": amount} for key in keys}
                given["probabilities"] = {"type": "array", "minItems": 1, "items": share}
            properties = {"distribution": {"const": kind}, **given}
            kinds.append(
                {
                    "type": "object",
                    "properties": properties,
                    "required": list(properties),
                    "additionalProperties": False,
                }
            )
        return {"anyOf": kinds}


def parse(data: Any, at: tuple[str, ...] = ()) -> tuple[Distribution | None, list[Problem]]:
    """The distribution that plain YAML data at ``at`` writes; None with the problems if it is none."""
    if not isinstance(data, Mapping):
        return None, [Problem(at, "wrong-type", f"{shown(data)} is no distribution", _HELP)]
    kind = data.get("distribution")
    if not isinstance(kind, str) or kind not in KINDS:
        if kind is None:
            return None, [Problem(at, "missing-key", "distribution is missing", _HELP, key=bool(at))]
        advice = did_you_mean(str(kind), KINDS, _HELP)
        message = f"distribution is {shown(kind)}; it must be one of {', '.join(KINDS)}"
        return None, [Problem((*at, "distribution"), "bad-choice", message, advice)]
    problems: list[Problem] = []
    for key in data:
        if key != "distribution" and key not in KINDS[kind]:
            message = f"unknown key {key} in a {kind} distribution"
            takes = f"{kind} takes {', '.join(KINDS[kind])}"
            problems.append(Problem((*at, key), "unknown-key", message, takes, key=True))
    numbers: list[float] = []
    for key in KINDS[kind]:
        if key not in data:
            problems.append(Problem(at, "missing-key", f"{key} is missing beside {kind}", _HELP, key=bool(at)))
        elif key in KINDS["discrete"]:
            numbers += _listed(data[key], (*at, key), problems)
        else:
            numbers.append(_number(data[key], (*at, key), problems))
    if not problems:
        problems += _inconsistent(kind, numbers, data, at)
    return (None, problems) if problems else (Distribution(kind, tuple(numbers)), [])


def _listed(data: Any, at: tuple[str, ...], problems: list[Problem]) -> list[float]:
    if not isinstance(data, list | tuple) or not data:
        problems.append(Problem(at, "wrong-type", f"{at[-1]} takes a list of numbers", "write [1, 2, 3]"))
        return []
    return [_number(item, at, problems) for item in data]


def _number(data: Any, at: tuple[str, ...], problems: list[Problem]) -> float:
    problem = number_problem(data, at, low=-_MOST, high=_MOST, name=at[-1])
    problems += [problem] if problem else []
    return 0.0 if problem else float(data)


def _inconsistent(kind: str, numbers: list[float], data: Mapping[str, Any], at: tuple[str, ...]) -> list[Problem]:
    """What keeps numbers of the right keys from being a distribution."""

    def wrong(key: str, message: str, advice: str) -> list[Problem]:
        return [Problem((*at, key), "bad-distribution", message, advice)]

    if kind in ("normal", "lognormal"):
        mean, sd = numbers
        if sd < 0.0:
            return wrong("sd", f"sd is {sd:g}", "a standard deviation is 0 or more")
        if kind == "lognormal" and mean <= 0.0:
            return wrong("mean", f"the mean of a lognormal is {mean:g}", "it lies above 0; or take normal")
        if kind == "lognormal" and sd > _SPREAD_MOST * mean:
            return wrong("sd", f"sd is {sd:g}, {sd / mean:.3g} times the mean", "give the sd of the number itself")
    elif kind in ("triangular", "pert", "uniform"):
        if numbers != sorted(numbers):
            keys = ", ".join(KINDS[kind])
            told = ", ".join(f"{n:g}" for n in numbers)
            return wrong("low", f"{keys} are {told}", f"give {keys} in rising order")
    else:
        values, probabilities = data["values"], data["probabilities"]
        if len(values) != len(probabilities):
            message = f"{len(values)} values have {len(probabilities)} probabilities"
            return wrong("probabilities", message, "give one probability for each value")
        if min(probabilities) < 0.0:
            message = f"a probability is {min(probabilities):g}"
            return wrong("probabilities", message, "probabilities lie in 0..1 and add up to 1")
        if abs(math.fsum(probabilities) - 1.0) > 1e-6:
            message = f"the probabilities add up to {math.fsum(probabilities):g}"
            return wrong("probabilities", message, "probabilities lie in 0..1 and add up to 1")
    return []
