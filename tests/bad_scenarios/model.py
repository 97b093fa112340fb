"""A made-up class of inputs that can go wrong in every way that the schema layer knows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from minecalc.schema.alternatives import Alternatives
from minecalc.schema.composing import Surroundings, composed
from minecalc.schema.diagnostics import Diagnostic, Problem, in_file_order
from minecalc.schema.fields import Inputs, anything, choice, flag, number, text, whole
from minecalc.schema.names import unknown_name
from minecalc.schema.node import Node
from minecalc.schema.overrides import Rules, apply
from minecalc.schema.parsing import parse
from minecalc.schema.validate import failed, refused, validate

Share = Annotated[float, Field(ge=0, le=1)]
MACHINES = ("s19", "s21", "m60")


class Use(Inputs):
    gpu_count: int = whole(low=1, high=1_000_000, help="GPUs", example="8192")
    lease_usd_per_gpu_hour: float = number(low=0, high=100, help="lease rate")
    machine: str | None = text(default=None, help="a machine of the catalogue")
    spend: tuple[Share, ...] = anything(low=0, high=1, default=(), help="shares of the cost")

    @field_validator("machine")
    @classmethod
    def _known(cls, machine: str | None) -> str | None:
        if machine is not None and machine not in MACHINES:
            raise failed([unknown_name((), "machine", machine, MACHINES)])
        return machine


class Site(Inputs):
    alternatives: ClassVar = (Alternatives((("pue_ratio",), ("hash_rate_eh_per_s",))),)

    gross_mw: float = number(low=0.01, high=10_000, help="power of the grid connection", example="50")
    electricity_price_usd_per_kwh: float = number(low=-1, high=2, help="price of power")
    pool_fee_fraction: float = number(
        low=0, high=1, default=0.005, default_source="published fees", default_as_of="2025-06", help="fee"
    )
    pue_ratio: float = number(low=1, high=3, default=1.25, default_source="designs", help="PUE")
    hash_rate_eh_per_s: float | None = number(low=0, high=1_000, default=None, help="hash rate")
    curtail: bool = flag(default=True, help="switch off at a loss")
    basis: Literal["perpetual", "remaining_term"] = choice(default="perpetual", help="what is capitalised")

    @model_validator(mode="after")
    def _one_way(self) -> Site:
        if problems := [found for one in self.alternatives for found in one.conflicts(self.model_fields_set)]:
            raise failed(problems)
        return self

    @model_validator(mode="after")
    def _cheap_if_large(self) -> Site:
        if self.gross_mw >= 5_000 and self.electricity_price_usd_per_kwh > 1:
            raise ValueError("a site this large does not pay this much")
        if self.gross_mw == 13:
            raise refused((), "bad-value", "13 MW is bad luck", "try 14")
        return self


class Case(Inputs):
    name: str = text(help="what reports call it", example="Hilltop")
    site: Site
    uses: dict[str, Use] = anything(default={}, help="what the megawatts do")

    @model_validator(mode="after")
    def _names_differ(self) -> Case:
        if self.name in self.uses:
            problem = Problem(("uses", self.name), "bad-value", "a use is called like the case", key=True)
            raise failed([problem])
        return self


def alternatives_at(node: Node, at: tuple[str, ...]) -> tuple[Alternatives, ...]:
    """What excludes each other at a path of a case."""
    return Site.alternatives if at == ("site",) else ()


def diagnose(data: bytes, file: str) -> list[Diagnostic]:
    """All that is wrong with a file; comments ``# --set path=value`` and ``# --confined`` stand for the options."""
    node, problems = parse(data, file)
    if node is None:
        return problems
    lines = data.decode().splitlines()
    whole = composed(node, file, Surroundings(Path(), "# --confined" in lines), alternatives_at)
    if whole.node is None:
        return in_file_order([*problems, *whole.problems])
    node = whole.node
    assignments = [line.removeprefix("# --set ") for line in lines if line.startswith("# --set ")]
    node, more = apply(node, assignments, Rules(alternatives_at=alternatives_at))
    return in_file_order([*problems, *more, *validate(node, Case)[1]])
