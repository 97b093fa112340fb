"""Random valid scenarios as plain data: what a file would hold, every key of the format in some of them.

Megawatts are shared out from the site downwards, so that every scenario passes the checks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from minecalc.timeline import Timeline, format_month, parse_month

Data = dict[str, Any]
Draw = Callable[[st.SearchStrategy[Any]], Any]


def amounts(low: float, high: float) -> st.SearchStrategy[float]:
    """Numbers spread evenly over ``low..high``, both included."""
    return st.integers(0, 1009).map(lambda i: min(low + (high - low) * i / 1009, high))


@dataclass(frozen=True)
class Calendar:
    """The months that a scenario's dates may lie in."""

    start: int
    months: int

    def labels(self, first: int = 1, last: int | None = None) -> st.SearchStrategy[str]:
        """Months ``first..last`` of the scenario as ``YYYY-MM``."""
        return st.integers(first, self.months if last is None else last).map(Timeline(self.start, self.months).label)

    def over_time(self, low: float, high: float, fastest_fall: float = -0.6) -> st.SearchStrategy[Any]:
        """A value over time in each of its written forms, none above ``high``; it falls by ``fastest_fall`` a year."""
        amount = amounts(low, high)
        by_month = st.dictionaries(
            st.integers(self.start - 6, self.start + self.months + 6).map(format_month),
            amount,
            min_size=1,
            max_size=4,
        )
        growth = st.fixed_dictionaries({"start": amount, "growth_fraction_per_year": amounts(fastest_fall, 0.0)})
        forms = st.one_of(
            st.fixed_dictionaries({"value": amount}),
            growth,
            st.fixed_dictionaries({"steps": by_month}),
            st.fixed_dictionaries({"points": by_month}),
        )
        scaled = st.builds(lambda form, scale: form | {"scale": scale}, forms, amounts(0.4, 1.0))
        moved = st.builds(
            lambda form, scale, share: form | {"scale": scale, "shift": share * (1.0 - scale) * high},
            forms,
            amounts(0.4, 1.0),
            amounts(0.0, 1.0),
        )
        return st.one_of(amount, amount, forms, scaled, moved)


def some(draw: Draw, keys: dict[str, st.SearchStrategy[Any]]) -> Data:
    """Each of ``keys`` in about half of the draws."""
    return {key: draw(value) for key, value in keys.items() if draw(st.booleans())}


def _conversion(draw: Draw, calendar: Calendar, meanwhile: Any) -> Data:
    starts = draw(st.integers(1, max(calendar.months - 1, 1)))
    build = draw(st.integers(0, min(8, calendar.months - starts)))
    label = Timeline(calendar.start, calendar.months).label
    keys = {
        "delay_months": st.integers(0, 7),
        "capex_usd_per_critical_mw": amounts(1e5, 1.2e7),
        "tenant_funded_fraction": amounts(0, 1),
    }
    conversion: Data = {"starts": label(starts), "ready": label(starts + build)} | some(draw, keys)
    if draw(st.booleans()):
        weights = draw(st.lists(st.integers(0, 9), min_size=max(build, 1), max_size=max(build, 1)))
        weights[0] += 1
        conversion["spend"] = [weight / sum(weights) for weight in weights]
    if meanwhile is not None and draw(st.booleans()):
        conversion["meanwhile"] = meanwhile
    return conversion


def _terms(draw: Draw, calendar: Calendar, meanwhile: Any) -> Data:
    """What any use may say; ``meanwhile`` is what may mine until a conversion."""
    terms = some(draw, {"electricity_price_usd_per_kwh": calendar.over_time(-0.01, 0.12)})
    if draw(st.booleans()):
        terms["conversion"] = _conversion(draw, calendar, meanwhile)
    else:
        terms |= some(draw, {"capex_usd_per_critical_mw": amounts(0, 5e6)})
    return terms


def _mining(draw: Draw, calendar: Calendar, mw: float, stops: st.SearchStrategy[Any], *, keeps: bool) -> Data:
    """A mine, which may keep coins where it ``keeps`` any: where there is a price of them."""
    keys = {
        "efficiency_j_per_th": amounts(15, 40),
        "pue_ratio": amounts(1.0, 1.2),
        "uptime_fraction": calendar.over_time(0.5, 1),
        "pool_fee_fraction": amounts(0, 0.03),
        "opex_usd_per_mw_per_year": calendar.over_time(0, 2e5),
        "curtail": st.booleans(),
        "demand_response_usd_per_month": calendar.over_time(-1e4, 1e5),
        "machine_price_usd_per_th": amounts(1, 30),
        "machine_resale_usd_per_th": calendar.over_time(0.5, 20),
        "life_months": st.integers(24, 70),
        "stops": stops,
    }
    refresh = {
        "every_months": st.integers(6, 24),
        "price_usd_per_th": calendar.over_time(5, 30),
        "efficiency_j_per_th": calendar.over_time(8, 15, fastest_fall=-0.1),  # no machine needs less than 1 J/TH
    }
    use: Data = {"kind": "bitcoin_mining"} | some(draw, keys | {"refresh": st.fixed_dictionaries(refresh)})
    if keeps and draw(st.sampled_from([False, False, True])):
        sales = {"sell_month": calendar.labels(last=calendar.months + 1), "sell_when_cash_below_usd": st.just(0)}
        treasury = some(draw, sales)
        use |= {"sells_fraction": draw(calendar.over_time(0, 1))} | ({"treasury": treasury} if treasury else {})
    per_hash = use.get("efficiency_j_per_th", 17.5) * use.get("pue_ratio", 1.05)
    return use | {"hash_rate_eh_per_s": mw * draw(amounts(0.3, 0.99)) / per_hash}


def _prepayment(most_years: int) -> st.SearchStrategy[Data]:
    years = st.lists(st.integers(1, most_years), min_size=1, max_size=3, unique=True)
    return st.fixed_dictionaries({"fraction": amounts(0, 0.5), "credited_years": years})


def _default(calendar: Calendar, *, lease: bool) -> st.SearchStrategy[Data]:
    """A tenant that stops paying within the horizon, or just after it: never."""
    terms: dict[str, st.SearchStrategy[Any]] = {"relet_months": st.integers(0, 20)}
    if lease:
        terms["relet_rent_ratio"] = amounts(0, 1.2)
    month = calendar.labels(last=calendar.months + 1)
    return st.fixed_dictionaries({"month": month}, optional=terms)


def _colocation(draw: Draw, calendar: Calendar, mw: float) -> Data:
    renewal = st.fixed_dictionaries(
        {"rent_usd_per_kw_per_month": calendar.over_time(50, 200)},
        optional={"term_months": st.integers(1, 40)},
    )
    keys = {
        "critical_per_gross_fraction": amounts(0.5, 0.85),
        "pue_ratio": amounts(1.1, 1.5),
        "escalator_fraction_per_year": amounts(-0.02, 0.05),
        "free_months": st.integers(0, 9),
        "leased_fraction": calendar.over_time(0.3, 1),
        "load_factor_fraction": calendar.over_time(0.5, 1),
        "tenant_pays_power": st.booleans(),
        "opex_fraction_of_rent": amounts(0, 0.4),
        "term_months": st.integers(10, 90),
        "renewal": renewal,
        "tenant_default": _default(calendar, lease=True),
        "flexible_fraction": amounts(0, 0.3),
    }
    lease: Data = {"kind": "colocation"} | some(draw, keys)
    if draw(st.booleans()):
        lease["contract"] = {
            "value_usd": mw * 1e3 * draw(amounts(1e3, 2e4)),
            "term_years": draw(st.integers(1, 8)),
        }
    else:
        lease["rent_usd_per_kw_per_month"] = draw(amounts(50, 200))
    if "contract" in lease or "term_months" in lease:
        lease |= some(draw, {"prepayment": _prepayment(4)})
    if draw(st.booleans()):
        lease["exit_cap_rate_fraction"] = draw(amounts(0.05, 0.12))
        lease |= some(draw, {"exit_basis": st.sampled_from(["relet", "remaining_term"])})
    return lease


def _gpu_cloud(draw: Draw, calendar: Calendar, mw: float) -> Data:
    keys = {
        "utilisation_fraction": calendar.over_time(0.2, 1),
        "availability_fraction": calendar.over_time(0.9, 1),
        "load_factor_fraction": calendar.over_time(0.4, 1),
        "kw_per_gpu": amounts(1, 3),
        "pue_ratio": amounts(1.1, 1.5),
        "critical_per_gross_fraction": amounts(0.5, 0.85),
        "capex_usd_per_gpu": calendar.over_time(1e4, 8e4),
        "life_months": st.integers(6, 60),
        "replace": st.booleans(),
        "residual_fraction": amounts(0, 0.5),
        "opex_fraction_of_revenue": amounts(0, 0.4),
        "opex_usd_per_gpu_hour": calendar.over_time(0, 0.3),
        "space_rent_usd_per_kw_per_month": calendar.over_time(0, 180),
        "flexible_fraction": amounts(0, 0.3),
    }
    cloud: Data = {"kind": "gpu_cloud"} | some(draw, keys)
    if "space_rent_usd_per_kw_per_month" not in cloud:
        again = {"rent_usd_per_kw_per_month": calendar.over_time(50, 180), "cap_rate_fraction": amounts(0.05, 0.12)}
        life: Data = {"building_life_months": st.integers(6, 480)}
        cloud |= some(draw, draw(st.sampled_from([life, {"halls_relet": st.fixed_dictionaries(again)}])))
    critical_mw = mw * cloud.get("critical_per_gross_fraction", 0.7) * draw(amounts(0.3, 0.99))
    cloud["gpu_count"] = int(critical_mw * 1000 / cloud.get("kw_per_gpu", 1.28))
    fraction = draw(st.one_of(st.none(), st.just(1.0), amounts(0.1, 0.9)))
    if fraction is not None:
        value = cloud["gpu_count"] * draw(amounts(1e4, 1e5))
        cloud["contract"] = {
            "value_usd": value,
            "term_months": draw(st.integers(6, 60)),
            "gpu_fraction": fraction,
        } | some(draw, {"tenant_default": _default(calendar, lease=False)})
        cloud |= some(draw, {"prepayment": _prepayment(4)})
    all_contracted = fraction == 1.0 and cloud["contract"]["term_months"] >= calendar.months
    if not all_contracted or draw(st.booleans()):
        cloud["lease_usd_per_gpu_hour"] = draw(calendar.over_time(0.5, 5))
    return cloud


def _ai(draw: Draw, calendar: Calendar, mw: float) -> Data:
    return _colocation(draw, calendar, mw) if draw(st.booleans()) else _gpu_cloud(draw, calendar, mw)


def _market(draw: Draw, calendar: Calendar) -> Data:
    if draw(st.sampled_from([False, False, False, True])):
        return {"hash_price_usd_per_ph_per_day": draw(calendar.over_time(10, 90))}
    market = some(draw, {"btc_price_usd": calendar.over_time(2e4, 2e5)})
    network = {"network_hash_rate_eh_per_s": (600, 2000), "network_difficulty": (8e13, 3e14)}
    fees = {"fee_btc_per_block": (0, 0.5), "fee_fraction": (0, 0.2)}
    small = calendar.start < parse_month("2018-01")  # a network then, by history, that fleets here would outgrow
    for choice in (network, fees):
        key = draw(st.sampled_from([*choice] if small and choice is network else [None, *choice]))
        if key is not None:
            market[key] = draw(calendar.over_time(*choice[key]))
    return market


@st.composite
def scenarios(draw: Draw, months: int = 72) -> Data:
    """A valid scenario of two to four plans over up to ``months`` months: the data of its file.

    ``keep mining`` comes first, and it or one of its uses may run until conversions of the others, whose own machines
    are then bought or of another of its uses.
    """
    start = draw(st.integers(parse_month("2011-06"), parse_month("2036-01")))
    calendar = Calendar(start, draw(st.integers(2, months)))
    gross_mw = draw(amounts(5, 150))
    site: Data = {"gross_mw": gross_mw, "electricity_price_usd_per_kwh": draw(calendar.over_time(0.01, 0.1))}
    site |= some(draw, {"convertible_fraction": st.just(0.5), "fixed_cost_usd_per_year": calendar.over_time(0, 5e6)})
    ai_mw = 0.99 * gross_mw * site.get("convertible_fraction", 1.0)
    dated = st.one_of(st.just("never"), calendar.labels(last=calendar.months + 1))
    unpaid = st.fixed_dictionaries({"unpaid_months": st.integers(1, 12)})
    stops = st.one_of(dated, st.just("best"), unpaid)
    meanwhile, market = "keep mining", _market(draw, calendar)
    keeps = "hash_price_usd_per_ph_per_day" not in market

    def mine(mw: float) -> Data:
        own = some(draw, {"electricity_price_usd_per_kwh": calendar.over_time(-0.01, 0.1)})
        return _mining(draw, calendar, mw, stops, keeps=keeps) | own

    def keep() -> Data:
        if draw(st.booleans()):
            return mine(gross_mw)
        first = gross_mw * draw(amounts(0.2, 0.7))
        parts = {"old": first, "new": 0.99 * gross_mw - first}
        return {"uses": {name: mine(mw) | {"gross_mw": mw} for name, mw in parts.items()}}

    kept = keep()

    def convert() -> Data:
        runs: Any = meanwhile
        if "uses" in kept and draw(st.booleans()):
            name = draw(st.sampled_from(["old", "new"]))
            runs, mw = {"plan": meanwhile, "uses": [name]}, min(ai_mw, kept["uses"][name]["gross_mw"])
        else:
            mw = ai_mw
        return _ai(draw, calendar, mw) | _terms(draw, calendar, runs) | {"gross_mw": mw}

    def mix() -> Data:
        mw, ai = 0.49 * gross_mw, 0.49 * ai_mw
        second = _mining(draw, calendar, mw, stops, keeps=keeps)
        runs: Any = meanwhile
        if "uses" in kept and draw(st.booleans()):
            new = kept["uses"]["new"]
            mw, ai = new["gross_mw"], min(kept["uses"]["old"]["gross_mw"], ai_mw)
            second, runs = new, {"plan": meanwhile, "uses": ["old"]}
        else:
            second = {"machine_price_usd_per_th": draw(amounts(1, 30))} | second
            second |= _terms(draw, calendar, meanwhile)
        lease = _ai(draw, calendar, ai) | _terms(draw, calendar, runs) | {"gross_mw": ai}
        return {"uses": {"hall 1": second | {"gross_mw": mw}, "hall 2": lease}}

    makers: dict[str, Callable[[], Data]] = {
        "mine smartly": lambda: mine(gross_mw),
        "convert": convert,
        "half and half": mix,
    }
    chosen = draw(st.lists(st.sampled_from(sorted(makers)), min_size=1, max_size=3, unique=True))
    plans = {meanwhile: kept} | {name: makers[name]() for name in chosen}
    for plan in plans.values():
        plan |= some(draw, {"discount_rate_fraction_per_year": amounts(-0.05, 0.4)})
    scenario: Data = {
        "name": "random",
        "start": format_month(start),
        "months": calendar.months,
        "site": site,
        "market": market,
        "plans": plans,
    }
    return scenario | some(
        draw,
        {
            "discount_rate_fraction_per_year": amounts(-0.05, 0.4),
            "inflation_fraction_per_year": amounts(-0.05, 0.1),
            "baseline": st.sampled_from(sorted(plans)),
        },
    )
