"""The ``tax`` block: rate, depreciation by class, losses, the limit of interest, and what prepayments count as.

A regime, a record of ``minecalc catalog tax``, fills what is not given, and says what it leaves out.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

from pydantic import Field, PrivateAttr, model_validator

from minecalc.arrays import Number
from minecalc.cashflows import ASSET_KINDS, AssetKind
from minecalc.finance.depreciation import CLASS_NAMES, UnknownClassError, depreciation_class, nearest_class
from minecalc.schema.diagnostics import Problem, number_text, shown
from minecalc.schema.fields import anything, choice, number, own_form, text
from minecalc.schema.names import nearest, unknown_name
from minecalc.schema.numbers import number_problem
from minecalc.schema.validate import failed
from minecalc.timeline import Timeline
from minecalc.values.paths import Sourced, TimedInputs

if TYPE_CHECKING:
    from minecalc.reference.tax_regimes import TaxRegime

_HELP = "name a class, or the share of each: {macrs_39: 0.4, macrs_15: 0.6}"
#: Examples of the classes that are made of a number, for whoever misspells one.
_EXAMPLES = (*(name for name in CLASS_NAMES if not name[-1].isupper()), "straight_line_10", "declining_55", "saldo_30")
_CLASSES = f"it is one of {', '.join(CLASS_NAMES)}, with years for N and percent for P"


@own_form
class ClassShares(NamedTuple):
    """The classes that assets of one kind belong to, each with its share of the cost; the shares add up to 1."""

    shares: tuple[tuple[str, float], ...]

    def __str__(self) -> str:
        if len(self.shares) == 1:
            return self.shares[0][0]
        return f"{{{', '.join(f'{name}: {number_text(share)}' for name, share in self.shares)}}}"

    @property
    def written(self) -> str:
        """As ``--set`` takes it."""
        return str(self)

    def _as_written(self) -> str:
        return str(self)

    @classmethod
    def _read(cls, data: Any) -> "ClassShares":
        if not isinstance(data, Mapping | str) or not data:
            raise failed([Problem((), "wrong-type", f"{shown(data)} names no class of depreciation", _HELP)])
        pairs = {data: 1.0} if isinstance(data, str) else dict(data)
        problems = list(_wrong(pairs, at_key=not isinstance(data, str)))
        if problems:
            raise failed(problems)
        total = sum(pairs.values())
        if abs(total - 1.0) > 1e-6:
            message = f"the shares of the classes add up to {total:g}"
            raise failed([Problem((), "bad-shares", message, "shares of the whole add up to 1")])
        return cls(tuple((name, float(share)) for name, share in pairs.items()))

    @classmethod
    def _form(cls) -> dict[str, Any]:
        name = r"^(macrs_(3|5|7|15|39)|(straight_line|declining|saldo)_[1-9][0-9]{0,2})$"
        share = {"type": "number", "minimum": 0, "maximum": 1}
        shares = {"type": "object", "minProperties": 1, "patternProperties": {name: share}}
        return {"anyOf": [{"type": "string", "pattern": name}, {**shares, "additionalProperties": False}]}


def _wrong(pairs: Mapping[Any, Any], *, at_key: bool) -> Iterator[Problem]:
    """What is wrong with classes and their shares, each at its key where there are keys."""
    for name, share in pairs.items():
        at: tuple[str, ...] = (str(name),) if at_key else ()
        try:
            depreciation_class(str(name))
        except UnknownClassError:
            meant = nearest_class(str(name)) or nearest(str(name), _EXAMPLES)
            problem = unknown_name(at, "class of depreciation", str(name), ())
            yield problem._replace(help=f"did you mean {meant}?" if meant else _CLASSES, key=at_key)
        wrong = number_problem(share, at, low=0.0, high=1.0)
        if wrong is not None:
            yield wrong


def classes_from(words: str) -> ClassShares:
    """Classes as a record has them: ``macrs_39``, or ``macrs_39 0.4; macrs_15 0.6``. ValueError for anything else."""
    parts = (part.split() for part in words.split(";"))
    return ClassShares._read({name: float(share[0]) if share else 1.0 for name, *share in parts})


def _of_kind(default: str, what: str) -> Any:
    source = "US law: 5 years for servers and machines, 39 for buildings that are no production plant"
    help_ = f"class of {what}: a name, or the share of each of several"
    return anything(default=ClassShares(((default, 1.0),)), default_source=source, default_as_of="2026-07", help=help_)


class Classes(TimedInputs):
    """The classes of depreciation, by what is bought."""

    building: ClassShares = _of_kind("macrs_39", "buildings, by their owner's cost")
    gpu: ClassShares = _of_kind("macrs_5", "GPUs")
    machine: ClassShares = _of_kind("macrs_5", "mining machines")

    #: What a regime supplies, by kind.
    _supplied: Mapping[str, Sourced] = PrivateAttr(default_factory=dict)

    def of(self, kind: AssetKind) -> tuple[tuple[str, float], ...]:
        """The classes of a kind of asset and their shares."""
        found: ClassShares = getattr(self, kind)
        return found.shares

    def filled(self, figures: Mapping[str, Sourced]) -> "Classes":
        """These classes with those of a regime where none is given, which are not given for all that."""
        fresh = {name: figure for name, figure in figures.items() if name not in self.model_fields_set}
        filled = self.model_copy(update={name: figure.value for name, figure in fresh.items()})
        filled.model_fields_set.difference_update(fresh)
        filled._supplied = fresh
        return filled

    def supplied(self, name: str, timeline: Timeline) -> Sequence[Sourced]:
        """The class of a regime, as text."""
        figure = self._supplied.get(name)
        return () if figure is None else (figure._replace(value=str(figure.value)),)


class Tax(TimedInputs):
    """How a plan is taxed."""

    rate_fraction: Number | None = number(
        low=0, high=1, default=None, help="tax on income; omitted: that of the regime"
    )
    regime: str | None = text(default=None, help="a record of minecalc catalog tax that fills what is not given")
    classes: Classes = Field(default_factory=Classes, description="classes of depreciation, by what is bought")
    bonus_fraction: Number = number(
        low=0,
        high=1,
        default=0.0,
        default_source="none, unless a regime has one",
        help="share of the basis deducted in the year of service, in classes of 20 years or less",
    )
    loss_limit_fraction: Number = number(
        low=0,
        high=1,
        default=1.0,
        default_source="no limit, unless a regime has one",
        help="share of a year's income that losses of earlier years may take; they never expire",
    )
    interest_limit_fraction: Number | None = number(
        low=0,
        high=1,
        default=None,
        help="share of the year's earnings before interest, tax and depreciation up to which interest is deducted, "
        "the rest carried to later years; omitted: all is",
    )
    prepayment_taxed: Literal["credited", "received"] = choice(
        default="credited",
        default_source="with the rent that it pays, unless a regime taxes it when it is received",
        help="whether a prepayment is income as it is credited or when it is received, as US law has it for rent",
    )
    basis_of_owned_machines_usd: Number = number(
        low=0,
        high=1e12,
        default=0.0,
        default_source="written off",
        help="tax value of the machines that were there before, by hash rate, deducted when each is sold or ends",
    )

    #: What a regime supplies, by name.
    _supplied: Mapping[str, Sourced] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _by_regime(self) -> Self:
        """What is not given stands as the regime has it. A rate must come from one of the two."""
        from minecalc.reference.tax_regimes import tax_regimes

        record = None
        if self.regime is not None:
            record = tax_regimes().get(self.regime)
            if record is None:
                raise failed(
                    [unknown_name(("regime",), "tax regime", self.regime, tax_regimes(), "minecalc catalog tax")]
                )
            self._fill(record)
        if self.rate_fraction is None:
            message = "rate_fraction is missing" if record is None else f"the record of {self.regime} has no rate"
            advice = "give it, say 0.21" + ("" if record else f", or regime: {next(iter(tax_regimes()))}")
            raise failed([Problem(("rate_fraction",), "missing-key", message, advice)])
        return self

    def _fill(self, record: "TaxRegime") -> None:
        figures = {
            "rate_fraction": record.rate_fraction,
            "bonus_fraction": record.bonus_fraction,
            "loss_limit_fraction": record.loss_limit_fraction,
            "interest_limit_fraction": record.interest_limit_fraction,
            "prepayment_taxed": record.prepayment_taxed or None,
        }
        source = f"{record.name}: {record.source} (grade {record.grade})"
        self._supplied = {
            name: Sourced(value, record.as_of, source, from_record=True)
            for name, value in figures.items()
            if value is not None and name not in self.model_fields_set
        }
        classes: dict[str, Sourced] = {
            kind: Sourced(classes_from(getattr(record, kind)), record.as_of, source, True) for kind in ASSET_KINDS
        }
        vars(self).update({name: figure.value for name, figure in self._supplied.items()})
        vars(self).update(classes=self.classes.filled(classes))

    def supplied(self, name: str, timeline: Timeline) -> Sequence[Sourced]:
        """What the regime has for an input that is not given."""
        figure = self._supplied.get(name)
        return () if figure is None else (figure,)

    @property
    def rate(self) -> Number:
        """The rate, given or of the regime (float or column)."""
        assert self.rate_fraction is not None
        return self.rate_fraction
