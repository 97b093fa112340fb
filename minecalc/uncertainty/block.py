"""The ``uncertainty:`` block of a scenario: factors, distributions of inputs, and correlations by name.

    uncertainty:
      btc_price_usd: {model: student_t, volatility_fraction_per_year: 0.5}
      electricity_price_usd_per_kwh: fixed
      delay_months: {distribution: triangular, low: 0, mode: 3, high: 12}
      inputs: {plans.lease.opex_fraction_of_rent: {distribution: uniform, low: 0.1, high: 0.2}}
      correlations: {btc_price_usd: {electricity_price_usd_per_kwh: 0.1}}

What is not named is a factor by default where the scenario has a place for it; ``others: fixed`` keeps it certain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from minecalc.distribution import Distribution, parse
from minecalc.factor import Drawn, Factor
from minecalc.schema.diagnostics import Problem, shown
from minecalc.schema.names import unknown_name
from minecalc.schema.numbers import number_problem
from minecalc.schema.validate import failed, validate_data
from minecalc.uncertainty.factors import DEFAULT_CORRELATIONS, FACTORS

FIXED = "fixed"
_INPUTS, _CORRELATIONS, _OTHERS = "inputs", "correlations", "others"
_KEYS = (*FACTORS, _INPUTS, _CORRELATIONS, _OTHERS)


@dataclass(frozen=True)
class Uncertainty:
    """What a scenario says of its uncertainty; without a block, the defaults.

    ``factors`` are those named, None for one that is fixed; ``inputs`` are distributions by dotted path;
    ``correlations`` hold each pair once.
    """

    factors: Mapping[str, Factor | None] = field(default_factory=dict)
    inputs: Mapping[str, Distribution] = field(default_factory=dict)
    correlations: Mapping[tuple[str, str], float] = field(default_factory=dict)
    others: Literal["default", "fixed"] = "default"

    def factor(self, name: str) -> Factor | None:
        """The factor ``name`` as given or by default; None where it is fixed."""
        if name in self.factors:
            return self.factors[name]
        return None if self.others == FIXED else FACTORS[name]()

    def correlation_pairs(self) -> dict[tuple[str, str], float]:
        """Every correlation that is given, and the default ones of pairs that are not."""
        given = {frozenset(pair) for pair in self.correlations}
        defaults = {} if self.others == FIXED else DEFAULT_CORRELATIONS
        pairs = {pair: value for pair, (value, _) in defaults.items() if frozenset(pair) not in given}
        return pairs | dict(self.correlations)

    @classmethod
    def read(cls, data: Any) -> Uncertainty:
        """The block that plain YAML data writes. Raises what ``failed`` does, with all that is wrong with it."""
        if isinstance(data, Uncertainty):
            return data
        if not isinstance(data, Mapping):
            advice = "write btc_price_usd: {volatility_fraction_per_year: 0.5}"
            raise failed([Problem((), "wrong-type", "uncertainty takes factors by name", advice)])
        problems: list[Problem] = []
        factors: dict[str, Factor | None] = {}
        for key, value in data.items():
            if key not in _KEYS:
                problems.append(unknown_name((key,), "factor", str(key), _KEYS)._replace(key=True))
            elif key in FACTORS:
                factors[key] = _factor(key, value, problems)
        inputs = _inputs(data.get(_INPUTS, {}), problems)
        correlations = _correlations(data.get(_CORRELATIONS, {}), problems)
        others = data.get(_OTHERS, "default")
        if others not in ("default", FIXED):
            advice = f"leave it out, or write {FIXED}"
            message = f"others is {shown(others)}; it must be one of default, {FIXED}"
            problems.append(Problem((_OTHERS,), "bad-choice", message, advice))
        if problems:
            raise failed(problems)
        return cls(factors, inputs, correlations, others)

    #: What stands for the block in a scenario's class of inputs calls this, as of any class of inputs.
    model_validate = read

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        return cls.json_schema()

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """The block's JSON Schema."""
        from minecalc.schema.jsonschema import inputs_json_schema

        properties: dict[str, Any] = {}
        for name, model in FACTORS.items():
            form = inputs_json_schema(model)
            if issubclass(model, Drawn):
                form = form["properties"]["drawn"]
            about = (model.__doc__ or "").split("\n\n")[0]
            properties[name] = {"description": about, "anyOf": [{"const": FIXED}, form]}
        distribution = inputs_json_schema(Drawn)["properties"]["drawn"]
        properties[_INPUTS] = {
            "description": "Distributions of inputs, by dotted path.",
            "type": "object",
            "additionalProperties": distribution,
        }
        coefficient = {"type": "number", "minimum": -1, "maximum": 1}
        properties[_CORRELATIONS] = {
            "description": "Correlations of monthly shocks, or of numbers drawn once a path, by name and name.",
            "type": "object",
            "additionalProperties": {"type": "object", "additionalProperties": coefficient},
        }
        properties[_OTHERS] = {
            "description": "Factors that are not named: by default, or fixed.",
            "enum": ["default", FIXED],
        }
        return {"type": "object", "properties": properties, "additionalProperties": False}


def _factor(name: str, data: Any, problems: list[Problem]) -> Factor | None:
    if data == FIXED:
        return None
    model = FACTORS[name]
    if not isinstance(data, Mapping):
        advice = f"write {FIXED}, or a mapping such as {_example(model)}"
        problems.append(Problem((name,), "wrong-type", f"{name} is {shown(data)}, which is no factor", advice))
        return None
    if issubclass(model, Drawn):
        drawn, found = parse(data, (name,))
        problems += found
        return None if drawn is None else model(drawn=drawn)
    inputs, found = validate_data(dict(data), model, (name,))
    problems += found
    return inputs


def _example(model: type[Factor]) -> str:
    if issubclass(model, Drawn):
        return "{distribution: pert, low: 0.9, mode: 1, high: 1.5}"
    name = next(iter(model.model_fields))
    return f"{{{next((n for n in model.model_fields if 'fraction' in n), name)}: 0.3}}"


def _inputs(data: Any, problems: list[Problem]) -> dict[str, Distribution]:
    if not isinstance(data, Mapping):
        advice = "write inputs: {site.gross_mw: {distribution: uniform, low: 40, high: 50}}"
        problems.append(Problem((_INPUTS,), "wrong-type", "inputs takes distributions by dotted path", advice))
        return {}
    found = {}
    for path, value in data.items():
        drawn, wrong = parse(value, (_INPUTS, path))
        problems += wrong
        if drawn is not None:
            found[str(path)] = drawn
    return found


def _correlations(data: Any, problems: list[Problem]) -> dict[tuple[str, str], float]:
    """Pairs in the order of the file; one given both ways, or of a name with itself, is a problem unless it agrees."""
    found: dict[tuple[str, str], float] = {}
    if not isinstance(data, Mapping) or not all(isinstance(row, Mapping) for row in data.values()):
        advice = "write correlations: {btc_price_usd: {network_hash_rate_eh_per_s: 0.3}}"
        problems.append(Problem((_CORRELATIONS,), "wrong-type", "correlations takes names and names", advice))
        return found
    for one, row in data.items():
        for other, value in row.items():
            at = (_CORRELATIONS, str(one), str(other))
            problem = number_problem(value, at, low=-1.0, high=1.0, name="the correlation")
            if problem is not None:
                problems.append(problem)
            elif one == other and value != 1:
                problems.append(Problem(at, "conflict", f"{one} has correlation {value:g} with itself", "leave it out"))
            elif found.get((other, one), value) != value:
                message = f"{one} and {other} have two correlations, {found[other, one]:g} and {value:g}"
                problems.append(Problem(at, "conflict", message, "give each pair once"))
            elif one != other and (other, one) not in found:
                found[str(one), str(other)] = float(value)
    return found
