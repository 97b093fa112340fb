"""GPU cloud: the operator owns GPUs and sells their hours.

Revenue is GPUs x hours x utilisation x availability x the market rate; a take-or-pay contract for a part of the GPUs
pays its value evenly over its term, whatever they do. The operator pays power for GPUs x kW x load factor x PUE, its
operating cost and, in leased space, rent per critical kW.

After a contract its GPUs sell at the market rate; without one nobody takes them, and they stand idle. After a default
of the customer they stand idle until they are let again, take-or-pay, at a share of the contract's rate until its
original end. Idle GPUs draw no power and have no operating cost per GPU-hour; rent for space goes on.

GPUs are paid at the start of the first month, earn for ``life_months`` and are then replaced at the price of that
month (``replace: true``) or stop. Each generation leaves ``residual_fraction`` of its cost at the end of its life, or
the straight-line value between cost and that at the horizon.

Halls that were built outlast the GPUs: at the horizon nothing is left of them unless ``building_life_months`` says over
how long their cost is lost evenly, or ``halls_relet`` at what rent and cap rate they are let again, as a lease is sold.
Sources: see ``minecalc catalog gpus``.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from pydantic import field_validator, model_validator

from minecalc.arrays import Count, FloatArray, Number, accumulate, added, at_month, lump, truth
from minecalc.businesses import Setting
from minecalc.cashflows import Assets, CashFlows, Line, Lot
from minecalc.reference.snapshot import on_record
from minecalc.schema.alternatives import Alternatives
from minecalc.schema.fields import Usual, anything, flag, later, number, text, whole
from minecalc.schema.names import unknown_name
from minecalc.schema.validate import failed, refused
from minecalc.timeline import Timeline
from minecalc.trace import named
from minecalc.units import KW_PER_MW, MONTHS_PER_YEAR
from minecalc.uses.conversion import building_line
from minecalc.uses.critical_load import USUAL_RENT, CriticalLoad
from minecalc.uses.tenancy import Prepayment, Tenancy, TenantDefault, until_default
from minecalc.uses.use_terms import Factors, Published
from minecalc.values.paths import Sourced, TimedInputs, ValueOverTime, over_time

if TYPE_CHECKING:
    from minecalc.reference.gpus import Gpu

RATE = "lease_usd_per_gpu_hour"
_HALLS_HELP = "say what is left of the halls by their life, or by the rent at which they are let again"


class Contract(TimedInputs):
    """A take-or-pay part."""

    value_usd: Number = number(low=0, high=1e12, help="total payment over the term")
    term_months: Count = whole(low=1, high=600, help="term from the first month")
    gpu_fraction: Number = number(
        low=0, high=1, default=1.0, default_source="all GPUs", help="share of the GPUs under contract"
    )
    tenant_default: TenantDefault | None = anything(
        default=None,
        help="the customer stops paying; after a while the GPUs are let again at a share of its rate; omitted: never",
    )


class HallsRelet(TimedInputs):
    """The halls let to a tenant from the horizon on, and sold there."""

    rent_usd_per_kw_per_month: ValueOverTime = over_time(
        low=0, high=10_000, usual=USUAL_RENT, help="rent per critical kW, that of the last month"
    )
    cap_rate_fraction: Number = number(low=0.005, high=1, help="cap rate at which the let halls are sold")
    opex_fraction_of_rent: Number = number(
        low=0, high=5, help="operating cost as a share of that rent", **on_record("opex_fraction_of_rent")
    )


class Inputs(CriticalLoad):
    """A GPU fleet and its market."""

    gpu_count: Count = whole(low=0, high=10_000_000, help="GPUs installed")
    gpu: str | None = text(default=None, help="a GPU of the catalogue, for its power, price and rental rate")
    lease_usd_per_gpu_hour: ValueOverTime | None = over_time(
        low=0, high=1000, default=None, help="market rate of a sold GPU-hour"
    )
    contract: Contract | None = anything(default=None, help="a take-or-pay part; the rest sells at the market rate")
    utilisation_fraction: ValueOverTime = over_time(
        low=0,
        high=1,
        default=1.0,
        default_source="every hour sold",
        help="share of available hours sold at the market",
    )
    availability_fraction: ValueOverTime = over_time(
        low=0, high=1, default=1.0, default_source="no outage", help="share of hours that GPUs are up"
    )
    kw_per_gpu: Number = number(
        low=0.05,
        high=20,
        default=1.28,
        default_source="H100, server only: 10.2 kW per 8 (grade C)",
        default_as_of="2026",
        help="all-in critical kW",
    )
    capex_usd_per_gpu: ValueOverTime = over_time(
        low=0,
        high=1e6,
        default=38_000.0,
        default_source="H100 installed: middle of $34-42k (calc)",
        default_as_of="2024-09",
        usual=Usual(5_000, 200_000, "installed: from a used A100 to twice a GB300, the dearest on record"),
        help="installed cost of a GPU when it is bought",
    )
    life_months: Count = whole(
        low=1,
        high=240,
        default=60,
        default_source="book lives of 4-6 years; CoreWeave 6, WhiteFiber and Lambda 5, Nebius 4 (grade C)",
        default_as_of="2025",
        help="months that a generation of GPUs earns",
    )
    replace: bool = flag(default=False, help="buy the next generation when one ends")
    residual_fraction: Number = number(
        low=0,
        high=1,
        default=0.0,
        default_source="nothing left at the end",
        help="share of cost left at the end of life",
    )
    opex_fraction_of_revenue: Number = number(
        low=0,
        high=5,
        help="operating cost as a share of revenue, power and rent for space not included",
        **on_record("opex_fraction_of_revenue"),
    )
    opex_usd_per_gpu_hour: ValueOverTime = over_time(
        low=0,
        high=100,
        default=0.0,
        default_source="none given",
        help="operating cost of every GPU-hour, sold or not, while the GPUs do not stand idle for want of a buyer",
    )
    space_rent_usd_per_kw_per_month: ValueOverTime | None = over_time(
        low=0, high=10_000, default=None, usual=USUAL_RENT, help="rent per critical kW of leased space"
    )
    prepayment: Prepayment | None = anything(default=None, help="contract value paid ahead and credited in named years")
    building_life_months: Count | None = whole(
        low=1,
        high=1200,
        default=None,
        help="months from the first over which the halls lose their cost evenly; omitted: nothing is left of them",
    )
    halls_relet: HallsRelet | None = anything(
        default=None, help="what the halls are worth at the horizon to whoever lets them, in place of a life"
    )

    costs: ClassVar[frozenset[str]] = CriticalLoad.costs | {"opex_usd_per_gpu_hour", "space_rent_usd_per_kw_per_month"}
    factors: ClassVar[Factors] = {
        RATE: later("minecalc.uses.ai_rates", "GpuRate"),
        "utilisation_fraction": later("minecalc.uses.ai_rates", "Utilisation"),
    }
    prices: ClassVar[tuple[str, ...]] = ("contract.value_usd", RATE)
    alternatives: ClassVar[tuple[Alternatives, ...]] = (
        Alternatives((("building_life_months",), ("halls_relet",)), advice=_HALLS_HELP),
        *CriticalLoad.alternatives,
    )
    worth_solving_for: ClassVar[tuple[str, ...]] = (
        *prices,
        "utilisation_fraction",
        "conversion.capex_usd_per_critical_mw",
        "capex_usd_per_critical_mw",
        "capex_usd_per_gpu",
        "conversion.delay_months",
    )

    def required_mw(self, setting: Setting) -> tuple[Number, str]:
        """Critical MW over critical per gross."""
        mw = self.critical_mw(setting) / self.critical_per_gross_fraction
        of = (self.gpu_count, self.kw_per_gpu, self.critical_per_gross_fraction)
        gpus_, kw, share = (float(np.max(x)) for x in of)
        return mw, f"{gpus_:g} GPUs x {kw:g} kW / {share:g}"

    def critical_mw(self, setting: Setting) -> Number:
        """GPUs x kW."""
        return self.gpu_count * self.kw_per_gpu / KW_PER_MW

    @property
    def rents_its_halls(self) -> bool:
        """Whether the space is leased."""
        return self.space_rent_usd_per_kw_per_month is not None

    def quoted(self, name: str) -> Sequence[Published] | None:
        """The quotes on record of an hour of the GPU that is named."""
        if name != RATE:
            return None
        from minecalc.reference.gpus import gpu_prices

        return [
            Published(price.low_usd_per_gpu_hour, price.high_usd_per_gpu_hour, price.as_of, price.source)
            for price in gpu_prices()
            if price.gpu == self.gpu and price.low_usd_per_gpu_hour and price.high_usd_per_gpu_hour
        ]

    @property
    def worth_at_the_end(self) -> Mapping[str, str]:
        """GPUs and halls that are sold at the horizon, and prepaid hours that are owed."""
        return {
            "gpus_residual_usd": "what the GPUs fetch at the horizon",
            "halls_residual_usd": "what the halls are worth after the GPUs",
            "prepayment_owed_usd": "paying back prepaid hours",
        }

    def tenancy(self) -> Tenancy | None:
        """The take-or-pay contract, after a default of whose customer the GPUs are let at the market's rate."""
        if self.contract is None:
            return None
        market = "" if self.lease_usd_per_gpu_hour is None else RATE
        return Tenancy("contract.tenant_default", self.contract.tenant_default, market)

    @field_validator("gpu", mode="before")
    @classmethod
    def _by_any_name(cls, data: object) -> object:
        """A GPU may be called as its maker writes it."""
        from minecalc.reference.gpus import gpu_id

        return gpu_id(data) if isinstance(data, str) else data

    def _record(self) -> "Gpu | None":
        """The GPU that is named, if one is. Raises what ``failed`` does for one that the catalogue does not have."""
        if self.gpu is None:
            return None
        from minecalc.reference.gpus import gpus

        if self.gpu not in gpus():
            raise failed([unknown_name(("gpu",), "GPU", self.gpu, gpus(), "minecalc catalog gpus")])
        return gpus()[self.gpu]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        record = self._record()
        if record is not None:
            published = {"kw_per_gpu": record.kw_per_gpu, "capex_usd_per_gpu": record.capex_usd_per_gpu}
            unknown = [key for key, value in published.items() if value is None and key not in self.model_fields_set]
            if unknown:
                message = f"the catalogue has no {' and no '.join(unknown)} for {self.gpu}"
                advice = f"give {' and '.join(unknown)}: another GPU's would mislead"
                raise refused(("gpu",), "missing-key", message, advice)
        rated = record is not None and record.lease_usd_per_gpu_hour is not None
        contracted = self.contract is not None and self.contract.gpu_fraction == 1.0
        if self.lease_usd_per_gpu_hour is None and not rated and not contracted:
            message = "lease_usd_per_gpu_hour is missing"
            raise refused((), "missing-key", message, "give the rate, say 2.65, or a gpu of the catalogue")
        for name in ("building_life_months", "halls_relet"):
            if self.rents_its_halls and getattr(self, name) is not None:
                message = f"{name} is of halls that are owned, and space is rented"
                raise refused((name,), "conflict", message, "leave one of them out", key=True)
        if self.prepayment is not None and self.contract is None:
            message = "a prepayment needs a contract to be a share of"
            raise refused(("prepayment",), "missing-key", message, "give contract: {value_usd, term_months}", key=True)
        return self

    def from_records(self) -> Mapping[str, Sourced]:
        """Power, installed cost and rental rate of the named GPU; rented space has no building to pay for."""
        rented = {"capex_usd_per_critical_mw": Sourced(0.0, "", "space that is rented by the kW stands already")}
        ours = rented if self.rents_its_halls else {}
        record = self._record()
        if record is None:
            return ours
        found = {"kw_per_gpu": (record.kw_per_gpu, record.kw_as_of, record.kw_source)}
        found["capex_usd_per_gpu"] = (record.capex_usd_per_gpu, record.capex_as_of, record.capex_source)
        if self.contract is None or self.contract.gpu_fraction < 1.0:
            found["lease_usd_per_gpu_hour"] = (
                record.lease_usd_per_gpu_hour,
                record.lease_as_of,
                record.lease_source,
            )
        return ours | {
            name: Sourced(value, as_of, f"{record.name}: {source}", from_record=True)
            for name, (value, as_of, source) in found.items()
            if value is not None
        }


def cash_flows(inputs: Inputs, setting: Setting) -> CashFlows:
    """Revenue, power, operating cost, space rent, GPUs bought, sold and left, month by month."""
    timeline = setting.timeline
    k, first = timeline.numbers, setting.first
    horizon = named("ends_month", np.minimum(setting.until, timeline.after))
    generations = _generations(inputs, setting, horizon)
    life_ends = first + generations * inputs.life_months
    since = named("months_since_ready", k - first)
    in_service = truth((since >= 0.0) & (k < np.minimum(life_ends, horizon)))
    in_service = named("in_service_fraction", in_service)

    gpu_hours = named("gpu_hours", timeline.hours * in_service * inputs.gpu_count)
    available = inputs.availability_fraction.values(timeline)
    market_hours = gpu_hours * available * inputs.utilisation_fraction.values(timeline)
    market_hours = named("market_gpu_hours", market_hours)
    lines: list[Line] = []
    revenue: FloatArray = np.zeros((1, 1))
    sold: FloatArray = np.zeros((1, 1))
    running: Number = 0.0
    uncontracted: Number = 1.0
    if inputs.contract is not None:
        paid, let, uncontracted = _under_contract(inputs.contract, since, timeline, first)
        contracted = in_service * paid * (inputs.contract.value_usd / inputs.contract.term_months)
        fixed = partial(until_default, inputs.contract.tenant_default, timeline)
        lines.append(Line("contract_revenue_usd", "revenue", contracted, contracted=fixed))
        revenue, running = contracted, let
        sold = gpu_hours * available * let
    if inputs.lease_usd_per_gpu_hour is not None:
        market_hours = named("uncontracted_gpu_hours", market_hours * uncontracted)
        at_market = market_hours * inputs.lease_usd_per_gpu_hour.values(timeline)
        lines.append(Line("gpu_revenue_usd", "revenue", at_market))
        revenue, running = revenue + at_market, running + uncontracted
        sold = sold + market_hours
    running = named("running_fraction", in_service * running)

    critical_kw = named("critical_kw", inputs.gpu_count * inputs.kw_per_gpu)
    energy = inputs.drawn_mwh(critical_kw / KW_PER_MW, running, timeline)
    lines.append(Line("ai_power_usd", "power", -setting.power.cost_usd(energy)))
    running_hours = named("running_gpu_hours", timeline.hours * running * inputs.gpu_count)
    opex = revenue * inputs.opex_fraction_of_revenue + running_hours * setting.cost(inputs.opex_usd_per_gpu_hour)
    lines.append(Line("ai_opex_usd", "opex", -opex))
    contract = None if inputs.contract is None else lines[0]
    shed = inputs.shed(revenue, inputs.opex_fraction_of_revenue, energy, setting, contract)
    lines += shed.lines
    if inputs.space_rent_usd_per_kw_per_month is not None:
        space = setting.cost(inputs.space_rent_usd_per_kw_per_month) * in_service * critical_kw
        lines.append(Line("space_rent_usd", "opex", -space))
    if inputs.prepayment is not None and inputs.contract is not None:
        default = inputs.contract.tenant_default
        lines += inputs.prepayment.lines(inputs.contract.value_usd, timeline, first, default)
    lines += _capital_lines(inputs, setting, generations, horizon)
    lines += _halls_lines(inputs, setting, critical_kw)
    return CashFlows(tuple(lines), {"energy_mwh": energy, "gpu_hours_sold": sold}, shed.memo)


def _under_contract(
    contract: Contract, since: FloatArray, timeline: Timeline, first: Number
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """What the contract pays of its monthly price, the share of the GPUs it has let, and the share it never had.

    All ``(months, ·)``, ``since (months, ·)`` the first month. The third is the share that is for the market: all GPUs
    after the contract, and before its end those that were never under it.
    """
    term = named("in_term", truth((since >= 0.0) & (since < contract.term_months)))
    paid, let = term, term
    if contract.tenant_default is not None:
        left, empty = contract.tenant_default.on_contracts(timeline, first + contract.term_months)
        paid, let = term * left, term * (1.0 - empty)
    let = named("contracted_fraction", let * contract.gpu_fraction)
    return paid, let, named("uncontracted_fraction", 1.0 - term * contract.gpu_fraction)


def _generations(inputs: Inputs, setting: Setting, horizon: Number) -> Number:
    """How many generations of GPUs are bought before ``horizon``."""
    if not inputs.replace:
        return 1.0
    return named("generations_count", np.maximum(np.ceil((horizon - setting.first) / inputs.life_months), 1.0))


def _capital_lines(inputs: Inputs, setting: Setting, generations: Number, horizon: Number) -> list[Line]:
    """Each generation bought at its start, and sold at the end of its life or carried at the horizon."""
    months = setting.timeline.months
    price = inputs.capex_usd_per_gpu.values(setting.timeline)
    bought, sold, left, lots = [], [], [], list[Lot]()
    for g in range(int(np.max(generations))):
        start = setting.first + g * inputs.life_months
        exists = truth((g < generations) & (start < horizon))
        which = f"generation_{g + 1}"
        cost = named(f"{which}_cost_usd", at_month(price, start) * inputs.gpu_count * exists)
        age = named(f"{which}_age_months", np.minimum(inputs.life_months, np.maximum(horizon - start, 0.0)))
        value = cost * (1.0 - (1.0 - inputs.residual_fraction) * (age / inputs.life_months))
        value = named(f"{which}_value_usd", value)
        ends = named(f"{which}_ends_month", start + age)
        bought.append(lump(months, start, -cost))
        lots.append(Lot(start, ends, cost, life_months=inputs.life_months))
        sold.append(lump(months, ends, value))
        left.append(lump(months, float(months), np.where(ends > months, value, 0.0)))
    return [
        Line("gpus_bought_usd", "capex", added(months, *bought), at_start=True, assets=Assets("gpu", tuple(lots))),
        Line("gpus_sold_usd", "sale", added(months, *sold), at_start=True),
        Line("gpus_residual_usd", "residual", added(months, *left)),
    ]


def _halls_lines(inputs: Inputs, setting: Setting, critical_kw: Number) -> list[Line]:
    """What the halls that were built are worth at the horizon, where the inputs say; nothing before they are ready."""
    timeline, first = setting.timeline, setting.first
    months = float(timeline.months)
    if inputs.halls_relet is not None:
        terms = inputs.halls_relet
        rent = at_month(terms.rent_usd_per_kw_per_month.values(timeline), months)
        a_year = critical_kw * rent * (1.0 - terms.opex_fraction_of_rent) * MONTHS_PER_YEAR
        a_year = named("halls_gross_profit_usd_per_year", a_year)
        value = np.maximum(a_year, 0.0) / terms.cap_rate_fraction
    elif inputs.building_life_months is not None:
        mw = critical_kw / KW_PER_MW
        built = building_line(inputs.conversion, inputs.capex_usd_per_critical_mw, mw, timeline)
        cost = named("halls_cost_usd", -accumulate(built.usd))
        age = named("halls_age_months", np.maximum(months + 1.0 - first, 0.0))
        value = cost * np.maximum(1.0 - age / inputs.building_life_months, 0.0)
    else:
        return []
    value = named("halls_value_usd", value * truth(first <= months))
    return [Line("halls_residual_usd", "residual", lump(timeline.months, months, value))]


def warnings(inputs: Inputs, setting: Setting) -> Iterator[str]:
    """A fleet that dies of age, GPUs without a buyer, a contract longer than their life, a prepayment left over."""
    timeline, first = setting.timeline, int(setting.first)
    dies = int(first + inputs.life_months)
    if not inputs.replace and dies <= timeline.months:
        yield (
            f"the GPUs stop in {timeline.label(dies)}, after {inputs.life_months:g} months; "
            "give replace: true to buy the next generation"
        )
    if inputs.contract is not None:
        yield from _contract_warnings(inputs, inputs.contract, timeline, first)
    if inputs.prepayment is not None and inputs.contract is not None:
        yield from inputs.prepayment.warnings(timeline, first, inputs.contract.tenant_default)


def _contract_warnings(inputs: Inputs, contract: Contract, timeline: Timeline, first: int) -> Iterator[str]:
    """GPUs that stand idle after their contract, and contract money that is lost when they die before its end."""
    ends = first + int(contract.term_months)
    dies = int(timeline.after) if inputs.replace else first + int(inputs.life_months)
    in_service_until = min(dies, int(timeline.after))
    if inputs.lease_usd_per_gpu_hour is None and ends < in_service_until:
        months = in_service_until - ends
        yield (
            f"the GPUs stand idle from {timeline.label(ends)} on, {months} months, for want of a buyer: the contract "
            "has ended and lease_usd_per_gpu_hour is not given"
        )
    if dies < min(ends, int(timeline.after)):
        lost = (min(ends, int(timeline.after)) - dies) * float(contract.value_usd) / float(contract.term_months)
        yield (
            f"the contract runs {ends - dies} months longer than the GPUs live: ${lost / 1e6:,.4g}M of it "
            "is not earned within the horizon; give replace: true"
        )
