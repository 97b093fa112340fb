"""What only the whole scenario can tell: that names exist, dates fit, and each megawatt is counted once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from minecalc.arrays import Number, accumulate, added
from minecalc.businesses import business
from minecalc.cashflows import ASSET_KINDS
from minecalc.checks import debt_checks, horizon, power_checks
from minecalc.engine import Engine, Evaluation, PlanEvaluation
from minecalc.engine.sunk_fleets import can_run_until, named_meanwhile, sunk, sunk_fleets
from minecalc.fleets.fleet import PUE_BY_COOLING
from minecalc.fleets.stops import BEST, NEVER
from minecalc.market.bitcoin import LAST_HALVING, halving_time
from minecalc.power.power_charges import ENERGY_IF_RUN
from minecalc.reference.machines import machines
from minecalc.scenario import Plan, Scenario, Use
from minecalc.scenario.places import Path, Place, places
from minecalc.scenario.site import exceeds_mw
from minecalc.schema.diagnostics import Problem
from minecalc.schema.fields import Usual, field_meta
from minecalc.schema.names import did_you_mean, unknown_name
from minecalc.schema.numbers import unusual
from minecalc.timeline import Timeline, format_month, parse_month, span
from minecalc.units import HOURS_PER_DAY, KWH_PER_MWH, MONTHS_PER_YEAR
from minecalc.uses.meanwhile import Meanwhile
from minecalc.values.paths import TimedInputs, ValueOverTime
from minecalc.values.used_ranges import out_of_range

if TYPE_CHECKING:
    from minecalc.deals.taxation import Tax

CODES = {
    "unknown-plan": "a plan is named that does not exist",
    "bad-meanwhile": "what runs until a conversion starts cannot be that plan",
    "outside-horizon": "a date lies outside the scenario's months",
    "too-many-megawatts": "uses need more megawatts than they, the plan or the site have",
    "machines-twice": "a plan runs more hash rate that it did not buy than there is",
    "beyond-network": "a fleet has more hash rate than the network it is part of",
}

#: Idle megawatts worth a warning, as a share of the site.
_IDLE = 0.01
_IN_EH = "the key takes EH/s; 1 EH/s is 1,000 PH/s"
#: What part of a month's hours must be too dear for a machine, for the month to be.
_MOST_HOURS = 0.5


def problems(scenario: Scenario, moved: Sequence[Path] | None = None) -> list[Problem]:
    """Everything that keeps a scenario of valid inputs from being evaluated.

    ``moved`` are the inputs whose numbers or dates alone differ from a scenario that had no problems: only what these
    could bring about is looked at.
    """
    plans = list(scenario.plans.values()) if moved is None else _touched(scenario, moved)
    found = [] if moved is not None else list(_names(scenario))
    if not found:
        over_time = list(horizon.values_over_time(scenario, moved))
        found += _dates(scenario, plans)
        found += horizon.problems(scenario, over_time)
        found += _paths(scenario, over_time)
    if not found:
        found += _megawatts(scenario, plans)
        found += power_checks.problems(scenario, plans)
        found += _coins_without_price(scenario, plans)
    if not found:
        found += _machines_twice(scenario, plans)
    if not found:
        found += debt_checks.problems(scenario, plans)
    if not found and scenario.uncertainty is not None:
        from minecalc.simulation.problems import problems as of_uncertainty

        found += of_uncertainty(scenario)
    return found


def _coins_without_price(scenario: Scenario, plans: Sequence[Plan]) -> Iterator[Problem]:
    """Coins that are kept, of which a hash price that is given does not tell the price."""
    for plan in plans if scenario.market.hash_price_is_given else ():
        for use in plan.uses:
            if "sells_fraction" in use.given:
                message = "sells_fraction keeps coins, and market.hash_price_usd_per_ph_per_day tells no price of them"
                advice = "give btc_price_usd and the network in place of the hash price, or sell all coins"
                yield Problem((*plan.place(use), "sells_fraction"), "conflict", message, advice, key=True)


def _touched(scenario: Scenario, moved: Sequence[Path]) -> list[Plan]:
    """The plans that inputs at these paths are of, or that run one of those meanwhile; of site and market, all."""
    names = {path[1] if path[0] == "plans" else None for path in moved}
    if None in names:
        return list(scenario.plans.values())
    return [plan for plan in scenario.plans.values() if not names.isdisjoint((plan.name, *named_meanwhile(plan)))]


def unknown_plan(at: tuple[str | int, ...], name: str, plans: Mapping[str, Plan]) -> Problem:
    """The plan ``name`` that is named at ``at`` does not exist; the nearest that does, or all of them, is the help."""
    advice = did_you_mean(name, plans, f"the plans are {', '.join(plans)}")
    return Problem(at, "unknown-plan", f"there is no plan {name}", advice)


def _names(scenario: Scenario) -> Iterator[Problem]:
    plans = scenario.plans
    if scenario.baseline is not None and scenario.baseline not in plans:
        yield unknown_plan(("baseline",), scenario.baseline, plans)
    if scenario.headline_plan is not None and scenario.headline_plan not in plans:
        yield unknown_plan(("headline_plan",), scenario.headline_plan, plans)
    elif scenario.headline_plan is not None and scenario.headline_plan == (scenario.baseline or next(iter(plans))):
        message = f"headline_plan is {scenario.headline_plan}, which is the baseline"
        yield Problem(("headline_plan",), "conflict", message, "name one of the alternatives, or another baseline")
    for plan, use in scenario.uses():
        if use.inputs.meanwhile is not None:
            yield from _meanwhile(scenario, use, use.inputs.meanwhile, (*plan.place(use), "conversion", "meanwhile"))


def _meanwhile(scenario: Scenario, use: Use, named: Meanwhile, at: tuple[str | int, ...]) -> Iterator[Problem]:
    """What is wrong with what runs until the conversion of ``use`` starts."""
    plans = scenario.plans
    if named.plan not in plans:
        yield unknown_plan((*at, "plan"), named.plan, plans)
        return
    uses = {other.name: other for other in plans[named.plan].uses}
    own = [f for name, other in uses.items() if name in (named.uses or uses) for f in other.inputs.stopping if f]
    for noun, known, listed in (("use", list(uses), named.uses), ("fleet", own, named.fleets)):
        unknown = [(i, name) for i, name in enumerate(listed) if name not in known]
        yield from (unknown_name((*at, f"{noun}s", i), noun, name, known) for i, name in unknown)
        if unknown:
            return
    runs = scenario.runs_until(use)
    if any(not other.inputs.runs_meanwhile or other.inputs.conversion is not None for other in runs):
        message = f"{named} is more than mining or hosting, so it cannot run until the conversion starts"
        advice = (
            "uses that only mine or host and do not convert"
            if named.uses
            else "a plan that only mines or hosts and does not convert"
        )
        yield Problem(at, "bad-meanwhile", message, f"name {advice}")
    elif all(other.inputs.gross_mw == 0.0 for other in runs):
        yield Problem(at, "bad-meanwhile", f"{named} has no megawatts to mine with", "name a plan with some gross_mw")


def _dates(scenario: Scenario, plans: Sequence[Plan]) -> Iterator[Problem]:
    first, last = parse_month(scenario.start), parse_month(scenario.start) + scenario.months - 1
    horizon = f"the scenario runs from {scenario.start} to {format_month(last)}"

    def outside(at: tuple[str, ...], what: str, month: str, low: int, high: int) -> Iterator[Problem]:
        if not low <= parse_month(month) <= high:
            yield Problem(at, "outside-horizon", f"{what} {month} lies outside the horizon", horizon)

    for at, use in ((plan.place(use), use) for plan in plans for use in plan.uses):
        conversion = use.inputs.conversion
        if conversion is not None:
            yield from outside((*at, "conversion", "starts"), "starts", conversion.starts, first, last)
            yield from outside((*at, "conversion", "ready"), "ready", conversion.ready, first, last)
        for fleet, terms in use.inputs.stopping.items():
            below = (*at, "fleets", fleet) if fleet else at
            for name in sorted(terms.month_fields):
                month = getattr(terms, name)
                if isinstance(month, str) and month not in (NEVER, BEST):
                    yield from outside((*below, name), name, month, first, last + 1)
            for month in getattr(terms, "deliveries", None) or ():
                yield from outside((*below, "deliveries", month), "a delivery in", month, first, last)
        tenancy = use.inputs.tenancy()
        if tenancy is not None and tenancy.default is not None:
            place = (*at, *tenancy.default_at.split("."), "month")
            yield from outside(place, "a tenant's default in", tenancy.default.month, first, last + 1)


def _paths(scenario: Scenario, over_time: Iterable[Place]) -> Iterator[Problem]:
    """Values over time, however deep, that growth, scale or shift takes out of their range; and so the hash price."""
    for place in over_time:
        if wrong := out_of_range(place.owner, place.name, scenario.timeline):
            yield Problem(place.path, "out-of-range", wrong, "its growth or scale takes it there")


def _megawatts(scenario: Scenario, plans: Sequence[Plan]) -> Iterator[Problem]:
    engine = Engine(scenario)
    gross = float(scenario.site.gross_mw)
    convertible = gross * float(scenario.site.convertible_fraction)
    for plan in plans:
        taken, ai = [], []
        fine = True
        for use in plan.uses:
            setting = engine.setting(plan, use)
            at = plan.place(use)
            most, how = use.inputs.required_mw(setting)
            needed = float(np.max(most))
            given = engine.use_mw(use)
            if exceeds_mw(needed, given):
                fine = False
                message = f"{use.name} needs {how} = {needed:.4g} MW; it has {given:.4g} MW"
                room = "give it more gross_mw" if given < gross else "make the site larger"
                advice = f"make it smaller, or {room}"
                yield Problem(at, "too-many-megawatts", message, advice, key=True)
            yield from _beyond_network(scenario, engine, use, at)
            taken.append((use.name, float(given)))
            if use.inputs.is_ai:
                ai.append((use.name, min(needed, float(given))))
        if not fine:
            continue
        if exceeds_mw(sum(mw for _, mw in taken), gross):
            advice = "megawatts are counted once: give each use its gross_mw"
            yield _too_many(plan, taken, gross, "the site has", advice)
        elif exceeds_mw(sum(mw for _, mw in ai), convertible):
            have = f"of {gross:g} MW only {scenario.site.convertible_fraction:g} can become AI, which is"
            yield _too_many(plan, ai, convertible, have, f"give the AI uses gross_mw of {convertible:.4g} at the most")


def _too_many(plan: Plan, parts: list[tuple[str, float]], have: float, what: str, advice: str) -> Problem:
    total = sum(mw for _, mw in parts)
    sum_ = " + ".join(f"{name} {mw:.4g}" for name, mw in parts)
    shown = f"{sum_} = {total:.4g} MW" if len(parts) > 1 else f"{sum_} MW"
    message = f"the plan {plan.name} takes {shown}; {what} {have:.4g} MW"
    return Problem(("plans", plan.name), "too-many-megawatts", message, advice, key=True)


def _machines_twice(scenario: Scenario, plans: Sequence[Plan]) -> Iterator[Problem]:
    engine = Engine(scenario)
    for plan in plans:
        found = sunk(engine, plan)
        if not found.exceeds.any():
            continue
        month = int(np.argmax(found.total_eh_per_s[:, 0])) + 1
        runs = [(part.name, float(part.in_months(scenario.timeline)[month - 1, 0])) for part in found.parts]
        sum_ = " + ".join(f"{name} {own:.4g}" for name, own in runs if own > 0.0)
        total, limit = float(found.total_eh_per_s[month - 1, 0]), float(np.asarray(found.limit_eh_per_s))
        message = (
            f"in {scenario.timeline.label(month)} the plan {plan.name} runs {sum_} = {total:.4g} EH/s that it does not "
            f"buy; {found.owner} owns {limit:.4g} EH/s"
        )
        advice = (
            "name in meanwhile the uses whose machines are free, as {plan: "
            f"{found.owner}, uses: [..]}}, or give machine_price_usd_per_th for machines that are bought"
        )
        yield Problem(("plans", plan.name), "machines-twice", message, advice, key=True)


def _beyond_network(scenario: Scenario, engine: Engine, use: Use, at: tuple[str, ...]) -> Iterator[Problem]:
    if scenario.market.hash_price_is_given:
        return
    network = float(np.min(engine.market.network_hash_rate_eh_per_s))
    for fleet in use.inputs.every_fleet():
        own, terms = fleet.hash_rate_eh_per_s, use.inputs.stopping[fleet.name]
        if own > network:
            place = (*at, "fleets", fleet.name) if fleet.name else at
            key, has, advice = "hash_rate_eh_per_s", f"hash_rate_eh_per_s is {own:g}", _IN_EH
            if "deliveries" in terms.model_fields_set:
                key, has, advice = "deliveries", f"the deliveries make {own:.4g} EH/s", "give fewer machines"
            elif "machine_count" in (terms.model_fields_set if fleet.name else use.given):
                key, has, advice = "machine_count", f"machine_count makes {own:.4g} EH/s", "give fewer machines"
            message = f"{has}, more than the network's {network:.4g} EH/s"
            yield Problem((*place, key), "beyond-network", message, advice)


def warnings(scenario: Scenario, evaluation: Evaluation | None = None) -> list[str]:
    """What a reader should know of this scenario besides its figures. For a single case.

    ``evaluation`` is that of the scenario where there is one, so that no plan with debt is evaluated once more.
    """
    engine = Engine(scenario)
    known = {} if evaluation is None else evaluation.plans
    found = [*horizon.warnings(scenario), *_unusual(scenario), *power_checks.warnings(scenario)]
    for plan in scenario.plans.values():
        texts = list(_plan_warnings(scenario, engine, plan))
        if plan.inputs.financing is not None:
            texts += debt_checks.warnings(known.get(plan.name) or engine.evaluate(plan))
        blocks = [scenario.site.power_contract, *(use.inputs.power_contract for use in plan.uses)]
        if any(block is not None and block.resale is not None for block in blocks):
            texts += _resold_without_load(known.get(plan.name) or engine.evaluate(plan), scenario.timeline)
        found += [f"{plan.name}: {text}" for text in dict.fromkeys(texts)]
    found += _tax_warnings(scenario)
    return [*found, *_held_through_halving(scenario, engine), *_hash_price_warnings(scenario, engine)]


def _resold_without_load(plan: PlanEvaluation, timeline: Timeline) -> Iterator[str]:
    """A block of power that is traded after all that a plan has at the site has gone."""
    flows = plan.flows
    draw = added(timeline.months, flows.quantities["energy_mwh"], flows.memo.get(ENERGY_IF_RUN, np.zeros((1, 1))))
    left = int(np.max(np.flatnonzero(draw[:, 0] > 0.0), initial=-1)) + 1
    if left < timeline.months:
        names = ("power_contract_usd", "power_resold_usd")
        usd = added(timeline.months, *(line.usd for line in flows.lines if line.name in names))
        gain = float(accumulate(usd[left:])[0])
        when = span(timeline.start + left, timeline.start + timeline.months - 1)
        yield (
            f"nothing of this plan draws power in {when}, and its power_contract goes on: selling the whole block "
            f"{'brings' if gain >= 0.0 else 'loses'} {debt_checks.usd(abs(gain))} over these months, which is trade in "
            "power"
        )


def _tax_warnings(scenario: Scenario) -> Iterator[str]:
    """Plans with tax beside plans without, and what a plan's tax says that has nothing to act on."""
    terms = {name: scenario.tax_of(plan) for name, plan in scenario.plans.items()}
    with_tax = [name for name, tax in terms.items() if tax is not None]
    without = [name for name, tax in terms.items() if tax is None]
    if with_tax and without:
        yield (
            f"{' and '.join(with_tax)} {'pays' if len(with_tax) == 1 else 'pay'} tax and {' and '.join(without)} "
            f"{'does' if len(without) == 1 else 'do'} not, so plans are compared before tax: tax at the top "
            "of the file is for every plan"
        )
    for name, tax in terms.items():
        if tax is not None:
            yield from (f"{name}: {text}" for text in _of_tax(scenario, scenario.plans[name], tax))


def _of_tax(scenario: Scenario, plan: Plan, tax: Tax) -> Iterator[str]:
    """What a plan's own tax says that has nothing to act on."""
    if plan.inputs.tax is None:
        return
    runs = [*plan.uses, *(use for own in plan.uses for use in scenario.runs_until(own))]
    if np.any(tax.basis_of_owned_machines_usd) and not any(map(sunk_fleets, runs)):
        yield "basis_of_owned_machines_usd is deducted nowhere: no machines of this plan were there before"
    from minecalc.finance.depreciation import depreciation_class

    classes = [depreciation_class(name) for kind in ASSET_KINDS for name, _ in tax.classes.of(kind)]
    if (
        "bonus_fraction" in tax.model_fields_set
        and np.any(tax.bonus_fraction)
        and not any(c.has_bonus for c in classes)
    ):
        yield "bonus_fraction does nothing: every class has more than 20 years"


def _unusual(scenario: Scenario) -> Iterator[str]:
    """Inputs that are given outside what is published of them: of a value over time, in the first month."""
    for place in places(scenario):
        usual = _usual(type(place.owner)).get(place.name)
        if usual is None or place.name not in place.owner.model_fields_set or place.name not in place.owner.given():
            continue
        value, (*at, name) = place.value, place.path
        if isinstance(value, ValueOverTime):
            value = value.values(scenario.timeline)[0, 0]
        if text := unusual(float(value), name, *usual):
            yield text if at[0] != "plans" else f"{' / '.join(part for part in at[1:] if part != 'uses')}: {text}"


@cache
def _usual(model: type[TimedInputs]) -> Mapping[str, Usual]:
    """What is published of the inputs of a class, by name."""
    every = ((name, field_meta(model, name).usual) for name in model.model_fields)
    return {name: usual for name, usual in every if usual is not None}


def _plan_warnings(scenario: Scenario, engine: Engine, plan: Plan) -> Iterator[str]:
    gross = scenario.site.gross_mw
    used = 0.0
    for use in plan.uses:
        setting = engine.setting(plan, use)
        called = "" if plan.flat else f"{use.name}: "
        required = use.inputs.required_mw(setting)
        used += float(np.max(required[0]))
        drawn, how = use.inputs.peak_draw_mw(setting) or required
        if exceeds_mw(drawn, setting.gross_mw):
            yield f"{called}{how}, above the {setting.gross_mw:.4g} MW it is given"
        for text in business(use.kind).warnings(use.inputs, setting):
            yield called + text
    if gross - used > _IDLE * gross:
        yield f"{_rounded(gross - used)} of the site's {_rounded(gross)} MW stand idle"
    yield from _unsold(scenario, engine, plan)


def _unsold(scenario: Scenario, engine: Engine, plan: Plan) -> Iterator[str]:
    """The baseline's machines in a plan that neither mines nor says what runs until it converts."""
    baseline = scenario.baseline_plan
    converts = [use for use in plan.uses if use.inputs.conversion is not None]
    mines = any(use.inputs.mines for use in plan.uses)
    if mines or plan.meanwhile or not any(map(sunk_fleets, baseline.uses)):
        return
    text = f"the machines of {baseline.name} are neither run nor sold in this plan"
    if not converts:
        yield text
    elif can_run_until(engine, plan, baseline.name):
        yield f"{text}; as meanwhile of its conversion they run until it starts, and are sold then"
    else:
        yield f"{text}; meanwhile: {{plan: {baseline.name}, uses: [..]}} says which of them run until it converts"


def _held_through_halving(scenario: Scenario, engine: Engine) -> Iterator[str]:
    """A hash price given directly that a halving does not touch while a fleet runs on."""
    if not scenario.market.hash_price_is_given:
        return
    price = np.broadcast_to(engine.market.hash_price_usd_per_ph_per_day, (engine.months, 1))[:, 0]
    held = [k for k in _halvings(scenario.timeline) if 1 < k < engine.months and price[k - 2] == price[k] > 0.0]
    last = max((_last_running(engine, plan, use) for plan, use in scenario.uses() if use.inputs.mines), default=0)
    months = [scenario.timeline.label(k) for k in held if k < last]
    if months:
        halvings = f"the halving of {months[0]}" if len(months) == 1 else f"the halvings of {' and '.join(months)}"
        yield (
            f"the hash price given directly is held at ${price[held[0]]:.4g} through {halvings}, which halves what a "
            "block pays: give steps for what it is afterwards, or bitcoin's price and the network"
        )


def _halvings(timeline: Timeline) -> list[int]:
    """The numbers of the months that hold a halving."""
    times = map(halving_time, range(1, LAST_HALVING + 1))
    numbers = (timeline.number(time.year * MONTHS_PER_YEAR + time.month - 1) for time in times)
    return [k for k in numbers if 1 <= k <= timeline.months]


def _last_running(engine: Engine, plan: Plan, use: Use) -> int:
    """The number of the last month in which a fleet earns, 0 if there is none."""
    flows = business(use.kind).cash_flows(use.inputs, engine.setting(plan, use))
    energy = np.broadcast_to(flows.quantities["energy_mwh"], (engine.months, 1))[:, 0]
    return int(np.max(np.flatnonzero(energy), initial=-1)) + 1


def _rounded(number: Number) -> str:
    """Four digits, without a power of ten where there are few before the point."""
    return f"{float(f'{float(number):.4g}'):.10g}"


def _hash_price_warnings(scenario: Scenario, engine: Engine) -> list[str]:
    """A network that is paid less than its best machines' power does not keep growing.

    Where power goes by the hour these shut off as others do, and a month is too dear in which most hours are.
    """
    if not scenario.earns_hash_price:
        return []
    machine = min(machines().values(), key=lambda record: record.efficiency_j_per_th)
    joules = machine.efficiency_j_per_th * PUE_BY_COOLING[machine.cooling]
    months = engine.months
    hash_price = np.broadcast_to(engine.market.hash_price_usd_per_ph_per_day, (months, 1))[:, 0]
    power = engine.site_power
    hash_cost = HOURS_PER_DAY * joules * np.broadcast_to(power.average_usd_per_kwh, (months, 1))[:, 0]
    below = np.flatnonzero(hash_price < hash_cost)
    if power.hourly is not None:
        worth_usd_per_mwh = hash_price[:, None] / (HOURS_PER_DAY * joules) * KWH_PER_MWH
        paying = np.broadcast_to(power.fraction_below(worth_usd_per_mwh), (months, 1))[:, 0]
        below = below[paying[below] < _MOST_HOURS]
    if not below.size:
        return []
    k = int(below[0])
    return [
        f"the hash price falls to ${hash_price[k]:.4g} per PH/s a day in {scenario.timeline.label(k + 1)}, below the "
        f"${hash_cost[k]:.4g} that power costs the best machine on record ({machine.name}) at this site: "
        "no network keeps growing at such a price"
    ]


def hash_price_by_year(scenario: Scenario) -> list[float]:
    """Mean implied (or given) hash price of each year, USD per PH/s a day. For a single case."""
    months = scenario.months
    path = np.broadcast_to(Engine(scenario).market.hash_price_usd_per_ph_per_day, (months, 1))[:, 0]
    years = range(0, months, MONTHS_PER_YEAR)
    return [float(np.mean(path[begin : begin + MONTHS_PER_YEAR])) for begin in years]
