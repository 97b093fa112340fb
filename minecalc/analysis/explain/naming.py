"""What the quantities of a trace are called, so that no two are called the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from minecalc.analysis.explain.formulas import resolved
from minecalc.analysis.explain.wording import short_name
from minecalc.replay import walk
from minecalc.schema.names import split_path
from minecalc.trace import INPUTS, Traced


def names(tops: Sequence[Traced], plan: str) -> Mapping[Traced, str]:
    """Names for all quantities that ``tops``, of ``plan``, are made of.

    Where two share a name, each has behind it the use or plan whose inputs it is made of; if that is the same, those
    after the first have a number.
    """
    named: dict[str, list[Traced]] = {}
    asked = set(tops)
    for step in dict.fromkeys(step for top in tops for step in walk(top)):
        if step in asked or (step.name is not None and resolved(step, None)[0] is step):
            named.setdefault(short_name(step), []).append(step)
    found: dict[Traced, str] = {}
    for name, steps in named.items():
        told = [name] if len(steps) == 1 else [_told_apart(name, step, plan) for step in steps]
        for number, (step, text) in enumerate(zip(steps, told, strict=True)):
            same = sum(other == text for other in told[:number])
            found[step] = f"{text} ({same + 1})" if same else text
    return found


def _told_apart(name: str, step: Traced, plan: str) -> str:
    owner = _owner(step, plan)
    return f"{name} of {owner}" if owner else name


def _owner(step: Traced, plan: str) -> str:
    """The plan, or the only use of it, whose inputs a quantity is made of; "" for the market's and the site's."""
    owners: dict[str, set[str]] = {}
    for below in walk(step):
        if below.op in INPUTS:
            parts = split_path(below.name or "")
            if parts[0] == "plans":
                owners.setdefault(parts[1], set()).add(parts[3] if len(parts) > 4 and parts[2] == "uses" else "")
    if not owners:
        return ""
    owner = plan if plan in owners else next(iter(owners))
    uses = owners[owner]
    return min(uses) or owner if len(uses) == 1 else owner
