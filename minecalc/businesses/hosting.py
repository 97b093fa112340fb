"""Hosting: other people's mining machines on the site's megawatts.

Customers' machines fill ``hosted_fraction`` of the megawatts. They pay an all-in price per kWh, or a price per kW and
month; of a share of their mining profit alone, power at what it costs. The host pays for power and for running the
site. A month's mining profit is what the machines mine, net of the pool's fee, less what is paid for hosting;
``share_of_mining_profit_fraction`` of it goes to the host in months in which there is one.

``bills`` says of a price per kWh what is counted: energy that is metered, or nameplate hours, whether the machines ran
or not; a price per kW is of nameplate. ``curtails`` says whose business shutting off is. A customer shuts off where
machines mine less than the hour is billed at: months, or the hours of dear power where power is passed on; billed by
nameplate it never pays to. A host shuts off in the hours, or months, whose power costs more than it is paid for them,
and does not bill those.

A deposit is received before the first month and paid back after the last; at the horizon what is held is owed. After
its term the contract is renewed or the megawatts earn nothing. The halls stand: what they would be worth afterwards is
no part of this. Sources: terms of contracts filed with the SEC; arithmetic, as mining's in ``minecalc.market.bitcoin``.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import ClassVar, Literal, NamedTuple, Self

import numpy as np
from pydantic import model_validator

from minecalc.arrays import Count, FloatArray, Number, at_month, lump, truth
from minecalc.businesses import Setting
from minecalc.cashflows import CashFlows, Line
from minecalc.fleets.fleet_terms import MachineName, efficiency, on_plate, pue
from minecalc.reference.snapshot import on_record
from minecalc.schema.alternatives import Alternatives
from minecalc.schema.fields import Usual, anything, choice, number, text, whole
from minecalc.schema.validate import refused
from minecalc.timeline import Timeline
from minecalc.trace import named
from minecalc.units import KW_PER_MW, KWH_PER_MWH, MONTHS_PER_YEAR, PH_PER_EH
from minecalc.uses.tenancy import PREPAYMENT_OWED
from minecalc.uses.use_terms import UseTerms
from minecalc.values.paths import Sourced, TimedInputs, ValueOverTime, over_time

PER_KWH, PER_KW = "hosting_usd_per_kwh", "usd_per_kw_per_month"
_PRICE_HELP = "give hosting_usd_per_kwh, say 0.07, usd_per_kw_per_month, or share_of_mining_profit_fraction alone"


class Renewal(TimedInputs):
    """A second contract after the term, at a share of the price."""

    rate_ratio: Number = number(
        low=0, high=10, default=1.0, default_source="the same price", help="price of the renewal over that of the term"
    )
    term_months: Count | None = whole(
        low=1, high=600, default=None, help="length of the renewal; omitted: to the horizon"
    )


class Inputs(UseTerms):
    """What customers pay, what they run, and for how long."""

    earns_hash_price: ClassVar[bool] = True
    runs_meanwhile: ClassVar[bool] = True
    costs: ClassVar[frozenset[str]] = frozenset({"opex_usd_per_mw_per_year"})
    prices: ClassVar[tuple[str, ...]] = (PER_KWH, PER_KW)
    worth_solving_for: ClassVar[tuple[str, ...]] = (*prices, "conversion.delay_months")
    alternatives: ClassVar[tuple[Alternatives, ...]] = (
        Alternatives(((PER_KWH,), (PER_KW,)), advice=_PRICE_HELP),
        *UseTerms.alternatives,
    )

    hosting_usd_per_kwh: ValueOverTime | None = over_time(
        low=0,
        high=2,
        default=None,
        usual=Usual(0.02, 0.15, "all-in prices of hosting: 5.5 to 9 c/kWh in 2022 to 2025, with room to either side"),
        help="all-in price that customers pay per kWh of their machines",
    )
    usd_per_kw_per_month: ValueOverTime | None = over_time(
        low=0, high=1000, default=None, help="the price per kW of nameplate and month, in place of one per kWh"
    )
    share_of_mining_profit_fraction: Number = number(
        low=0,
        high=1,
        default=0.0,
        default_source="no share",
        help="share of the customers' mining profit that the host keeps; without a price power is passed on at cost",
    )
    bills: Literal["metered", "nameplate"] = choice(
        default="metered",
        help="metered: a price per kWh is of the energy used; nameplate: of all hours, run or not",
    )
    curtails: Literal["host", "customer"] = choice(
        default="customer", help="who decides when machines are shut off, and gains by it"
    )
    hosted_fraction: ValueOverTime = over_time(
        low=0, high=1, default=1.0, default_source="full", help="share of the megawatts that customers' machines fill"
    )
    machine: MachineName | None = text(
        default=None, help="the customers' machine, of the catalogue, for its efficiency and cooling, such as s21"
    )
    efficiency_j_per_th: Number = efficiency("efficiency of the customers' machines at the wall")
    pue_ratio: Number = pue("energy at the meter over energy of the machines, which is what is billed")
    uptime_fraction: ValueOverTime = over_time(
        low=0, high=1, help="share of the hours that the machines can run", **on_record("uptime_fraction")
    )
    pool_fee_fraction: Number = number(
        low=0, high=1, help="share of what is mined that the customers' pool keeps", **on_record("pool_fee_fraction")
    )
    opex_usd_per_mw_per_year: ValueOverTime = over_time(
        low=0,
        high=1e7,
        help="operating cost of the host per MW hosted beside power, run or not",
        **on_record("opex_usd_per_mw_per_year"),
    )
    deposit_months: Number | None = number(
        low=0, high=24, default=None, help="months of the first month's bill that customers leave as a deposit"
    )
    term_months: Count | None = whole(
        low=1, high=1200, default=None, help="length of the contract; omitted: to the horizon"
    )
    renewal: Renewal | None = anything(default=None, help="a second contract after the term")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.is_priced and "share_of_mining_profit_fraction" not in self.model_fields_set:
            raise refused((), "missing-key", "what customers pay is missing", _PRICE_HELP)
        if self.hosting_usd_per_kwh is None and "bills" in self.model_fields_set:
            message = "bills says what a price per kWh is of, and there is none"
            raise refused(("bills",), "conflict", message, "leave bills out, or give hosting_usd_per_kwh")
        if self.deposit_months is not None and not self.is_priced:
            message = "a deposit is of months of a bill, and there is no price"
            raise refused(("deposit_months",), "conflict", message, _PRICE_HELP)
        return self

    def from_records(self) -> Mapping[str, Sourced]:
        """Efficiency and PUE of the machine that is named."""
        return {} if self.machine is None else on_plate(self.machine)

    def peak_draw_mw(self, setting: Setting) -> tuple[Number, str]:
        """The most that customers' machines fill."""
        most = float(np.max(self.hosted_fraction.values(setting.timeline)))
        return setting.gross_mw * most, f"{float(np.max(setting.gross_mw)):g} MW x {most:g} hosted"

    def critical_mw(self, setting: Setting) -> Number:
        """The machines' own load when the site is full."""
        return setting.gross_mw / self.pue_ratio

    @property
    def is_priced(self) -> bool:
        """Whether customers pay a price; else power is passed on at cost."""
        return self.hosting_usd_per_kwh is not None or self.usd_per_kw_per_month is not None

    @property
    def bills_hours_off(self) -> bool:
        """Whether customers pay for hours that they do not run."""
        return self.usd_per_kw_per_month is not None or self.bills == "nameplate"

    @property
    def worth_at_the_end(self) -> Mapping[str, str]:
        """Deposits that are owed."""
        return {PREPAYMENT_OWED: "paying back deposits"}


class _Contract(NamedTuple):
    """The months of the contract, ``(months, ·)``: 1 where it is in force, and its price over that of the term.

    It ends before month ``ends``.
    """

    in_force: FloatArray
    rate_ratio: FloatArray
    ends: Number


def _contract(inputs: Inputs, setting: Setting) -> _Contract:
    """The term and its renewal, until what follows the use."""
    timeline, first = setting.timeline, setting.first
    since = named("months_since_ready", timeline.numbers - first)
    runs = (since >= 0.0) & (timeline.numbers < setting.until)
    if inputs.term_months is None:
        in_force = named("in_force", truth(runs))
        return _Contract(in_force, in_force, setting.until)
    in_term = runs & (since < inputs.term_months)
    ends: Number = first + inputs.term_months
    if inputs.renewal is None:
        in_force = named("in_force", truth(in_term))
        return _Contract(in_force, in_force, np.minimum(ends, setting.until))
    renewed = runs & (since >= inputs.term_months)
    if inputs.renewal.term_months is not None:
        renewed = renewed & (since < inputs.term_months + inputs.renewal.term_months)
        ends = ends + inputs.renewal.term_months
    else:
        ends = setting.until
    rate = truth(in_term) + truth(renewed) * inputs.renewal.rate_ratio
    in_force = named("in_force", truth(in_term | renewed))
    return _Contract(in_force, named("rate_ratio", rate), np.minimum(ends, setting.until))


class _IfRun(NamedTuple):
    """What the months of the contract would bring and take if the machines ran in all hours, ``(months, ·)``.

    ``bill_usd`` is None where power is passed on; ``mined_usd`` is net of the pool's fee.
    """

    bill_usd: FloatArray | None
    mined_usd: FloatArray
    energy_mwh: FloatArray
    hosted_mw: FloatArray


def _if_run(inputs: Inputs, setting: Setting, contract: _Contract) -> _IfRun:
    timeline = setting.timeline
    uptime = inputs.uptime_fraction.values(timeline)
    hosted = named("hosted_mw", inputs.hosted_fraction.values(timeline) * setting.gross_mw * contract.in_force)
    machines_mw = named("machines_mw", hosted / inputs.pue_ratio)
    energy = named("energy_if_run_mwh", uptime * timeline.hours * hosted)
    petahash_days = uptime * timeline.days * (machines_mw / inputs.efficiency_j_per_th * PH_PER_EH)
    hash_price = setting.market.hash_price_usd_per_ph_per_day
    mined = hash_price * named("ph_days", petahash_days) * (1.0 - inputs.pool_fee_fraction)
    bill = _nameplate_bill_usd(inputs, timeline, machines_mw, contract.rate_ratio)
    if bill is not None:
        bill = named("bill_if_run_usd", bill if inputs.bills_hours_off else bill * uptime)
    return _IfRun(bill, named("mined_if_run_usd", mined), energy, hosted)


def _nameplate_bill_usd(
    inputs: Inputs, timeline: Timeline, machines_mw: FloatArray, rate_ratio: FloatArray
) -> FloatArray | None:
    """What all hours of the machines' nameplate cost, ``(months, ·)``; None where power is passed on."""
    if inputs.hosting_usd_per_kwh is not None:
        energy = timeline.hours * machines_mw * KWH_PER_MWH
        return inputs.hosting_usd_per_kwh.values(timeline) * rate_ratio * energy
    if inputs.usd_per_kw_per_month is not None:
        return inputs.usd_per_kw_per_month.values(timeline) * rate_ratio * (machines_mw * KW_PER_MW)
    return None


class _Run(NamedTuple):
    """What the hours run bring and take, ``(months, ·)``: the bill, what is mined, power (negative), and energy.

    ``saved_usd`` is what being off saves the host.
    """

    bill_usd: FloatArray
    mined_usd: FloatArray
    power_usd: FloatArray
    energy_mwh: FloatArray
    saved_usd: FloatArray


def _run(inputs: Inputs, setting: Setting, found: _IfRun) -> _Run:
    """The hours that the machines run, by whoever decides on them."""
    bill, mined, energy, worth = found.bill_usd, found.mined_usd, found.energy_mwh, found.mined_usd
    if bill is not None and inputs.curtails == "customer":
        runs = named("customers_run", truth(mined >= 0.0 if inputs.bills_hours_off else mined > bill))
        power = -setting.power.cost_usd(energy * runs)
        return _Run(bill * runs, mined * runs, power, energy * runs, np.zeros((1, 1)))
    if bill is not None:
        profit = np.maximum(mined - bill, 0.0)
        worth = named("worth_to_the_host_usd", bill + profit * inputs.share_of_mining_profit_fraction)
    load = setting.power.interruptible(energy, worth)
    power = load.power_usd()
    billed = -power if bill is None else load.in_hours_run(bill)
    return _Run(billed, load.in_hours_run(mined), power, load.in_hours_run(energy), load.saved_usd())


def cash_flows(inputs: Inputs, setting: Setting) -> CashFlows:
    """What customers pay, the share of their profit, power, operating cost and deposits, month by month."""
    timeline, contract = setting.timeline, _contract(inputs, setting)
    found = _if_run(inputs, setting, contract)
    run = _run(inputs, setting, found)
    profit = named("mining_profit_usd", np.maximum(run.mined_usd - run.bill_usd, 0.0))
    opex = found.hosted_mw * (setting.cost(inputs.opex_usd_per_mw_per_year) / -MONTHS_PER_YEAR)
    lines = [
        Line(
            "hosting_revenue_usd",
            "revenue",
            named("hosting_revenue_usd", run.bill_usd),
            contracted=partial(_contracted, inputs, setting) if inputs.bills_hours_off else None,
        ),
        Line("profit_share_usd", "revenue", profit * inputs.share_of_mining_profit_fraction),
        Line("hosting_power_usd", "power", named("hosting_power_usd", run.power_usd)),
        Line("hosting_opex_usd", "opex", opex),
        *_deposit_lines(inputs, timeline, setting.first, contract, found.bill_usd),
    ]
    return CashFlows(tuple(lines), {"energy_mwh": run.energy_mwh}, {"curtailment_value_usd": run.saved_usd})


def _contracted(inputs: Inputs, setting: Setting) -> FloatArray:
    """1 in the term of a contract that is paid for whether its machines run or not; of one without a term 0."""
    since = setting.timeline.numbers - setting.first
    term: Number = 0.0 if inputs.term_months is None else inputs.term_months
    return named("contracted_hosting_fraction", truth((since >= 0.0) & (since < term)))


def _deposit_lines(
    inputs: Inputs, timeline: Timeline, first: Number, contract: _Contract, bill: FloatArray | None
) -> Sequence[Line]:
    """A deposit received at the start of the first month, and paid back at the start of the month after the last."""
    if bill is None or inputs.deposit_months is None:
        return ()
    months = timeline.months
    held = truth(first <= months)
    deposit = named("deposit_usd", at_month(bill, np.minimum(first, float(months))) * inputs.deposit_months * held)
    back = lump(months, contract.ends, -deposit)
    owed = named("deposit_owed_usd", -deposit * truth(contract.ends > months))
    return (
        Line("deposits_usd", "prepayment", lump(months, first, deposit) + back, at_start=True),
        Line(PREPAYMENT_OWED, "residual", lump(months, float(months), owed)),
    )


def warnings(inputs: Inputs, setting: Setting) -> Iterator[str]:
    """A contract that ends early, and machines that are shut off for want of profit or margin."""
    timeline, contract = setting.timeline, _contract(inputs, setting)
    months, first = timeline.months, int(setting.first)
    ends = int(np.max(contract.ends))
    if inputs.renewal is not None and inputs.term_months is None:
        yield "the renewal never begins: the contract has no term; give term_months"
    if ends <= months and ends < float(np.max(setting.until)):
        yield (
            f"the hosting contract ends with {timeline.label(ends - 1)}; the last {months - ends + 1} months earn "
            "nothing; give a renewal, or leave term_months out"
        )
    found = _if_run(inputs, setting, contract)
    if found.bill_usd is not None and inputs.bills_hours_off:
        losing = np.flatnonzero(np.broadcast_to(found.mined_usd < found.bill_usd, (months, 1))[:, 0])
        if losing.size:
            yield (
                f"in {losing.size} months, the first {timeline.label(int(losing[0]) + 1)}, customers' machines "
                f"({float(np.max(inputs.efficiency_j_per_th)):g} J/TH) mine less than their bill: that they stay and "
                "pay rests on the contract alone"
            )
    run = np.broadcast_to(_run(inputs, setting, found).energy_mwh, (months, 1))[:, 0]
    last = int(np.max(np.flatnonzero(run), initial=first - 2)) + 1
    until = min(ends, months + 1)
    if first <= last + 1 < until:
        who = "customers shut their machines off" if inputs.curtails == "customer" else "the host shuts machines off"
        why = "mine less than they are billed"
        if inputs.curtails == "host" or not inputs.is_priced:
            why = "bring less than their power costs"
        yield (
            f"{who} from {timeline.label(last + 1)} on, {until - last - 1} months: they {why}; that hangs on the hash "
            f"price and efficiency_j_per_th ({float(np.max(inputs.efficiency_j_per_th)):g})"
        )
