"""Colocation: critical megawatts leased to an AI tenant, a powered shell or more.

Rent is critical kW x leased fraction x rent per kW-month, from ``free_months`` after the first month, with an
escalator that steps on each anniversary of the first month, until the term ends; then a renewal, if given. The rent
of year 1 is an input or is solved from a contract's headline value, which is a total over its term. A ``lease`` of the
catalogue supplies what it publishes per critical kW.

The tenant pays for power unless ``tenant_pays_power`` is false; then energy is critical MW x leased x load factor x
PUE. A ``tenant_default`` leaves the space empty until it is let again at a share of the rent. With
``exit_cap_rate_fraction`` a lease that was in force in the last twelve months is sold at the horizon for the gross
profit of its last twelve rent months over the cap rate, never for less than nothing; ``exit_basis: remaining_term``
counts only the months of the lease that are left, an annuity.
Sources: published leases reproduce at a 3% escalator (``minecalc catalog leases``); ``minecalc help method``.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal, Self

import numpy as np
from pydantic import model_validator

from minecalc.arrays import (
    BoolArray,
    Count,
    FloatArray,
    Number,
    accumulate,
    added,
    as_cases,
    at_month,
    cases_in,
    lump,
    power,
    rows_at,
    truth,
)
from minecalc.businesses import Setting
from minecalc.cashflows import CashFlows, Line
from minecalc.reference.snapshot import on_record
from minecalc.schema.alternatives import Alternatives
from minecalc.schema.fields import anything, choice, flag, later, number, text, whole
from minecalc.schema.names import unknown_name
from minecalc.schema.validate import failed, refused
from minecalc.timeline import Timeline
from minecalc.trace import named
from minecalc.units import KW_PER_MW, MONTHS_PER_YEAR
from minecalc.uses.critical_load import SHED, USUAL_RENT, CriticalLoad
from minecalc.uses.tenancy import Prepayment, Tenancy, TenantDefault, until_default
from minecalc.uses.use_terms import Factors
from minecalc.values.paths import Sourced, TimedInputs, ValueOverTime, over_time

if TYPE_CHECKING:
    from minecalc.reference.leases import Lease

RENT = "rent_usd_per_kw_per_month"
#: The lines of a lease that an exit value is a multiple of.
_GROSS_PROFIT = ("rent_usd", "ai_opex_usd", "ai_power_usd", *SHED)
_RENT_HELP = "give rent_usd_per_kw_per_month (year 1, say 130) or contract: {value_usd, term_years}"


class Contract(TimedInputs):
    """A headline: total rent over a term."""

    value_usd: Number = number(low=0, high=1e12, help="total rent over the contract's term")
    term_years: Number = number(low=1 / 12, high=50, help="the contract's term from the first month")

    @model_validator(mode="after")
    def _whole_months(self) -> Self:
        months = float(self.term_years * MONTHS_PER_YEAR)
        if abs(months - round(months)) > 1e-6:
            message = f"term_years is {self.term_years:g}, which is {months:.4g} months"
            advice = f"a term has whole months; {round(months)} months are {round(months) / MONTHS_PER_YEAR:.12g} years"
            raise refused(("term_years",), "not-whole", message, advice)
        return self

    @property
    def term_months(self) -> Number:
        """The term in whole months (rounding what division by twelve left)."""
        return np.rint(self.term_years * MONTHS_PER_YEAR)


class Renewal(TimedInputs):
    """A second lease after the term."""

    rent_usd_per_kw_per_month: ValueOverTime = over_time(
        low=0, high=10_000, usual=USUAL_RENT, help="market rent in the month the renewal begins"
    )
    term_months: Count | None = whole(
        low=1, high=600, default=None, help="length of the renewal; omitted: to the horizon"
    )


class Inputs(CriticalLoad):
    """A lease of critical capacity."""

    lease: str | None = text(
        default=None, help="a published lease of the catalogue, for its rent per kW, term, escalator, margin and costs"
    )
    rent_usd_per_kw_per_month: Number | None = number(
        low=0, high=10_000, default=None, usual=USUAL_RENT, help="rent of year 1 per critical kW; or give contract"
    )
    contract: Contract | None = anything(
        default=None, help="headline value and term, from which the rent of year 1 is solved"
    )
    escalator_fraction_per_year: Number = number(
        low=-0.5, high=1, default=0.0, default_source="flat rent", help="rise of the rent on each anniversary"
    )
    term_months: Count | None = whole(
        low=1,
        high=1200,
        default=None,
        help="how long rent is paid; omitted: the contract's term, or to the horizon",
    )
    free_months: Count = whole(
        low=0, high=120, default=0, default_source="none", help="months from the first before rent begins"
    )
    leased_fraction: ValueOverTime = over_time(
        low=0,
        high=1,
        default=1.0,
        default_source="fully leased",
        help="share of the critical capacity that is leased",
    )
    tenant_pays_power: bool = flag(default=True, help="false: the landlord buys the tenant's energy")
    opex_fraction_of_rent: Number = number(
        low=0, high=5, help="operating cost as a share of rent (1 - NOI margin)", **on_record("opex_fraction_of_rent")
    )
    renewal: Renewal | None = anything(default=None, help="a second lease after the term")
    prepayment: Prepayment | None = anything(default=None, help="rent paid ahead and credited in named years")
    tenant_default: TenantDefault | None = anything(
        default=None, help="the tenant stops paying, and the space is let again; omitted: never"
    )
    exit_cap_rate_fraction: Number | None = number(
        low=0.005,
        high=1,
        default=None,
        help="cap rate at which the lease is sold at the horizon; omitted: no exit value",
    )
    exit_basis: Literal["relet", "remaining_term"] = choice(
        default="relet",
        help="relet: the gross profit goes on for ever; remaining_term: only while the lease still runs",
    )

    factors: ClassVar[Factors] = {RENT: later("minecalc.uses.ai_rates", "Rent")}
    prices: ClassVar[tuple[str, ...]] = (RENT, "contract.value_usd")
    worth_solving_for: ClassVar[tuple[str, ...]] = (*prices, *CriticalLoad.worth_solving_for)
    alternatives: ClassVar[tuple[Alternatives, ...]] = (
        Alternatives((("rent_usd_per_kw_per_month",), ("contract",)), advice=_RENT_HELP),
        *CriticalLoad.alternatives,
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        record = self._record()
        if self.rent_usd_per_kw_per_month is None and self.contract is None:
            if record is None:
                raise refused((), "missing-key", "the rent is missing", _RENT_HELP)
            if record.first_year_rent_usd_per_kw_per_month(0.0) is None:
                message = f"the catalogue has no rent per kW for {record.id}"
                raise refused(("lease",), "missing-key", message, _RENT_HELP)
        if self.contract is not None and self.free_months >= self.contract.term_months:
            message = f"free_months is {self.free_months:g}, the contract's whole term"
            raise refused(("free_months",), "conflict", message, "leave months in which the rent is paid")
        termed = record is not None and record.term_months is not None
        if self.prepayment is not None and self.contract is None and self.term_months is None and not termed:
            message = "a prepayment needs a term to be a share of"
            raise refused(("prepayment",), "missing-key", message, "give term_months or contract", key=True)
        if self.exit_basis != "relet" and self.exit_cap_rate_fraction is None:
            message = "exit_basis has no effect without exit_cap_rate_fraction"
            raise refused(("exit_basis",), "conflict", message, "give a cap rate, say 0.07", key=True)
        return self

    def critical_mw(self, setting: Setting) -> Number:
        """Gross megawatts x critical per gross."""
        return setting.gross_mw * self.critical_per_gross_fraction

    def earns_from(self, setting: Setting) -> Number:
        """The first month of rent: the free months are over."""
        return setting.first + self.free_months

    @property
    def rent_rise(self) -> Number:
        """Its escalator."""
        return self.escalator_fraction_per_year

    @property
    def worth_at_the_end(self) -> Mapping[str, str]:
        """The halls let again or what is left of the lease, and prepaid rent that is owed."""
        relet = self.exit_basis == "relet"
        halls = "what the halls are worth after the lease" if relet else "what is left of the lease at the horizon"
        return {"exit_value_usd": halls, "prepayment_owed_usd": "paying back prepaid rent"}

    def tenancy(self) -> Tenancy:
        """The lease: at the market's rent unless that is settled by a contract; a renewal follows its term."""
        return Tenancy(
            "tenant_default",
            self.tenant_default,
            market=RENT,
            signed=RENT if self.contract is None else "",
            settled="" if self.contract is None else "contract",
            renews_after_months=term_months(self, 0.0) if self.renewal is not None and _has_term(self) else None,
        )

    @property
    def buys_power(self) -> bool:
        """Whether the landlord pays for it."""
        return not self.tenant_pays_power

    def _record(self) -> "Lease | None":
        """The published lease that is named, if one is. Raises what ``failed`` does for one that is none."""
        if self.lease is None:
            return None
        from minecalc.reference.leases import leases

        record = leases().get(self.lease)
        if record is not None and record.kind != "colocation":
            message = f"{self.lease} sells GPU-hours and leases no space"
            advice = "name a lease of space; minecalc catalog leases --where kind=colocation lists them"
            raise refused(("lease",), "unknown-name", message, advice)
        if record is None:
            known = [name for name, found in leases().items() if found.kind == "colocation"]
            raise failed([unknown_name(("lease",), "lease", self.lease, known, "minecalc catalog leases")])
        return record

    def from_records(self) -> Mapping[str, Sourced]:
        """What the named lease publishes, per critical kW and so for any number of megawatts.

        The rent of year 1 is that whose escalated rents average the published rent over the term; a rent or a contract
        that is given takes its place, and a contract that of the term.
        """
        record = self._record()
        if record is None:
            return {}
        escalator = record.escalator_fraction_per_year
        rises = self.escalator_fraction_per_year
        if escalator is not None and "escalator_fraction_per_year" not in self.model_fields_set:
            rises = escalator
        found = {
            "critical_per_gross_fraction": record.critical_per_gross_fraction,
            "escalator_fraction_per_year": escalator,
            "opex_fraction_of_rent": record.opex_fraction_of_rent,
            "capex_usd_per_critical_mw": record.capex_usd_per_critical_mw,
        }
        if self.contract is None:
            found["rent_usd_per_kw_per_month"] = record.first_year_rent_usd_per_kw_per_month(float(rises))
            found["term_months"] = record.term_months
        source = f"{record.landlord}-{record.tenant}: {record.source} (grade {record.grade})"
        return {
            name: Sourced(value, record.as_of, source, from_record=True)
            for name, value in found.items()
            if value is not None
        }


def _has_term(inputs: Inputs) -> bool:
    """Whether a lease says how long it runs; without that it ends with the horizon."""
    return inputs.term_months is not None or inputs.contract is not None


def term_months(inputs: Inputs, horizon: Number) -> Number:
    """How long rent is paid from the first month: ``term_months``, the contract's term, or ``horizon``."""
    if inputs.term_months is not None:
        return inputs.term_months
    if inputs.contract is not None:
        return inputs.contract.term_months
    return horizon


def _escalation(inputs: Inputs, months_since: FloatArray, called: str = "escalation_ratio") -> FloatArray:
    """(1 + escalator)^(whole years since the first month), 1 before it."""
    years = np.floor(np.maximum(months_since, 0.0) / MONTHS_PER_YEAR)
    return named(called, power(1.0 + inputs.escalator_fraction_per_year, years))


def _rent_total_per_unit(inputs: Inputs, setting: Setting, term_months: Number) -> FloatArray:
    """Sum over a term of leased fraction x escalation, without the free months: total rent at a rent of 1, ``(·,)``."""
    longest = int(np.ceil(np.max(term_months)))
    since = setting.timeline.constant("term_months_since_ready", np.arange(float(longest))[:, None])
    latest = int(np.max(setting.first)) + longest
    leased = inputs.leased_fraction.values(setting.timeline.extended(latest))
    leased = rows_at(leased, setting.first + since)
    paid = (since >= inputs.free_months) & (since < term_months)
    return named("escalated_months", accumulate(leased * (_escalation(inputs, since, "term_escalation_ratio") * paid)))


def first_year_rent_usd_per_kw_per_month(inputs: Inputs, setting: Setting) -> Number:
    """Year-1 rent: given, or solved so that the rents of the contract's term sum to its value."""
    if inputs.contract is None:
        assert inputs.rent_usd_per_kw_per_month is not None
        return inputs.rent_usd_per_kw_per_month
    kw = inputs.critical_mw(setting) * KW_PER_MW
    total = _rent_total_per_unit(inputs, setting, inputs.contract.term_months) * kw
    rent = np.where(total > 0.0, inputs.contract.value_usd / np.where(total > 0.0, total, 1.0), 0.0)
    return named("year_1_rent_usd_per_kw_per_month", rent)


def rents_of_term_usd(inputs: Inputs, setting: Setting) -> FloatArray:
    """All rents of the term, beyond the horizon too, ``(·,)``: what a prepayment without a contract is a share of."""
    term = term_months(inputs, float(setting.timeline.months))
    kw = inputs.critical_mw(setting) * KW_PER_MW
    rent = first_year_rent_usd_per_kw_per_month(inputs, setting)
    return _rent_total_per_unit(inputs, setting, term) * rent * kw


def at_its_price(inputs: Inputs, setting: Setting) -> Inputs:
    """The same lease with the rent, term and prepayment that its contract's value comes to, in place of the contract.

    A prepayment is a share of the contract's value while there is one, and of the rents of the term without.
    """
    contract = inputs.contract
    assert contract is not None
    rent = as_cases(first_year_rent_usd_per_kw_per_month(inputs, setting))
    terms: dict[str, object] = {RENT: float(rent[0]), "term_months": float(term_months(inputs, 0.0))}
    rents = float(rents_of_term_usd(inputs, setting)[0])
    if inputs.prepayment is not None and rents != 0.0:
        fraction = inputs.prepayment.fraction * contract.value_usd / rents
        terms["prepayment"] = inputs.prepayment.model_copy(update={"fraction": fraction})
    return inputs.model_copy(update={"contract": None, **terms})


def cash_flows(inputs: Inputs, setting: Setting) -> CashFlows:
    """Rent, landlord's power, operating cost, prepayment and exit value, month by month."""
    timeline = setting.timeline
    months, first = timeline.months, setting.first
    since = named("months_since_ready", timeline.numbers - first)
    kw = named("critical_kw", inputs.critical_mw(setting) * KW_PER_MW)
    leased = inputs.leased_fraction.values(timeline)
    term = term_months(inputs, float(months))
    rent_of_year_1 = first_year_rent_usd_per_kw_per_month(inputs, setting)

    open_ = timeline.numbers < setting.until
    in_term = named("in_term", (since >= 0.0) & (since < term) & open_)
    rate = _escalation(inputs, since) * rent_of_year_1 * (in_term & (since >= inputs.free_months))
    occupied = in_term
    lease_ends: Number = first + term if _has_term(inputs) else timeline.after
    if inputs.renewal is not None:
        renewed = since - term
        in_renewal = (renewed >= 0.0) & open_
        if inputs.renewal.term_months is not None:
            in_renewal = in_renewal & (renewed < inputs.renewal.term_months)
            renewal_ends: Number = lease_ends + inputs.renewal.term_months
        else:
            renewal_ends = timeline.after
        market_rent = at_month(inputs.renewal.rent_usd_per_kw_per_month.values(timeline), lease_ends)
        rate = np.where(in_renewal, _escalation(inputs, renewed, "renewal_escalation_ratio") * market_rent, rate)
        occupied = occupied | in_renewal
        lease_ends = np.where(lease_ends <= months, np.maximum(renewal_ends, lease_ends), lease_ends)
    if inputs.tenant_default is not None:
        left, empty = inputs.tenant_default.on_contracts(timeline, first + term)
        rate, occupied = rate * left, occupied & (empty == 0.0)
    rate = named("rent_rate_usd_per_kw_per_month", rate)
    rent = rate * leased * kw
    energy = inputs.drawn_mwh(kw / KW_PER_MW, occupied * leased, timeline)
    opex = named("ai_opex_cost_usd", rent * inputs.opex_fraction_of_rent)
    contracted = partial(_contracted, in_term, inputs.tenant_default, timeline)
    lines = [Line("rent_usd", "revenue", rent, contracted=contracted)]
    power, shed = np.zeros((1, 1)), CashFlows(())
    if not inputs.tenant_pays_power:
        power = named("ai_power_cost_usd", setting.power.cost_usd(energy))
        lines.append(Line("ai_power_usd", "power", -power))
        shed = inputs.shed(rent, inputs.opex_fraction_of_rent, energy, setting, lines[0])
    lines += (Line("ai_opex_usd", "opex", -opex), *shed.lines)
    if inputs.prepayment is not None:
        value = inputs.contract.value_usd if inputs.contract is not None else rents_of_term_usd(inputs, setting)
        lines += inputs.prepayment.lines(value, timeline, first, inputs.tenant_default)
    if inputs.exit_cap_rate_fraction is not None:
        earned = sum((line.usd for line in shed.lines), rent - opex - power)
        exit_value = _exit_value_usd(inputs, setting, earned, lease_ends)
        lines.append(Line("exit_value_usd", "residual", lump(months, float(months), exit_value)))
    return CashFlows(tuple(lines), {"energy_mwh": energy}, shed.memo)


def _contracted(in_term: BoolArray, default: TenantDefault | None, timeline: Timeline) -> FloatArray:
    """1 in the term of the lease, up to a default; 0 of a renewal, whose rent is the market's of then."""
    return named("contracted_rent_fraction", truth(in_term) * until_default(default, timeline))


def _exit_value_usd(inputs: Inputs, setting: Setting, gross_profit: FloatArray, ends: Number) -> FloatArray:
    """Gross profit of the last twelve rent months (of fewer: their mean x 12) over the cap rate, ``(·,)``.

    The lease, renewal included, ends before month ``ends``; one that ended more than a year before the horizon is not
    there to be sold, and nobody must sell at less than nothing. ``remaining_term`` takes x (1 - (1 + c)^(-m/12)) of it.
    """
    assert inputs.exit_cap_rate_fraction is not None
    k, horizon = setting.timeline.numbers, setting.timeline.months
    starts = np.minimum(inputs.earns_from(setting), setting.timeline.after)
    after_last = named("rent_ends_month", np.minimum(np.minimum(ends, setting.until), setting.timeline.after))
    in_force = truth(after_last > horizon - MONTHS_PER_YEAR + 1.0)
    begins = named("last_year_begins_month", np.maximum(starts, after_last - MONTHS_PER_YEAR))
    count = named("last_year_months", np.maximum(after_last - begins, 0.0))
    in_last_year = named("in_last_year", (k >= begins) & (k < after_last))
    gross_profit = named("lease_gross_profit_usd", gross_profit)
    total = accumulate(np.broadcast_to(gross_profit * in_last_year, (horizon, cases_in(gross_profit, in_last_year))))
    a_year = np.where(count > 0.0, total * (MONTHS_PER_YEAR / np.maximum(count, 1.0)), 0.0)
    a_year = named("last_year_gross_profit_usd", a_year)
    value: FloatArray = np.maximum(a_year, 0.0) * in_force / inputs.exit_cap_rate_fraction
    if inputs.exit_basis == "remaining_term":
        left = np.maximum(ends - (horizon + 1.0), 0.0)
        value = value * (1.0 - power(1.0 + inputs.exit_cap_rate_fraction, -left / MONTHS_PER_YEAR))
    return value


def warnings(inputs: Inputs, setting: Setting) -> Iterator[str]:
    """A term that ends early, a prepayment left over, a lease that nobody buys at the horizon."""
    timeline, first = setting.timeline, int(setting.first)
    if inputs.prepayment is not None:
        yield from inputs.prepayment.warnings(timeline, first, inputs.tenant_default)
    if inputs.flexible_fraction is not None and inputs.tenant_pays_power:
        yield "flexible_fraction has no effect: the tenant pays for its power, and sheds hours for itself"
    ends = first + term_months(inputs, float(timeline.months))
    idle = timeline.months - ends + 1
    if inputs.renewal is None and idle > 0:
        yield f"the lease ends with {timeline.label(int(ends) - 1)}; the last {idle:g} months earn no rent"
    if inputs.exit_cap_rate_fraction is not None:
        yield from _exit_warnings(inputs, setting)


def _exit_warnings(inputs: Inputs, setting: Setting) -> Iterator[str]:
    """Why a lease that was to be sold at the horizon brings nothing there."""
    lines = {line.name: line.usd for line in cash_flows(inputs, setting).lines}
    if lines["exit_value_usd"].any() or setting.first > setting.timeline.months:
        return
    profit = added(setting.timeline.months, *(lines[name] for name in _GROSS_PROFIT if name in lines))
    if accumulate(profit[-MONTHS_PER_YEAR:])[0] < 0.0:
        yield "the lease loses money in its last twelve months: nobody must sell it, so it has no exit value"
    elif inputs.exit_basis == "relet":
        yield "no lease is in force in the last twelve months before the horizon, so there is no exit value"
