"""Cash of one use of the megawatts: mining, colocation, GPU cloud, and its building (model, section 3.1)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .bitcoin import Market
from .ledger import PREPAYMENT_OWED, Asset, Ledger
from .paths import Timeline, Value, read_value

Use = dict[str, Any]

MINING_EFFICIENCY_J_PER_TH = 17.5
MINING_PUE = 1.05
MINING_LIFE_MONTHS = 60
MINING_UPTIME = 0.89
POOL_FEE = 0.005
MINING_OPEX_USD_PER_MW_PER_YEAR = 92000
OPEX_OF_RENT = 0.15
OPEX_OF_REVENUE = 0.11
HALL_USD_PER_CRITICAL_MW = 10_000_000
SHORTEST_REFRESH_MONTHS = 12
COLOCATION_CRITICAL_PER_GROSS = 0.70
AI_PUE = 1.25
KW_PER_GPU = 1.28
CAPEX_USD_PER_GPU = 38000
GPU_LIFE_MONTHS = 60
RELET_MONTHS = 12
RELET_RENT_RATIO = 0.85
TH_PER_EH = 1e6


@dataclass(frozen=True)
class Setting:
    """What every use may know."""

    timeline: Timeline
    folder: Path
    market: Market
    gross_mw: float
    electricity_price: Any
    inflation: float = 0.0

    def value(self, use: Use, key: str, default: float = 0.0) -> Value:
        """Return a use's value over time."""
        return read_value(use.get(key, default), self.timeline, self.folder)

    def cost(self, written: Any, default: float = 0.0) -> Value:
        """Return a running cost, which rises with inflation where it says no growth of its own."""
        spec = default if written is None else written
        own_growth = isinstance(spec, dict) and (
            {"start", "steps", "points", "growth_fraction_per_year"} & set(spec)
            or ("csv" in spec and spec.get("repeat") != "yearly")
        )
        if own_growth:
            return read_value(spec, self.timeline, self.folder)
        if not isinstance(spec, dict):
            spec = {"value": spec}
        moved = {key: spec[key] for key in ("scale", "shift") if key in spec}
        still = {key: spec[key] for key in spec if key not in moved}
        flat = read_value(still, self.timeline, self.folder)
        scale, shift = float(moved.get("scale", 1.0)), float(moved.get("shift", 0.0))
        return lambda k: scale * flat(k) * (1.0 + self.inflation) ** ((k - 1) / 12) + shift

    def price(self, use: Use) -> Value:
        """Return the use's own electricity price, or the site's, USD per kWh."""
        spec = use.get("electricity_price_usd_per_kwh", self.electricity_price)
        return read_value(spec, self.timeline, self.folder)

    def megawatts(self, use: Use) -> float:
        """Return the use's gross MW: all of the site's unless it says so."""
        return float(use.get("gross_mw", self.gross_mw))

    def ready(self, use: Use) -> int:
        """Return the first month in which the use may earn."""
        if "conversion" not in use:
            return 1
        conversion = use["conversion"]
        return self.timeline.month(conversion["ready"]) + int(conversion.get("delay_months", 0))


def number(use: Use, key: str, default: float) -> float:
    """Return a plain number of a use."""
    return float(use.get(key, default))


def critical_mw(use: Use, setting: Setting) -> float:
    """Return the IT load that a building has to carry."""
    if use["kind"] == "bitcoin_mining":
        return float(use["hash_rate_eh_per_s"]) * number(use, "efficiency_j_per_th", MINING_EFFICIENCY_J_PER_TH)
    if use["kind"] == "colocation":
        ratio = number(use, "critical_per_gross_fraction", COLOCATION_CRITICAL_PER_GROSS)
        return setting.megawatts(use) * ratio
    return float(use["gpu_count"]) * number(use, "kw_per_gpu", KW_PER_GPU) / 1000


def building(use: Use, setting: Setting) -> Ledger:
    """Spend the building capex: at point 0, or over the months of the conversion; it stays to the horizon."""
    ledger = spending(use, setting)
    cost = -ledger.total(["capex"], 1, ledger.months)
    if cost:
        ledger.assets.append(Asset("building", cost, setting.ready(use), ledger.months + 1))
    return ledger


def spending(use: Use, setting: Setting) -> Ledger:
    """Spend the building capex."""
    ledger = Ledger(setting.timeline.months)
    load = critical_mw(use, setting)
    needs_hall = use["kind"] != "bitcoin_mining" and "space_rent_usd_per_kw_per_month" not in use
    usual = HALL_USD_PER_CRITICAL_MW if needs_hall else 0
    if "conversion" not in use:
        ledger.at_start_of(1, "capex", -load * number(use, "capex_usd_per_critical_mw", usual))
        return ledger
    conversion = use["conversion"]
    cost = load * number(conversion, "capex_usd_per_critical_mw", usual)
    cost *= 1 - number(conversion, "tenant_funded_fraction", 0)
    starts = setting.timeline.month(conversion["starts"])
    planned = setting.timeline.month(conversion["ready"]) - starts
    actual = setting.ready(use) - starts
    if actual == 0:
        ledger.at_start_of(starts, "capex", -cost)
        return ledger
    shares = conversion.get("spend", [1 / planned] * planned if planned else [1.0])
    for month in range(actual):
        before = spent(shares, month * len(shares) / actual)
        after = spent(shares, (month + 1) * len(shares) / actual)
        ledger.at_start_of(starts + month, "capex", -cost * (after - before))
    return ledger


def spent(shares: list[float], time: float) -> float:
    """Return the share spent by a time of the planned build, each month's share evenly within it."""
    return sum(float(share) * min(1.0, max(0.0, time - month)) for month, share in enumerate(shares))


def mining(use: Use, setting: Setting, first: int, stop: int | None, until: int | None = None) -> Ledger:
    """Mine from month `first`; `stop` is the plan's own end, `until` the start of a conversion.

    A use that stops by `unpaid_months` shuts at the start of the month after so many months off in a row. What a file
    says of one of several fleets (when it is bought, its age, its wear, its profiles) may stand in the use.
    """
    timeline, market = setting.timeline, setting.market
    ledger = Ledger(timeline.months, mines=True)
    coins: dict[int, float] = {}  # what those of a month are worth in it, net of the pool's fee
    hash_rate = float(use["hash_rate_eh_per_s"])
    efficiency = number(use, "efficiency_j_per_th", MINING_EFFICIENCY_J_PER_TH)
    pue = number(use, "pue_ratio", MINING_PUE)
    pool_fee = number(use, "pool_fee_fraction", POOL_FEE)
    opex = setting.cost(use.get("opex_usd_per_mw_per_year"), MINING_OPEX_USD_PER_MW_PER_YEAR)
    curtail = use.get("curtail", True)
    uptime = setting.value(use, "uptime_fraction", MINING_UPTIME)
    demand_response = setting.value(use, "demand_response_usd_per_month")
    price = setting.price(use)
    refresh: Use = use.get("refresh", {})
    stops = use.get("stops")
    unpaid_most = int(stops["unpaid_months"]) if isinstance(stops, dict) else timeline.months + 1
    unpaid = 0

    if "bought" in use:
        first = max(first, timeline.month(use["bought"]))
    age, loss = int(use.get("age_months", 0)), number(use, "hash_rate_loss_fraction_per_year", 0)
    profiles = use.get("profiles", [{"hash_fraction": 1, "power_fraction": 1}])
    end = timeline.months + 1
    for month in (stop, until):
        if month is not None:
            end = min(end, month)
    if not refresh:
        end = min(end, first + int(use.get("life_months", MINING_LIFE_MONTHS)) - age)

    purchase: tuple[int, float] | None = None  # month and USD per TH/s of the last refresh
    owned_from = first
    paid_for = 0.0  # USD for the fleet that runs
    sunk = 0.0 if "machine_price_usd_per_th" in use else hash_rate
    life = int(use.get("life_months", MINING_LIFE_MONTHS))

    def let_go(month: int) -> None:
        ledger.assets.append(Asset("machine", paid_for, owned_from, min(month, timeline.months + 1), life, sunk))

    def sell_fleet(month: int) -> None:
        if "machine_resale_usd_per_th" not in use:
            return
        resale = setting.value(use, "machine_resale_usd_per_th")
        usd_per_th = resale(min(month, timeline.months))
        if purchase is not None:
            bought, paid = purchase
            usd_per_th = paid * usd_per_th / resale(bought) if resale(bought) else 0.0
        ledger.sell_at_start_of(month, hash_rate * TH_PER_EH * usd_per_th)

    if "machine_price_usd_per_th" in use:
        if first >= end:
            return ledger  # never bought
        paid_for = hash_rate * TH_PER_EH * float(use["machine_price_usd_per_th"])
        ledger.at_start_of(first, "capex", -paid_for)

    for k in range(first, end):
        if unpaid >= unpaid_most:
            end = k
            break
        due = refresh and k > first and (k - first + age) % int(refresh["every_months"]) == 0
        if due and end - k >= SHORTEST_REFRESH_MONTHS:
            sell_fleet(k)
            let_go(k)
            purchase = (k, setting.value(refresh, "price_usd_per_th")(k))
            owned_from, sunk, paid_for = k, 0.0, hash_rate * TH_PER_EH * purchase[1]
            ledger.at_start_of(k, "capex", -paid_for)
            efficiency = setting.value(refresh, "efficiency_j_per_th")(k)
        nameplate_mw = hash_rate * efficiency * pue
        energy_mwh = nameplate_mw * timeline.hours(k) * uptime(k)
        power = energy_mwh * 1000 * price(k)
        left = (1 - loss) ** ((k - owned_from) / 12)
        revenue = hash_rate * left * uptime(k) * market.usd_per_eh_month(k)
        unpaid = unpaid + 1

        def margin(profile: Use, worth: float = revenue * (1 - pool_fee), cost: float = power) -> float:
            return worth * float(profile["hash_fraction"]) - cost * float(profile["power_fraction"])

        best = max(profiles, key=margin)
        if not curtail or margin(best) > 0:
            unpaid = 0
            fast, hungry = float(best["hash_fraction"]), float(best["power_fraction"])
            revenue, power, energy_mwh = revenue * fast, power * hungry, energy_mwh * hungry
            ledger.at_end_of(k, "revenue", revenue)
            ledger.at_end_of(k, "opex", -revenue * pool_fee)
            ledger.at_end_of(k, "power", -power)
            coins[k] = revenue - revenue * pool_fee
            ledger.energy_mwh += energy_mwh
            ledger.btc_mined += hash_rate * left * fast * uptime(k) * (1 - pool_fee) * market.btc_per_eh_month(k)
        ledger.at_end_of(k, "revenue", demand_response(k))
        ledger.at_end_of(k, "opex", -nameplate_mw * opex(k) / 12)
    sell_fleet(end)
    if paid_for or sunk:
        let_go(end)
    if "sells_fraction" in use:
        keep_coins(use, setting, ledger, coins)
    return ledger


def keep_coins(use: Use, setting: Setting, ledger: Ledger, mined_usd: dict[int, float]) -> None:
    """Keep a part of the coins of each month, and sell them by the treasury or at the horizon.

    Which coins go is no matter: each has cost the average of those that are held.
    """
    sells, treasury = setting.value(use, "sells_fraction"), use.get("treasury", {})
    months = setting.timeline.months
    held = average = 0.0
    for k in range(1, months + 1):
        price = setting.market.price(k)
        usd = mined_usd.get(k, 0.0) * (1 - sells(k))
        earned = sum(e.usd for e in ledger.entries if e.month == k and e.column in ("revenue", "power", "opex")) - usd
        ledger.at_end_of(k, "coins", -usd)
        coins = usd / price if price else 0.0
        if held + coins > 0:
            average = (held * average + usd) / (held + coins)
        held += coins
        sold = 0.0
        if "sell_when_cash_below_usd" in treasury and price:
            missing = setting.value(treasury, "sell_when_cash_below_usd")(k) - earned
            sold = min(held, max(0.0, missing) / price)
        if "sell_month" in treasury and setting.timeline.month(treasury["sell_month"]) == k:
            sold = held
        if treasury:
            ledger.sell_coins(k, "coins", sold * price, sold * average)
        held -= sold
    ledger.btc_held = held
    ledger.sell_coins(months, "residual", held * setting.market.price(months), held * average)


def shed(
    use: Use, ledger: Ledger, k: int, earned: tuple[float, float], energy_mwh: float, price: float, share: float = 0.0
) -> float:
    """Be off in the hours that may be shed if they lose money; `earned` is before and after what goes with it.

    A contract fixes a `share` of the revenue.
    """
    revenue, net = earned
    cost = energy_mwh * 1000 * price
    hours = number(use, "flexible_fraction", 0) if energy_mwh > 0 and cost > net else 0.0
    ledger.at_end_of(k, "revenue", -revenue * hours, contracted=-revenue * hours * share)
    ledger.at_end_of(k, "opex", (revenue - net) * hours)
    ledger.at_end_of(k, "power", cost * hours)
    return (cost - net) * hours


class Default:
    """When a tenant stops paying, when the space is let again, and at what part of the rent; without one, never."""

    def __init__(self, written: dict[str, Any] | None, timeline: Timeline) -> None:
        never = timeline.months + 1
        self.month = never if written is None else timeline.month(written["month"])
        self.relet = never if written is None else self.month + int(written.get("relet_months", RELET_MONTHS))
        self.rent_ratio = number(written or {}, "relet_rent_ratio", RELET_RENT_RATIO)


def colocation(use: Use, setting: Setting) -> Ledger:
    """Let critical capacity by the kW and month, for a term and perhaps a renewal."""
    timeline = setting.timeline
    ledger = Ledger(timeline.months, critical_mw=critical_mw(use, setting))
    kw = ledger.critical_mw * 1000
    horizon_end = timeline.months + 1
    ready = setting.ready(use)
    first_rent = ready + int(use.get("free_months", 0))
    escalator = number(use, "escalator_fraction_per_year", 0)
    leased = setting.value(use, "leased_fraction", 1)
    load = setting.value(use, "load_factor_fraction", 1)
    pue = number(use, "pue_ratio", AI_PUE)
    price = setting.price(use)
    contract = use.get("contract")
    renewal = use.get("renewal")

    contract_end = term_end = horizon_end
    if contract is not None:
        contract_end = term_end = ready + round(12 * float(contract["term_years"]))
    if "term_months" in use:
        term_end = ready + int(use["term_months"])
    renewal_end = term_end
    if renewal is not None:
        renewal_end = term_end + int(renewal["term_months"]) if "term_months" in renewal else horizon_end

    def rent_of_a_dollar(k: int) -> float:
        """Return the rent of month k of the term if year 1 is at one dollar per kW and month."""
        return kw * leased(k) * float((1 + escalator) ** ((k - ready) // 12))

    if contract is not None:
        rent = float(contract["value_usd"]) / sum(map(rent_of_a_dollar, range(first_rent, contract_end)))
    else:
        rent = float(use["rent_usd_per_kw_per_month"])

    default = Default(use.get("tenant_default"), timeline)
    gross_profits = []
    last_in_force = 0
    for k in range(ready, min(max(term_end, renewal_end), horizon_end)):
        paid = 0.0
        if renewal is not None and k >= term_end:
            market_rent = setting.value(renewal, "rent_usd_per_kw_per_month")(term_end)
            paid = kw * leased(k) * market_rent * (1 + escalator) ** ((k - term_end) // 12)
        elif k >= first_rent:
            paid = rent * rent_of_a_dollar(k)
        last_in_force = k
        occupied = 1.0
        if k >= default.month and (k >= term_end) == (default.month >= term_end):  # it ends the lease it falls in
            occupied = 0.0 if k < default.relet else 1.0
            paid *= occupied * default.rent_ratio
        opex = paid * number(use, "opex_fraction_of_rent", OPEX_OF_RENT)
        energy_mwh = ledger.critical_mw * leased(k) * load(k) * pue * timeline.hours(k) * occupied
        power = 0.0 if use.get("tenant_pays_power", True) else energy_mwh * 1000 * price(k)
        ledger.energy_mwh += energy_mwh
        in_force = k < term_end and (k < default.month or default.month >= term_end)
        ledger.at_end_of(k, "revenue", paid, contracted=paid if in_force else 0.0)
        ledger.at_end_of(k, "opex", -opex)
        ledger.at_end_of(k, "power", -power)
        if not use.get("tenant_pays_power", True):
            power -= shed(use, ledger, k, (paid, paid - opex), energy_mwh, price(k), 1.0 if in_force else 0.0)
        if k >= first_rent:
            gross_profits.append(paid - opex - power)

    still_let = last_in_force > timeline.months - 12
    if "exit_cap_rate_fraction" in use and gross_profits and still_let:
        cap_rate = float(use["exit_cap_rate_fraction"])
        last = gross_profits[-12:]
        value = max(0.0, sum(last) / len(last) * 12 / cap_rate)
        if use.get("exit_basis") == "remaining_term":
            running_end = term_end if term_end >= horizon_end else renewal_end
            left = max(0, running_end - horizon_end)
            value *= 1 - (1 + cap_rate) ** (-left / 12)
        ledger.at_end_of(timeline.months, "residual", value)

    if contract is not None:
        prepay(ledger, use, ready, float(contract["value_usd"]), default.month)
    else:
        prepay(ledger, use, ready, rent * sum(map(rent_of_a_dollar, range(first_rent, term_end))), default.month)
    return ledger


def gpu_cloud(use: Use, setting: Setting) -> Ledger:
    """Own GPUs and sell their hours, under a contract and at the market."""
    timeline = setting.timeline
    ledger = Ledger(timeline.months, critical_mw=critical_mw(use, setting))
    gpus = float(use["gpu_count"])
    kw = ledger.critical_mw * 1000
    ready = setting.ready(use)
    life = int(use.get("life_months", GPU_LIFE_MONTHS))
    kept = number(use, "residual_fraction", 0)
    capex = setting.value(use, "capex_usd_per_gpu", CAPEX_USD_PER_GPU)
    rate = setting.value(use, "lease_usd_per_gpu_hour")
    utilisation = setting.value(use, "utilisation_fraction", 1)
    availability = setting.value(use, "availability_fraction", 1)
    load = setting.value(use, "load_factor_fraction", 1)
    space_rent = setting.cost(use.get("space_rent_usd_per_kw_per_month"))
    opex_per_hour = setting.cost(use.get("opex_usd_per_gpu_hour"))
    price = setting.price(use)
    contract = use.get("contract")
    default = Default((contract or {}).get("tenant_default"), timeline)

    service_end = ready  # the month after the last in service
    while service_end <= timeline.months and (service_end == ready or use.get("replace", False)):
        bought = service_end
        cost = gpus * capex(bought)
        ledger.at_start_of(bought, "capex", -cost)
        service_end = bought + life
        ledger.assets.append(Asset("gpu", cost, bought, min(service_end, timeline.months + 1), life))
        if service_end <= timeline.months:
            ledger.sell_at_start_of(service_end, cost * kept)
        else:
            age = timeline.months + 1 - bought
            ledger.at_end_of(timeline.months, "residual", cost * (1 - (1 - kept) * age / life))

    last = timeline.months
    if "halls_relet" in use and ready <= last:
        again = use["halls_relet"]
        rent = setting.value(again, "rent_usd_per_kw_per_month")(last)
        profit = 12 * kw * rent * (1 - number(again, "opex_fraction_of_rent", OPEX_OF_RENT))
        ledger.at_end_of(last, "residual", max(0.0, profit) / float(again["cap_rate_fraction"]))
    if "building_life_months" in use and ready <= last:
        used = (last + 1 - ready) / int(use["building_life_months"])
        ledger.at_end_of(last, "residual", -spending(use, setting).total(["capex"], 1, last) * max(0.0, 1 - used))

    for k in range(ready, min(service_end, timeline.months + 1)):
        hours = timeline.hours(k)
        to_market, in_use, revenue, fixed = gpus, 0.0, 0.0, 0.0
        if contract is not None and k < ready + int(contract["term_months"]):
            under_contract = gpus * number(contract, "gpu_fraction", 1)
            to_market -= under_contract
            if k < default.month or k >= default.relet:
                part = 1.0 if k < default.month else default.rent_ratio
                revenue += part * float(contract["value_usd"]) / int(contract["term_months"])
                fixed = revenue if k < default.month else 0.0
                ledger.gpu_hours_sold += under_contract * hours * availability(k)
                in_use += under_contract
        if "lease_usd_per_gpu_hour" in use:
            sold = to_market * hours * utilisation(k) * availability(k)
            revenue += sold * rate(k)
            ledger.gpu_hours_sold += sold
            in_use += to_market
        energy_mwh = kw / 1000 * in_use / gpus * number(use, "pue_ratio", AI_PUE) * hours * load(k) if gpus else 0.0
        ledger.energy_mwh += energy_mwh
        ledger.at_end_of(k, "revenue", revenue, contracted=fixed)
        ledger.at_end_of(k, "power", -energy_mwh * 1000 * price(k))
        with_revenue = revenue * number(use, "opex_fraction_of_revenue", OPEX_OF_REVENUE)
        ledger.at_end_of(k, "opex", -with_revenue)
        share = fixed / revenue if revenue > 0 else 0.0
        shed(use, ledger, k, (revenue, revenue - with_revenue), energy_mwh, price(k), share)
        ledger.at_end_of(k, "opex", -in_use * hours * opex_per_hour(k))
        ledger.at_end_of(k, "opex", -kw * space_rent(k))

    if contract is not None:
        prepay(ledger, use, ready, float(contract["value_usd"]), default.month)
    return ledger


def prepay(ledger: Ledger, use: Use, ready: int, value_usd: float, default_month: int) -> None:
    """Receive a fraction of a contract's value at the start of `ready`; credit it back in the named years.

    What is left at the horizon is paid back there. A tenant that has defaulted is owed nothing more.
    """
    if "prepayment" not in use:
        return
    years = use["prepayment"]["credited_years"]
    received = value_usd * float(use["prepayment"]["fraction"])
    ledger.at_start_of(ready, "prepayment", received)
    months_owed = 12 * len(years)
    for year in years:
        first = ready + 12 * (int(year) - 1)
        for k in range(first, min(first + 12, ledger.months + 1, default_month)):
            ledger.at_end_of(k, "prepayment", -received / (12 * len(years)))
            months_owed -= 1
    if ready <= ledger.months < default_month:
        owed = received * months_owed / (12 * len(years))
        ledger.at_end_of(ledger.months, "residual", -owed, PREPAYMENT_OWED)
