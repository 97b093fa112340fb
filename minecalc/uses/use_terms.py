"""What any use of megawatts may say, whatever its business: its megawatts, its power, its conversion, its building."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple, Self

import numpy as np

from minecalc.arrays import Number
from minecalc.fleets.fleet import Fleet
from minecalc.fleets.stops import Stops
from minecalc.power.power_charges import PowerCharges
from minecalc.power.power_units import KWH_OR_MWH, POWER_BY_MWH
from minecalc.schema.alternatives import Alternatives
from minecalc.schema.fields import anything, later, meant, number
from minecalc.schema.names import split_path
from minecalc.units import OtherUnit
from minecalc.uses.conversion import Conversion, building_cost
from minecalc.uses.meanwhile import Meanwhile
from minecalc.uses.setting import Setting
from minecalc.uses.tenancy import Tenancy
from minecalc.values.paths import BY_HOUR, Sourced, TimedInputs, ValueOverTime, over_time

if TYPE_CHECKING:
    from minecalc.factor import Factor
    from minecalc.fleets.fleet_terms import Running
else:
    Factor = later("minecalc.factor", "Factor")

#: What is uncertain of a business, by its key in ``uncertainty``; a market price is called as the input.
Factors = Mapping[str, type[Factor]]

_BUILDING = "capex_usd_per_critical_mw"


class Published(NamedTuple):
    """A range on record of an input, in its unit, with its date and source."""

    low: float
    high: float
    as_of: str
    source: str


class Megawatts(TimedInputs):
    """The megawatts of a use, their price of power, and what makes them ready."""

    gross_mw: Number | None = number(
        low=0,
        high=100_000,
        default=None,
        help="megawatts of the site given to this use; omitted: all of the plan's",
    )
    electricity_price_usd_per_kwh: Annotated[ValueOverTime | None, BY_HOUR] = over_time(
        low=-1, high=2, default=None, help="price of power for this use, if not the site's"
    )
    electricity_price_usd_per_mwh: ValueOverTime | None = over_time(
        low=-1000, high=2000, default=None, help="the same by the MWh, in place of the price by the kWh"
    )
    conversion: Conversion | None = anything(default=None, help="the dated project that makes these megawatts ready")
    capex_usd_per_critical_mw: Number = building_cost(
        "building cost per critical MW, spent at point 0; with a conversion give it there"
    )


class UseTerms(PowerCharges, Megawatts):
    """What any use may say, whatever its business."""

    other_units: ClassVar[Mapping[str, OtherUnit]] = POWER_BY_MWH
    alternatives: ClassVar[tuple[Alternatives, ...]] = (
        KWH_OR_MWH,
        Alternatives(
            (("conversion",), ("capex_usd_per_critical_mw",)),
            advice="move it into conversion, which says when it is spent",
            inside={"capex_usd_per_critical_mw": ("conversion", "capex_usd_per_critical_mw")},
        ),
    )

    #: Whether its megawatts count as converted to AI.
    is_ai: ClassVar[bool] = False
    #: Whether it mines with machines of its own: it has ``stops`` and says ``mining``.
    mines: ClassVar[bool] = False
    #: Whether what it earns hangs on the hash price, and whether it may run until a conversion starts.
    earns_hash_price: ClassVar[bool] = False
    runs_meanwhile: ClassVar[bool] = False
    #: Its running costs: values over time that rise with inflation where they say no growth of their own.
    costs: ClassVar[frozenset[str]] = PowerCharges.costs
    #: What is uncertain of this business alone.
    factors: ClassVar[Factors] = {}
    #: Its prices, and all inputs whose break-even a comparison shows, by dotted path in the order of interest.
    prices: ClassVar[tuple[str, ...]] = ()
    worth_solving_for: ClassVar[tuple[str, ...]] = (
        "conversion.capex_usd_per_critical_mw",
        "capex_usd_per_critical_mw",
        "conversion.delay_months",
    )

    @classmethod
    def factor(cls, name: str) -> type[Factor] | None:
        """The factor called ``name`` of this business alone; None if it has none of that name."""
        return meant(cls.factors[name]) if name in cls.factors else None

    def required_mw(self, setting: Setting) -> tuple[Number, str]:
        """The gross megawatts it needs, and the sum in words: by default what it is given."""
        return setting.gross_mw, f"{float(np.max(setting.gross_mw)):g} MW"

    def peak_draw_mw(self, setting: Setting) -> tuple[Number, str] | None:
        """The highest monthly draw at the meter in MW, and the sum in words; None: what it needs."""
        return None

    def critical_mw(self, setting: Setting) -> Number:
        """The IT load in MW that building capex is quoted per: by default there is none."""
        return 0.0

    def earns_from(self, setting: Setting) -> Number:
        """The number of its first month of revenue: by default its first."""
        return setting.first

    @property
    def meanwhile(self) -> Meanwhile | None:
        """What runs on its megawatts until its conversion starts; None if nothing does."""
        return None if self.conversion is None else self.conversion.meanwhile

    def with_meanwhile(self, what: Meanwhile) -> Self:
        """A copy, of a use that has a conversion, before whose start ``what`` runs."""
        assert self.conversion is not None
        return self.model_copy(update={"conversion": self.conversion.model_copy(update={"meanwhile": what})})

    @property
    def mining(self) -> "Running | None":
        """These terms as those of a mine; None of any other business."""
        return None

    @property
    def buys_power(self) -> bool:
        """Whether it pays for the energy that it draws."""
        return True

    @property
    def rents_its_halls(self) -> bool:
        """Whether it pays rent for halls that others have built."""
        return False

    @property
    def rent_rise(self) -> Number:
        """How far the price that its contract fixes rises a year; 0 where none does."""
        return 0.0

    def quoted(self, name: str) -> Sequence[Published] | None:
        """The ranges that the market has quoted of an input, for the product that is named; None: it is not quoted."""
        return None

    @property
    def worth_at_the_end(self) -> Mapping[str, str]:
        """What readers call its residual values, by the name of the line."""
        return {}

    def every_fleet(self) -> tuple[Fleet, ...]:
        """Its fleets of mining machines."""
        return ()

    @property
    def stopping(self) -> Mapping[str, TimedInputs]:
        """What has ``stops``, by the name of its fleet: the terms of a use with one fleet stand under none."""
        return {}

    def with_stops(self, stops: Mapping[str, Stops]) -> Self:
        """A copy in which the fleets of these names stop so."""
        return self

    def only(self, fleets: Sequence[str]) -> Self:
        """A copy with those of its fleets that have these names, on the megawatts that they draw."""
        return self

    def tenancy(self) -> Tenancy | None:
        """The contract with its tenant or customer; None if it has none."""
        return None


def figures_of_records(inputs: UseTerms) -> dict[str, Sourced]:
    """What named records supply of what is not given, by name or path; so the building cost of a conversion."""
    sourced = {key: value for key, value in inputs.from_records().items() if key not in inputs.model_fields_set}
    building = sourced.pop(_BUILDING, None) if inputs.conversion is not None else None
    if inputs.conversion is not None and building is not None and _BUILDING not in inputs.conversion.model_fields_set:
        sourced[f"conversion.{_BUILDING}"] = building
    return sourced


def with_records(inputs: UseTerms, sourced: Mapping[str, Sourced]) -> UseTerms:
    """``inputs`` with the figures of records in place."""
    for path, figure in sourced.items():
        inputs = _filled(inputs, split_path(path), figure.value)
    return inputs


def _filled(owner: Any, path: Sequence[str], value: Number) -> Any:
    """Inputs, or inputs by name, with a number at ``path`` below them."""
    name, *below = path
    if not isinstance(owner, TimedInputs):
        return {**owner, name: _filled(owner[name], below, value)}
    if not below:
        return owner.with_values({name: value})
    return owner.model_copy(update={name: _filled(getattr(owner, name), below, value)})
