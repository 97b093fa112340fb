"""One path of a simulation as a scenario of its own, put together in plain Python from what was drawn for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from minecalc.simulation.world import Draw
from tests.second_engine.bitcoin import BTC_PRICE_USD, FEE_BTC_PER_BLOCK, NETWORK_HASH_RATE_EH_PER_S
from tests.second_engine.paths import Timeline, read_value

Data = dict[str, Any]
Course = Callable[[int], float]

#: The market input that a factor moves, whichever of two ways it is written.
MARKET = {
    "btc_price_usd": ("btc_price_usd",),
    "network_hash_rate_eh_per_s": ("network_hash_rate_eh_per_s", "network_difficulty"),
    "fee_btc_per_block": ("fee_btc_per_block", "fee_fraction"),
    "hash_price_usd_per_ph_per_day": ("hash_price_usd_per_ph_per_day",),
}
#: What the market is where the scenario does not say.
SNAPSHOT = {
    "btc_price_usd": BTC_PRICE_USD,
    "network_hash_rate_eh_per_s": NETWORK_HASH_RATE_EH_PER_S,
    "fee_btc_per_block": FEE_BTC_PER_BLOCK,
}
POWER, RENT, RATE = "electricity_price_usd_per_kwh", "rent_usd_per_kw_per_month", "lease_usd_per_gpu_hour"
CAPEX = "capex_usd_per_critical_mw"


class OnePath:
    """Path ``i`` of a draw for the scenario of ``data``; ``tenant`` are the terms of a default that is drawn."""

    def __init__(self, data: Data, draw: Draw, i: int, signed: str = "at_start", tenant: Data | None = None) -> None:
        self.data = json.loads(json.dumps(data))  # a copy in which nothing is shared
        self.inputs = self.data.pop("uncertainty").get("inputs", {})
        self.timeline = Timeline(data.get("start", "2027-01"), int(data.get("months", 120)))
        self.signed, self.tenant = signed, tenant or {}
        self.monthly_paths = {name: values[:, i].tolist() for name, values in draw.values.items() if values.ndim == 2}
        self.once = {name: float(values[i]) for name, values in draw.values.items() if values.ndim == 1}

    def scenario(self) -> Any:
        """The data of a scenario without uncertainty that is this path."""
        self.put_inputs()
        self.move(self.data["site"], POWER, self.path(POWER))
        market = self.data.setdefault("market", {})
        for factor, keys in MARKET.items():
            if factor in SNAPSHOT and not {*keys, "hash_price_usd_per_ph_per_day"} & set(market):
                market[factor] = SNAPSHOT[factor]
            for key in keys:
                self.move(market, key, self.path(factor))
        for plan in self.data["plans"].values():
            for use in plan.get("uses", {"": plan}).values():
                self.use(use)
        return self.data

    def path(self, factor: str) -> Course:
        """The factor of month k, flat after the horizon; 1 where it is certain."""
        values = self.monthly_paths.get(factor, [1.0])
        return lambda k: float(values[min(max(k, 1), len(values)) - 1])

    def move(self, owner: Data, key: str, course: Course) -> None:
        """Multiply a value over time by a course, month by month."""
        if key in owner:
            value = read_value(owner[key], self.timeline, Path())
            months = range(1, self.timeline.months + 1)
            owner[key] = {"points": {self.timeline.text(k): value(k) * course(k) for k in months}}

    def put_inputs(self) -> None:
        """Put the inputs drawn by path in place; of a value over time, the whole is scaled to its first month."""
        for path in self.inputs:
            drawn = self.once[path]
            *groups, key = path.replace('"', "").split(".")
            owner = self.data
            for group in groups:
                owner = owner[group]
            if isinstance(owner.get(key), dict):
                first = read_value(owner[key], self.timeline, Path())(1)
                owner[key] = owner[key] | {"scale": owner[key].get("scale", 1.0) * drawn / first}
            else:
                owner[key] = round(drawn) if key.endswith(("_months", "_count")) else drawn

    def use(self, use: Data) -> None:
        """Move the inputs of one use."""
        self.move(use, POWER, self.path(POWER))
        terms = use.get("conversion", use)
        if CAPEX in terms:
            terms[CAPEX] *= max(self.once.get(CAPEX, 1.0), 0.0)
        ready = 1
        if "conversion" in use:
            if "delay_months" in self.once:
                terms["delay_months"] = max(terms.get("delay_months", 0) + round(self.once["delay_months"]), 0)
            ready = self.timeline.month(terms["ready"]) + terms.get("delay_months", 0)
        if use["kind"] == "colocation":
            self.lease(use, ready)
        elif use["kind"] == "gpu_cloud":
            self.move(use, RATE, self.path(RATE))
            if RATE in use and "utilisation_fraction" in self.once:
                self.move_utilisation(use)
            self.contract(use, ready)

    def contract(self, use: Data, ready: int) -> None:
        """Let the GPUs of a contract whose customer defaults again at the market of the month."""
        contract = use.get("contract")
        given = contract is None or "tenant_default" in contract
        self.default(contract, ready)
        if contract is not None and "tenant_default" in contract and not given and RATE in use:
            month = self.timeline.month(contract["tenant_default"]["month"]) + self.tenant["relet_months"]
            contract["tenant_default"]["relet_rent_ratio"] *= self.path(RATE)(month)

    def move_utilisation(self, use: Data) -> None:
        value = read_value(use.get("utilisation_fraction", 1.0), self.timeline, Path())
        ratio = max(self.once["utilisation_fraction"], 0.0)
        months = range(1, self.timeline.months + 1)
        use["utilisation_fraction"] = {"points": {self.timeline.text(k): min(value(k) * ratio, 1.0) for k in months}}

    def lease(self, use: Data, ready: int) -> None:
        """Sign, renew and let again at the market of the month."""
        market, signed_at = self.path(RENT), 1.0
        if RENT in use and self.signed != "at_start":
            starts = self.timeline.month(use["conversion"]["starts"]) if "conversion" in use else ready
            signed_at = market(starts if self.signed == "at_conversion" else ready)
            use[RENT] *= signed_at
        ends = self.timeline.months + 1
        if "term_months" in use or "contract" in use:
            term = use.get("term_months") or round(12 * use["contract"]["term_years"])
            ends = ready + term
        if "renewal" in use:
            self.move(use["renewal"], RENT, market)
        given = "tenant_default" in use
        self.default(use, ready)
        if "tenant_default" in use and not given:
            month = self.timeline.month(use["tenant_default"]["month"])
            last_signed = signed_at if month < ends else market(ends)
            relet = market(month + self.tenant["relet_months"])
            use["tenant_default"]["relet_rent_ratio"] = self.tenant["relet_rent_ratio"] * relet / last_signed

    def default(self, terms: Data | None, ready: int) -> None:
        """Date the drawn default of a tenant that has none, if it comes within the horizon."""
        if terms is None or "tenant_default" in terms or "tenant_default" not in self.once:
            return
        month = ready + int(self.once["tenant_default"] * 12)
        if month <= self.timeline.months:
            terms["tenant_default"] = {
                "month": self.timeline.text(month),
                "relet_months": self.tenant["relet_months"],
                "relet_rent_ratio": self.tenant["relet_rent_ratio"],
            }
