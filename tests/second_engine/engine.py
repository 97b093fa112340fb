"""Plans of a scenario, their figures, and what sets them apart from the baseline (model, 3, 6 and 8)."""

from pathlib import Path
from typing import Any

from . import returns
from .bitcoin import Market
from .ledger import COLUMNS, Ledger
from .paths import Timeline
from .uses import MINING_LIFE_MONTHS, Setting, Use, building, colocation, gpu_cloud, mining

START = "2027-01"
MONTHS = 120
DISCOUNT_RATE_FRACTION_PER_YEAR = 0.12
ROUNDING_FRACTION = 1e-12

GROSS_PROFIT = ["revenue", "power", "opex"]
NOT_RESIDUAL = [column for column in COLUMNS if column != "residual"]


class Scenario:
    """One scenario, as read from its file."""

    def __init__(self, data: dict[str, Any], folder: Path) -> None:
        site = data["site"]
        timeline = Timeline(data.get("start", START), int(data.get("months", MONTHS)))
        self.setting = Setting(
            timeline=timeline,
            folder=folder,
            market=Market(data.get("market", {}), timeline, folder),
            gross_mw=float(site["gross_mw"]),
            electricity_price=site["electricity_price_usd_per_kwh"],
            inflation=float(data.get("inflation_fraction_per_year", 0.0)),
        )
        self.timeline = timeline
        self.plans: dict[str, dict[str, Any]] = data["plans"]
        self.rate = float(data.get("discount_rate_fraction_per_year", DISCOUNT_RATE_FRACTION_PER_YEAR))
        self.tax: dict[str, Any] | None = data.get("tax")
        self.fixed_cost_per_year = self.setting.cost(site.get("fixed_cost_usd_per_year"))

    def uses(self, plan: str) -> dict[str, Use]:
        """Return the uses of a plan by name; a plan of one use lends it its own name."""
        written = self.plans[plan]
        uses: dict[str, Use] = written.get("uses", {plan: written})
        return uses

    def rate_of(self, plan: str) -> float:
        """Return the plan's own discount rate, or the scenario's."""
        return float(self.plans[plan].get("discount_rate_fraction_per_year", self.rate))

    def stop_of(self, plan: str, use: Use, until: int | None = None) -> int | None:
        """Return the date from which a mining use is off by choice where it runs in `plan`, if there is one.

        What runs only `until` a conversion starts has its best date by then. Months unpaid are no date.
        """
        stops = use.get("stops", "never")
        if stops == "never" or isinstance(stops, dict):
            return None
        if stops == "best":
            return self.best_stop(plan, use, until)
        return self.timeline.month(stops)

    def best_stop(self, plan: str, use: Use, until: int | None = None) -> int | None:
        """Try every stop; among equals the latest wins, and never (or what follows) before all."""
        first = self.setting.ready(use)
        dateless = {key: value for key, value in use.items() if key != "stops"}
        if "treasury" in use:  # a stop is chosen as if no coins were sold for want of cash
            kept_on = {key: value for key, value in use["treasury"].items() if key == "sell_month"}
            dateless["treasury"] = kept_on
        best: int | None = None
        best_npv = self.npv_with_stop(plan, dateless, None, until)
        last = self.timeline.months if until is None else min(until, self.timeline.months)
        for month in range(last, first - 1, -1):
            value = self.npv_with_stop(plan, dateless, month, until)
            if value > best_npv:
                best, best_npv = month, value
        return best

    def npv_with_stop(self, plan: str, use: Use, stop: int | None, until: int | None) -> float:
        """Return the NPV of one mining use at the rate of the plan that it runs in."""
        ledger = mining(use, self.setting, self.setting.ready(use), stop, until)
        return returns.npv(ledger.flows(), self.rate_of(plan))

    def runs_until(self, conversion: dict[str, Any]) -> tuple[str, list[Use]]:
        """Return the plan that a conversion's `meanwhile` names, and the uses of it that run."""
        named = conversion["meanwhile"]
        if isinstance(named, str):
            return named, list(self.uses(named).values())
        uses = self.uses(named["plan"])
        return named["plan"], [uses[name] for name in named.get("uses", uses)]

    def machines_run(self, plan: str) -> list[float]:
        """Return the hash rate of machines that the plan runs and did not buy, EH/s by month from month 1."""
        months = self.timeline.months
        totals = [0.0] * months

        def run(miner: Use, share: float, first: int, until: int) -> None:
            if miner["kind"] != "bitcoin_mining" or "machine_price_usd_per_th" in miner:
                return
            end = until
            if "refresh" not in miner:
                end = min(end, first + int(miner.get("life_months", MINING_LIFE_MONTHS)))
            stops = miner.get("stops", "never")
            if isinstance(stops, str) and stops not in ("never", "best"):
                end = min(end, self.timeline.month(stops))
            for k in range(first, min(end, months + 1)):
                totals[k - 1] += share * float(miner["hash_rate_eh_per_s"])

        for use in self.uses(plan).values():
            run(use, 1.0, self.setting.ready(use), months + 1)
            conversion = use.get("conversion", {})
            if "meanwhile" in conversion:
                _, miners = self.runs_until(conversion)
                share = self.setting.megawatts(use) / sum(map(self.setting.megawatts, miners))
                for miner in miners:
                    run(miner, share, 1, self.timeline.month(conversion["starts"]))
        return totals

    def machines_owned(self, plan: str) -> float | None:
        """Return the sunk hash rate of what the plan names as meanwhile, the largest of several; None: no limit."""
        names = [
            self.runs_until(use["conversion"])[0]
            for use in self.uses(plan).values()
            if "meanwhile" in use.get("conversion", {})
        ]
        totals = []
        for name in names:
            sunk = [use for use in self.uses(name).values() if use["kind"] == "bitcoin_mining"]
            sunk = [use for use in sunk if "machine_price_usd_per_th" not in use]
            totals.append(sum(float(use["hash_rate_eh_per_s"]) for use in sunk))
        return max(totals, default=None)

    def own(self, plan: str, stops: dict[str, int | None], *, dated: bool = False) -> dict[str, Ledger]:
        """Run each of the plan's own uses; `stops` is the date of each mining use.

        `dated`: no other rule stops them.
        """
        ledgers = {}
        for name, use in self.uses(plan).items():
            ledger = ledgers[name] = Ledger(self.timeline.months)
            ledger.take(building(use, self.setting))
            if use["kind"] == "bitcoin_mining":
                if dated:
                    use = use | {"stops": "never"}
                ledger.take(mining(use, self.setting, self.setting.ready(use), stops[name]))
            elif use["kind"] == "colocation":
                ledger.take(colocation(use, self.setting))
            else:
                ledger.take(gpu_cloud(use, self.setting))
            ledger.of_use(name)
        return ledgers

    def site_cost(self, share: float) -> Ledger:
        """Pay this share of the site's fixed cost every month."""
        ledger = Ledger(self.timeline.months)
        for k in range(1, self.timeline.months + 1):
            ledger.at_end_of(k, "opex", -share * self.fixed_cost_per_year(k) / 12)
        return ledger

    def in_project(self, plan: str, own: dict[str, Ledger]) -> list[str]:
        """Name the uses that are the plan's project: those converted to, else those that spend, else all."""
        uses, months = self.uses(plan), self.timeline.months
        converted = [name for name, use in uses.items() if "conversion" in use]
        spending = [name for name in uses if any(own[name].total(["capex"], k, k) for k in range(1, months + 1))]
        return converted or spending or list(uses)

    def project(self, plan: str, own: dict[str, Ledger], members: list[str]) -> Ledger:
        """Return the flows of these uses with their share, by megawatts, of the site's fixed cost."""
        ledger = Ledger(self.timeline.months)
        for name in members:
            ledger.take(own[name])
        megawatts = sum(self.setting.megawatts(self.uses(plan)[name]) for name in members)
        ledger.take(self.site_cost(min(1.0, megawatts / self.setting.gross_mw)))
        return ledger

    def meanwhile(self, plan: str) -> Ledger:
        """Run what mines on the megawatts of each conversion until it starts."""
        ledger = Ledger(self.timeline.months)
        for use in self.uses(plan).values():
            conversion = use.get("conversion", {})
            if "meanwhile" not in conversion:
                continue
            _, miners = self.runs_until(conversion)
            share = self.setting.megawatts(use) / sum(map(self.setting.megawatts, miners))
            starts = self.timeline.month(conversion["starts"])
            for miner in miners:
                ledger.take(mining(miner, self.setting, 1, self.stop_of(plan, miner, starts), starts), share)
        return ledger

    def ledgers(
        self, plan: str, stops: dict[str, int | None], *, dated: bool = False
    ) -> tuple[Ledger, Ledger, list[str]]:
        """Return the ledger of the plan's project, that of the whole plan, and the uses of the project."""
        own = self.own(plan, stops, dated=dated)
        whole = Ledger(self.timeline.months)
        whole.take(self.meanwhile(plan))
        for ledger in own.values():
            whole.take(ledger)
        whole.take(self.site_cost(1.0))
        members = self.in_project(plan, own)
        return self.project(plan, own, members), whole, members

    def figures(self, plan: str) -> dict[str, Any]:
        """Return metrics, quantities, annual rows and flows of a plan."""
        miners = {name: use for name, use in self.uses(plan).items() if use["kind"] == "bitcoin_mining"}
        own, whole, members = self.ledgers(plan, {name: self.stop_of(plan, use) for name, use in miners.items()})
        metrics = self.metrics(plan, own, whole, members)
        best = {name: self.best_stop(plan, use) for name, use in miners.items()}
        if miners:
            _, stopped, _ = self.ledgers(plan, best, dated=True)
            metrics["npv_at_best_stop_usd"] = returns.npv(stopped.flows(), self.rate_of(plan))
            metrics["best_stop"] = self.stops_in_words(best)
        btc_unknown = whole.mines and self.setting.market.hash_price is not None
        return {
            "name": plan,
            "kinds": list(dict.fromkeys(use["kind"] for use in self.uses(plan).values())),
            "discount_rate_fraction_per_year": self.rate_of(plan),
            "metrics": metrics,
            "quantities": {
                "btc_mined": None if btc_unknown else whole.btc_mined,
                "energy_mwh": whole.energy_mwh,
                "gpu_hours_sold": whole.gpu_hours_sold,
                "critical_mw": whole.critical_mw,
            },
            "memo": {"btc_held": whole.btc_held},
            "annual": self.annual(whole),
            "flows_usd": whole.flows(),
            "own_flows_usd": own.flows(),
        }

    def stops_in_words(self, stops: dict[str, int | None]) -> str:
        """Write the stop of one mining use as a month or `never`, of several with the use's name."""
        words = {name: "never" if k is None else self.timeline.text(k) for name, k in stops.items()}
        if len(words) == 1:
            return next(iter(words.values()))
        return "; ".join(f"{name}: {word}" for name, word in words.items())

    def yield_on_cost(self, uses: list[Use], own: Ledger) -> float | None:
        """Return a project's gross profit of the first year in which all of it earns, over what it had cost by then."""
        begins = max(self.setting.ready(use) + int(use.get("free_months", 0)) for use in uses)
        if begins + 11 > self.timeline.months:
            return None
        spent = -own.total(["capex"], 1, begins)
        return own.total(GROSS_PROFIT, begins, begins + 11) / spent if spent else None

    def metrics(self, plan: str, own: Ledger, whole: Ledger, members: list[str]) -> dict[str, Any]:
        """Return the plan's metrics but for its best stop; `own` is its project."""
        months, rate = self.timeline.months, self.rate_of(plan)
        flows, project = whole.flows(), own.flows()
        npv = returns.npv(flows, rate)
        npv_without_residual = returns.npv(whole.flows(NOT_RESIDUAL), rate)
        irr, roots = returns.irr(project)
        capex = 0.0 - whole.total(["capex"], 1, months)
        gross_mwh = self.setting.gross_mw * sum(self.timeline.hours(k) for k in range(1, months + 1))
        first = max(self.setting.ready(use) for use in self.uses(plan).values())
        year_revenue = year_profit = None
        if first + 11 <= months:
            year_revenue = whole.total(["revenue"], first, first + 11)
            year_profit = whole.total(GROSS_PROFIT, first, first + 11)
        return {
            "npv_usd": npv,
            "npv_at_scenario_rate_usd": returns.npv(flows, self.rate),
            "npv_without_residual_usd": npv_without_residual,
            "irr_fraction_per_year": irr,
            "irr_roots": roots,
            "mirr_fraction_per_year": returns.mirr(project, rate),
            "payback_months": returns.payback_months(project),
            "moic_ratio": returns.moic(project),
            "npv_at_best_stop_usd": None,
            "best_stop": None,
            "residual_share_of_npv_fraction": (npv - npv_without_residual) / npv if npv else None,
            "capex_usd": capex,
            "peak_funding_usd": returns.peak_funding(flows),
            "yield_on_cost_fraction": self.yield_on_cost([self.uses(plan)[name] for name in members], own),
            "revenue_usd_per_gross_mwh": whole.total(["revenue"], 1, months) / gross_mwh,
            "gross_profit_usd_per_gross_mwh": whole.total(GROSS_PROFIT, 1, months) / gross_mwh,
            "first_year_revenue_usd": year_revenue,
            "first_year_gross_profit_usd": year_profit,
        }

    def annual(self, whole: Ledger) -> list[dict[str, float]]:
        """Return one row for each twelve months, the last perhaps shorter."""
        rows = []
        for year in range(1, (self.timeline.months + 11) // 12 + 1):
            first, last = 12 * year - 11, self.timeline.last_of_year(year)
            row: dict[str, float] = {"year": year}
            for column in COLUMNS:
                row[f"{column}_usd"] = whole.total([column], first, last)
            row["net_usd"] = whole.total(COLUMNS, first, last)
            rows.append(row)
        return rows


def against_baseline(plan: dict[str, Any], baseline: dict[str, Any]) -> dict[str, Any]:
    """Return a plan's figures less the baseline's; differences that are mere rounding are zero."""
    mine, theirs = plan["metrics"], baseline["metrics"]
    flows, base = plan["flows_usd"], baseline["flows_usd"]
    rounding = ROUNDING_FRACTION * max(map(abs, flows + base))
    extra = [a - b if abs(a - b) > rounding else 0.0 for a, b in zip(flows, base, strict=True)]
    return {
        "npv_difference_usd": mine["npv_usd"] - theirs["npv_usd"],
        "npv_difference_at_scenario_rate_usd": mine["npv_at_scenario_rate_usd"] - theirs["npv_at_scenario_rate_usd"],
        "incremental_irr_fraction_per_year": returns.irr(extra)[0],
        "incremental_payback_months": returns.payback_months(extra),
    }


def calculate(data: dict[str, Any], folder: Path) -> dict[str, dict[str, Any]]:
    """Calculate a valid scenario; return each plan's figures under its name.

    `data` is the scenario file as parsed (months are text), `folder` where its csv files lie. Machines and
    GPUs by catalogue name are not known here: their figures must stand in the data.
    """
    scenario = Scenario(data, folder)
    plans = {name: scenario.figures(name) for name in scenario.plans}
    baseline = plans[data.get("baseline", next(iter(plans)))]
    for plan in plans.values():
        plan["vs_baseline"] = against_baseline(plan, baseline)
    return plans
