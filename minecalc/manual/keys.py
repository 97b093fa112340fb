"""The keys of scenario files as pages of the manual, from the JSON Schema that editors complete with.

A key is a line: how it is written, what it means, its unit, range, published range, and default with its source. Keys
of a mapping inside it follow, one step to the right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from minecalc.businesses import business
from minecalc.deals.financing import Financing, Tranche
from minecalc.deals.taxation import Tax
from minecalc.factor import Drawn
from minecalc.scenario import PlanTerms, Scenario
from minecalc.schema.fields import field_meta
from minecalc.schema.jsonschema import inputs_json_schema
from minecalc.uncertainty.block import Uncertainty
from minecalc.uncertainty.factors import DEFAULT_CORRELATIONS, FACTORS
from minecalc.uses.use_terms import UseTerms

Schema = Mapping[str, Any]

#: Keys that have a page or a section of their own.
_ELSEWHERE = {
    "plans": "see A plan, below",
    "uncertainty": "see `minecalc help uncertainty`",
    "conversion": "see A conversion, below",
    "financing": "see Financing, below",
    "tranches": "see A tranche, below",
    "tax": "see Tax, below",
}
#: Mappings of several forms that the manual explains once, by the key that tells each.
_EXPLAINED = {"points": "A value over time.", "distribution": "A distribution."}


def scenario_keys() -> str:
    """The keys of a scenario but for those of its businesses and of its uncertainty, a section a mapping."""
    scenario = inputs_json_schema(Scenario)
    use = inputs_json_schema(UseTerms)
    inner = {name: scenario["properties"][name] for name in ("site", "market")}
    conversion = _mapping(use["properties"]["conversion"])
    return "\n".join(
        (
            *_section("The file", scenario, apart=(*_ELSEWHERE, *inner)),
            "- `extends`: the file that this one is laid over; in a mapping inside a definition.",
            "- `define`: mappings by name, which others extend (`minecalc help reuse`).",
            *_section("`site`", inner["site"]),
            *_section("`market`", inner["market"]),
            *_section("A plan, `plans.NAME`", inputs_json_schema(PlanTerms), apart=_ELSEWHERE),
            "- `uses`: named uses of the plan's megawatts, each with its `kind`. Without it the plan is one use, whose",
            "  keys stand in the plan.",
            *_section("A use, of any `kind`", use, apart=_ELSEWHERE),
            *_section("A conversion, `conversion` in a use", conversion),
            *_section("Financing, `financing` in a plan", inputs_json_schema(Financing), apart=_ELSEWHERE),
            *_section("A tranche, `tranches.NAME` in it", inputs_json_schema(Tranche)),
            *_section("Tax, `tax` in a plan, or at the top for every plan without its own", inputs_json_schema(Tax)),
        )
    )


def business_keys(kind: str) -> str:
    """The keys of a use of ``kind``, without those of any use."""
    return "\n".join(_section("Keys", inputs_json_schema(business(kind).Inputs)))


def uncertainty_keys() -> str:
    """The keys of the ``uncertainty`` block, and what is drawn and correlated by default."""
    drawn = {name: field_meta(model, "drawn") for name, model in FACTORS.items() if issubclass(model, Drawn)}
    return "\n".join(
        (
            *_section("Keys of the block", Uncertainty.json_schema()),
            "\n## Distributions and correlations by default\n",
            *(f"- `{k}`: {m.default.words()} ({m.default_source}, {m.default_as_of})." for k, m in drawn.items()),
            *(f"- `{a}` with `{b}`: {value:g} ({why})." for (a, b), (value, why) in DEFAULT_CORRELATIONS.items()),
        )
    )


def _section(title: str, schema: Schema, apart: tuple[str, ...] | Mapping[str, str] = ()) -> Iterator[str]:
    yield f"\n## {title}\n"
    for name, field in schema["properties"].items():
        if name in apart:
            yield f"- `{name}`: {_ELSEWHERE.get(name, f'see `{name}`, below')}."
        else:
            yield from _key(name, field, "", required=name in schema.get("required", ()))


def _key(name: str, field: Schema, indent: str, *, required: bool) -> Iterator[str]:
    inner = _mapping(field)
    notes = [_about(field), "**Required.**" if required else "", _takes(field)]
    yield f"{indent}- `{name}`: " + " ".join(note for note in notes if note)
    for key, value in inner.get("properties", {}).items():
        yield from _key(key, value, f"{indent}  ", required=key in inner.get("required", ()))


def _about(field: Schema) -> str:
    text = str(field.get("description", "")).strip()
    return text + "." if text and not text.endswith(".") else text


def _takes(field: Schema) -> str:
    """What a key takes beside a number or a text."""
    words = [f"`{word}`" for form in _forms(field) for word in form.get("enum", (form.get("const"),)) if word]
    taken = [told for key, told in _EXPLAINED.items() if _has(field, key)]
    if field.get("type") == "boolean":
        taken.append("`true` or `false`.")
    elif words:
        taken.append(f"{'One of' if len(words) > 1 else 'Or'} {', '.join(words)}.")
    return " ".join(taken)


def _mapping(field: Schema) -> Schema:
    """The form of ``field`` that is a mapping of keys, or holds such by name or in a list; or an empty one."""
    if any(_has(field, key) for key in _EXPLAINED):
        return {}
    inside = (
        member for form in _forms(field) for member in (form, form.get("additionalProperties"), form.get("items"))
    )
    return next((member for member in inside if isinstance(member, dict) and "properties" in member), {})


def _has(field: Schema, key: str) -> bool:
    return any(key in form.get("properties", {}) for form in _forms(field))


def _forms(field: Schema) -> Iterator[Schema]:
    """The forms in which a key may be written."""
    if "anyOf" in field:
        for form in field["anyOf"]:
            yield from _forms(form)
    else:
        yield field
