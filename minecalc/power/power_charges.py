"""What power costs and earns beside its price: demand charges, coincident peaks, a contract, demand response.

All are of a plan's uses together, at the site's meter, or of one use, in place of the site's; and each is a line of its
own, of mining and of AI apart. What a use draws in a month is its energy over the hours; mining draws that in the hours
that it runs.

A demand charge is on the highest draw of the month. Coincident peaks, as ERCOT's 4CP, charge the mean of the load at a
few hours of the year that are known afterwards only: AI is on in them, mining is not where it follows the alarms, for
which it is off in some more hours. A contract is a block of power at a fixed price: what is not used of it is sold at
the price of its hour, less a fee, or lost. The lines of power stay at the price of each hour, so that the block is its
cost and, against it, the same energy at the price of its hours: what of it is used, and what is sold. Nothing counts
twice.
"""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self

from pydantic import model_validator

from minecalc.arrays import FloatArray, Number
from minecalc.cashflows import CashFlows, Line
from minecalc.power import PowerPrice
from minecalc.schema.diagnostics import Problem
from minecalc.schema.fields import anything, later
from minecalc.schema.validate import failed
from minecalc.timeline import Timeline
from minecalc.values.costs import cost_by_month
from minecalc.values.paths import TimedInputs, ValueOverTime, over_time

if TYPE_CHECKING:
    from minecalc.power.charge_lines import CoincidentPeaks, CurtailmentObligation, DemandResponse, Load, PowerContract
else:
    CoincidentPeaks = later("minecalc.power.charge_lines", "CoincidentPeaks")
    CurtailmentObligation = later("minecalc.power.charge_lines", "CurtailmentObligation")
    DemandResponse = later("minecalc.power.charge_lines", "DemandResponse")
    PowerContract = later("minecalc.power.charge_lines", "PowerContract")

#: What mines draw, what they would draw and pay if they never were off; memos of their flows. Of each of their loads,
#: a fleet or what one of its profiles draws more than the one below it, the first two and the lines of its hours.
ENERGY, ENERGY_IF_RUN, POWER_IF_RUN = "mining_energy_mwh", "mining_energy_if_run_mwh", "mining_power_if_run_usd"
#: The lines that charge peaks, and the memo of what they would charge more if mining stayed on in them.
PEAKS = ("mining_demand_charge_usd", "mining_peaks_usd", "ai_demand_charge_usd", "ai_peaks_usd")
AVOIDED = "avoided_peaks_usd"


class Drawing(NamedTuple):
    """The flows of a use, whether it buys the power that it draws, and which charges it has of its own, by key."""

    flows: CashFlows
    buys_power: bool
    own: frozenset[str]


def block_lost(at: tuple[str, ...]) -> Problem:
    """An obligation beside a block of power that is not sold on; the contract stands ``at`` a site or a use."""
    message = "power_contract has no resale, and curtailment_obligation leaves some of its block unused"
    advice = "add resale: hourly to the contract; what a block loses in such hours is not modelled"
    return Problem((*at, "power_contract"), "conflict", message, advice, key=True)


class PowerCharges(TimedInputs):
    """Charges and contracts of power: of a site for all that draws there, of a use for that alone, in their place."""

    demand_charge_usd_per_kw_per_month: ValueOverTime | None = over_time(
        low=0, high=1000, default=None, help="charge on the highest draw of each month, of what draws then"
    )
    coincident_peaks: CoincidentPeaks | None = anything(
        default=None, help="a charge on the mean load at the system's peak hours, as ERCOT's 4CP"
    )
    power_contract: PowerContract | None = anything(
        default=None, help="a block of power at a fixed price; the price of power is that of what is beyond it"
    )
    demand_response: DemandResponse | None = anything(
        default=None, help="mining that the grid pays for and may call off"
    )
    curtailment_obligation: CurtailmentObligation | None = anything(
        default=None, help="hours a year that the site must be off: mining is, AI runs on its own generators"
    )

    costs: ClassVar[frozenset[str]] = frozenset({"demand_charge_usd_per_kw_per_month"})

    @model_validator(mode="after")
    def _sells_what_it_is_obliged_to_leave(self) -> Self:
        contract = self.power_contract
        if self.curtailment_obligation is not None and contract is not None and contract.resale is None:
            raise failed([block_lost(())])
        return self

    @property
    def charged_by(self) -> frozenset[str]:
        """The keys of the charges and contracts that are given."""
        return frozenset(name for name in _charges() if getattr(self, name) is not None)

    @property
    def is_charged(self) -> bool:
        """Whether any of them is."""
        return any(getattr(self, name) is not None for name in _charges())

    def charges(
        self, parts: Sequence[Drawing], power: PowerPrice, inflation_fraction_per_year: Number, timeline: Timeline
    ) -> CashFlows:
        """What these come to for what draws and has none of its own, at this price of power."""
        from minecalc.power import charge_lines

        inflation, loads, lines = inflation_fraction_per_year, dict[tuple[int, ...], "Load"](), list[Line]()
        memo = dict[str, FloatArray]()

        def load(name: str) -> "Load":
            counted = tuple(place for place, part in enumerate(parts) if name not in part.own)
            if counted not in loads:
                loads[counted] = charge_lines.load_of([parts[place][:2] for place in counted], timeline)
            return loads[counted]

        if self.demand_charge_usd_per_kw_per_month is not None:
            rate = cost_by_month(self.demand_charge_usd_per_kw_per_month, inflation, timeline)
            lines += charge_lines.demand_charges(rate, load("demand_charge_usd_per_kw_per_month"))
        if self.coincident_peaks is not None:
            peaks = charge_lines.peak_charges(self.coincident_peaks, inflation, load("coincident_peaks"), timeline)
            lines += peaks.lines
            memo |= peaks.memo
        if self.power_contract is not None:
            lines += charge_lines.contract_lines(self.power_contract, load("power_contract"), power, timeline)
        if self.demand_response is not None:
            lines += charge_lines.response_lines(self.demand_response, load("demand_response"), timeline)
        if self.curtailment_obligation is not None:
            obliged = load("curtailment_obligation")
            lines += charge_lines.obligation_lines(self.curtailment_obligation, inflation, obliged, power, timeline)
        return CashFlows(tuple(lines), memo=memo)


@cache
def _charges() -> tuple[str, ...]:
    """The keys of charges and contracts."""
    return tuple(PowerCharges.model_fields)
