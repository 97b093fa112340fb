"""What is published of the range of an input, whatever it is now."""

from __future__ import annotations

from minecalc.reference.snapshot import defaults, ranges
from minecalc.scenario import Scenario, Use
from minecalc.scenario.places import EVERY
from minecalc.schema.declared import annotation_at, model_in
from minecalc.schema.fields import field_meta
from minecalc.schema.names import quoted, split_path
from minecalc.uses.use_terms import Published


def published(scenario: Scenario, path: str) -> Published | None:
    """The range on record of the input at ``path``, the latest there is; None without one."""
    use, name = _place(scenario, path)
    if use is None:
        default = defaults().get(name)
        if default is None or default.low is None or default.high is None:
            return None
        return Published(default.low, default.high, default.as_of, f"{default.source} (grade {default.grade})")
    quoted_ = use.inputs.quoted(name)
    if quoted_ is not None:
        return max(quoted_, key=lambda quote: quote.as_of, default=None)
    *way, last = split_path(name)
    owner = model_in(annotation_at(type(use.inputs), tuple(way)))
    meta = field_meta(owner, last) if owner is not None and last in owner.model_fields else None
    if meta is not None and meta.published is not None:
        return Published(*meta.published, meta.default_as_of, meta.default_source)
    own = ".".join(split_path(name)[2:]) if way[:1] == ["fleets"] else name
    record = ranges().get(f"{use.kind}.{own}")
    if record is None:
        return None
    return Published(record.low, record.high, record.as_of, f"{record.source} (grade {record.grade})")


def _place(scenario: Scenario, path: str) -> tuple[Use | None, str]:
    """The use that an input belongs to, and its name there; no use for one of the site, the market or a plan."""
    for plan, use in scenario.uses():
        *above, name = (quoted(part) for part in plan.place(use))
        places = [".".join((*above, each)) + "." for each in ((name,) if plan.flat else (name, EVERY))]
        place = next((place for place in places if path.startswith(place)), "")
        if place:
            return use, path.removeprefix(place)
    return None, path
