"""Random scenarios with financing and tax, each from its seed: plain mappings as a file would hold them.

They are hard on purpose: loans longer than the horizon, cash that does not pay, phases, delays, every shape at once.
"""

from random import Random
from typing import Any

Data = dict[str, Any]

SITE_MW = 100.0
CRITICAL_PER_GROSS = 0.7
SHAPES = ["level", "equal_principal", "bullet", "sculpted", "sculpted", "shares"]
CLASSES = ["macrs_3", "macrs_5", "macrs_7", "macrs_15", "macrs_39", "straight_line_4", "straight_line_25"]


def month(start: int, number: int) -> str:
    """Write month `number` of a scenario that starts in month `start` since year zero."""
    year, of_year = divmod(start + number - 1, 12)
    return f"{year:04d}-{of_year + 1:02d}"


class Maker:
    """One scenario's dice, and what it has decided."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.start = 12 * 2027 + self.dice.randrange(0, 24)
        self.months = self.dice.choice([36, 60, 90, 120, 121, 143, 168])

    def chance(self, share: float) -> bool:
        """Throw a coin that falls so in this share of throws."""
        return self.dice.random() < share

    def between(self, low: float, high: float, digits: int = 4) -> float:
        """Return an even number, rounded so that it is short to read."""
        return round(self.dice.uniform(low, high), digits)

    def some(self, keys: Data, share: float = 0.4) -> Data:
        """Keep each key with this chance."""
        return {key: value for key, value in keys.items() if self.chance(share)}

    def over_time(self, low: float, high: float) -> Any:
        """Return a number, one that grows or one in steps."""
        value = self.between(low, high)
        shape = self.dice.choice(["number", "number", "growth", "steps"])
        if shape == "growth":
            return {"start": value, "growth_fraction_per_year": self.between(-0.05, 0.03)}
        if shape == "steps":
            later = month(self.start, self.dice.randrange(2, self.months))
            return {"steps": {month(self.start, 1): value, later: self.between(low, high)}}
        return value

    # The plan

    def conversion(self, capex: float, *, meanwhile: bool) -> tuple[Data, int]:
        """Return a conversion and the month in which it is ready, delay included."""
        starts = self.dice.choice([1, 1, 2, 5, 9])
        build = self.dice.choice([0, 1, 4, 9, 12, 16])
        delay = self.dice.choice([0, 0, 0, 2, 5])
        written: Data = {
            "starts": month(self.start, starts),
            "ready": month(self.start, starts + build),
            "capex_usd_per_critical_mw": capex,
        }
        if delay:
            written["delay_months"] = delay
        if self.chance(0.2):
            written["tenant_funded_fraction"] = self.between(0.1, 0.5)
        if build and self.chance(0.3):
            weights = [self.dice.randrange(0, 6) for _ in range(build)]
            weights[-1] += 1
            written["spend"] = [weight / sum(weights) for weight in weights]
        if meanwhile:
            written["meanwhile"] = "keep mining"
        return written, starts + build + delay

    def built(self, use: Data, mw: float, capex: float) -> tuple[Data, int]:
        """Put a use on its megawatts, by conversion or there from the start; return it and its ready month."""
        use["gross_mw"] = mw
        if self.chance(0.8):
            use["conversion"], ready = self.conversion(capex, meanwhile=self.chance(0.7))
            return use, ready
        use["capex_usd_per_critical_mw"] = capex
        return use, 1

    def lease(self, mw: float) -> tuple[Data, int]:
        """Return a lease: strong, weak or hopeless."""
        use: Data = {"kind": "colocation", "critical_per_gross_fraction": CRITICAL_PER_GROSS}
        rent = self.dice.choice([160.0, 140.0, 120.0, 90.0, 50.0])
        prepaid = False
        if self.chance(0.5):
            years = self.dice.choice([5, 8, 10, 15])
            value = rent * 12 * years * mw * CRITICAL_PER_GROSS * 1000
            use["contract"] = {"value_usd": value, "term_years": years}
            prepaid = self.chance(0.5)
        else:
            use["rent_usd_per_kw_per_month"] = rent
            if self.chance(0.5):
                use["term_months"] = self.dice.choice([40, 96, 130])
                prepaid = self.chance(0.3)
        if prepaid:
            credited = self.dice.choice([[3, 4, 5], [1, 2], [2, 4, 9]])
            use["prepayment"] = {"fraction": self.between(0.02, 0.2), "credited_years": credited}
        use |= self.some(
            {
                "escalator_fraction_per_year": self.between(0.0, 0.04),
                "free_months": self.dice.choice([1, 3, 7]),
                "opex_fraction_of_rent": self.between(0.05, 0.3),
                "exit_cap_rate_fraction": self.between(0.06, 0.12),
            }
        )
        if self.chance(0.15):
            use["opex_fraction_of_rent"] = 1.0
        if self.chance(0.12):
            defaults = month(self.start, self.dice.randrange(24, self.months))
            use["tenant_default"] = {"month": defaults, "relet_months": self.dice.choice([0, 6, 14])}
        return self.built(use, mw, self.dice.choice([3e6, 6e6, 8e6, 11e6]))

    def cloud(self, mw: float) -> tuple[Data, int]:
        """Return GPUs, of one generation or several."""
        kw = self.dice.choice([1.28, 1.7, 2.6])
        use: Data = {
            "kind": "gpu_cloud",
            "gpu_count": int(0.95 * mw * CRITICAL_PER_GROSS * 1000 / kw),
            "kw_per_gpu": kw,
            "critical_per_gross_fraction": CRITICAL_PER_GROSS,
            "capex_usd_per_gpu": self.dice.choice([25000, 38000, 54000]),
            "lease_usd_per_gpu_hour": self.dice.choice([1.2, 2.2, 3.0, 4.0]),
        }
        use |= self.some(
            {
                "life_months": self.dice.choice([24, 36, 60, 72]),
                "replace": True,
                "residual_fraction": self.between(0.0, 0.3),
                "utilisation_fraction": self.between(0.6, 1.0),
            }
        )
        return self.built(use, mw, self.dice.choice([2e6, 6e6, 10e6]))

    def bought_miners(self, mw: float) -> tuple[Data, int]:
        """Return machines bought for the plan."""
        use: Data = {
            "kind": "bitcoin_mining",
            "hash_rate_eh_per_s": round(0.9 * mw / 15 / 1.05, 3),
            "efficiency_j_per_th": 15,
            "machine_price_usd_per_th": self.between(5, 16),
        }
        use |= self.some({"machine_resale_usd_per_th": {"start": 6, "growth_fraction_per_year": -0.4}})
        if self.chance(0.5):
            every = self.dice.choice([24, 36])
            use["refresh"] = {"every_months": every, "price_usd_per_th": 12, "efficiency_j_per_th": 12}
        return self.built(use, mw, self.dice.choice([0.0, 4e5]))

    def sunk_miners(self, hash_rate: float) -> Data:
        """Return machines that are there."""
        use: Data = {"kind": "bitcoin_mining", "hash_rate_eh_per_s": hash_rate, "efficiency_j_per_th": 20}
        use |= self.some({"machine_resale_usd_per_th": {"start": 4, "growth_fraction_per_year": -0.3}})
        use |= self.some({"life_months": 48, "stops": month(self.start, 20)}, 0.3)
        return use

    def plan(self) -> tuple[Data, int]:
        """Return a plan of one use or of phases, and its latest ready month."""
        makers = [self.lease, self.lease, self.cloud, self.bought_miners]
        if self.chance(0.6):
            return self.dice.choice(makers[:3])(SITE_MW)
        uses: Data = {}
        ready = 1
        for name, mw in (("hall 1", 45.0), ("hall 2", 35.0), ("hall 3", 15.0))[: self.dice.choice([2, 3])]:
            uses[name], earns = self.dice.choice(makers)(mw)
            ready = max(ready, earns)
        return {"uses": uses}, ready

    # Its financing

    def tranche(self, every: int, ready: int, share: float, capex: float) -> Data:
        """Return a tranche of about this share of the cost."""
        shape = self.dice.choice(SHAPES)
        periods = max(1, (self.months - ready + 1) // every)
        most = periods if shape == "sculpted" or self.chance(0.7) else periods + 6
        last = self.dice.randrange(max(1, most // 3), most + 1)
        first = self.dice.choice([1, 1, 1, 2, 4])
        first = min(first, last)
        written: Data = {
            "rate_fraction_per_year": self.over_time(0.04, 0.1),
            "term_months": last * every,
        }
        if first > 1 or self.chance(0.1):
            written["first_payment_months"] = first * every
        balloon = self.dice.choice([0, 0, 0, 0.2, 0.6])
        count = last - first + 1
        if shape == "shares":
            weights = [self.dice.randrange(0, 5) for _ in range(count)]
            weights[0] += 1
            written["repayment"] = {"shares": [(1 - balloon) * weight / sum(weights) for weight in weights]}
        else:
            written["repayment"] = shape
        if balloon and shape != "bullet":
            written["balloon_fraction"] = balloon
        if shape == "sculpted":
            written["allow_negative_amortisation"] = True
        size = self.dice.choice(["share", "share", "amount", "dscr", "share and dscr", "amount and dscr"])
        if "share" in size:
            written["share_of_cost_fraction"] = round(share, 3)
        if "amount" in size:
            written["amount_usd"] = round(share * capex, -3)
        if "dscr" in size:
            low = 1.1 if "and" in size else 2.2
            written["dscr_ratio"] = self.between(low, low + 1.0, 2)
        if self.chance(0.35):
            written["draw"] = "at_close"
            if self.chance(0.7):
                written["escrow_yield_fraction_per_year"] = self.between(0.0, 0.035)
        else:
            if self.chance(0.3):
                written["interest_in_build"] = "paid"
            written |= self.some({"commitment_fee_fraction_per_year": self.between(0.0, 0.01)})
        fees = {"upfront_fee_fraction": self.between(0.0, 0.03), "discount_fraction": self.between(-0.0004, 0.03)}
        written |= self.some(fees)
        if shape != "sculpted" and self.chance(0.35):
            written["sweep_fraction"] = self.dice.choice([0.25, 0.5, 1.0])
        return written

    def financing(self, ready: int, capex: float) -> Data:
        """Return one to three tranches and what is around them."""
        every = self.dice.choice([1, 3, 6, 12])
        if self.months - ready < 2 * every:
            every = 1
        count = self.dice.choice([1, 1, 2, 3])
        shares = {1: [self.between(0.3, 0.85)], 2: [0.5, self.between(0.1, 0.3)], 3: [0.4, 0.15, 0.2]}[count]
        names = ["senior notes", "term loan", "mezzanine"][:count]
        written: Data = {
            "every_months": every,
            "tranches": {n: self.tranche(every, ready, s, capex) for n, s in zip(names, shares, strict=True)},
        }
        if self.chance(0.4):
            written["equity"] = self.dice.choice(["first", "first", "pro_rata"])
        if self.chance(0.5):
            written["reserve_months"] = self.dice.choice([1, 3, 6, 8, 12])
            if self.chance(0.6):
                written["reserve_yield_fraction_per_year"] = self.between(0.0, 0.05)
        covenants = {
            "lockup_dscr_ratio": self.dice.choice([1.15, 1.5, 2.5]),
            "default_dscr_ratio": 1.05,
            "equity_rate_fraction_per_year": self.between(0.08, 0.2),
            "dscr_after_tax": True,
        }
        return written | self.some(covenants)

    def tax(self) -> Data:
        """Return a tax of any kind."""
        if self.chance(0.3):
            return {"regime": "us-federal-2026"} | self.some({"rate_fraction": 0.25, "bonus_fraction": 0.4}, 0.2)
        split = {"macrs_39": 0.4, "macrs_15": 0.6}
        classes: Data = {
            "building": split if self.chance(0.4) else self.dice.choice(CLASSES),
            "gpu": self.dice.choice(CLASSES),
            "machine": self.dice.choice(CLASSES),
        }
        written: Data = {"rate_fraction": self.dice.choice([0.0, 0.21, 0.3])}
        return written | self.some(
            {
                "classes": self.some(classes, 0.7) or {"gpu": "macrs_3"},
                "bonus_fraction": self.dice.choice([0.4, 1.0]),
                "loss_limit_fraction": self.dice.choice([0.0, 0.8]),
                "interest_limit_fraction": self.dice.choice([0.1, 0.3]),
                "prepayment_taxed": "received",
                "basis_of_owned_machines_usd": 2e7,
            },
            0.5,
        )


def rough_capex(plan: Data) -> float:
    """Return about what a plan costs, USD."""
    total = 0.0
    for use in plan.get("uses", {"": plan}).values():
        conversion = use.get("conversion", use)
        halls = use["gross_mw"] * CRITICAL_PER_GROSS * conversion["capex_usd_per_critical_mw"]
        total += halls * (1 - conversion.get("tenant_funded_fraction", 0.0))
        total += use.get("gpu_count", 0) * use.get("capex_usd_per_gpu", 0)
        total += use.get("hash_rate_eh_per_s", 0) * 1e6 * use.get("machine_price_usd_per_th", 0)
    return total


def random_scenario(seed: int) -> Data:
    """Return the scenario of a seed: `keep mining`, and a plan called `convert` with financing and perhaps tax."""
    maker = Maker(seed)
    converted, ready = maker.plan()
    ready = min(ready, maker.months - 3)
    tax = maker.tax() if maker.chance(0.75) else None
    converted["financing"] = maker.financing(ready, rough_capex(converted))
    kept = maker.sunk_miners(4.0)
    if maker.chance(0.3):
        parts = {"old": maker.sunk_miners(2.0), "new": maker.sunk_miners(1.6)}
        kept = {"uses": {name: use | {"gross_mw": 50} for name, use in parts.items()}}
    scenario: Data = {
        "name": f"random financing {seed}",
        "start": month(maker.start, 1),
        "months": maker.months,
        "discount_rate_fraction_per_year": maker.between(0.06, 0.14),
        "site": {"gross_mw": SITE_MW, "electricity_price_usd_per_kwh": maker.between(0.03, 0.06)},
        "market": {"hash_price_usd_per_ph_per_day": maker.over_time(30, 60)},
        "plans": {"keep mining": kept, "convert": converted},
    }
    if maker.chance(0.5):
        scenario["site"]["fixed_cost_usd_per_year"] = maker.dice.choice([1e6, 8e6])
    if maker.chance(0.4):
        converted["discount_rate_fraction_per_year"] = maker.between(0.06, 0.12)
    if tax is not None:
        if maker.chance(0.4):
            scenario["tax"] = tax
        else:
            converted["tax"] = tax
    refinance(converted["financing"], Random(f"refinancing {seed}"))
    mature(converted["financing"], ready, maker, Random(f"maturities {seed}"))
    secure(converted["financing"], Random(f"contracts {seed}"))
    return scenario


def refinance(financing: Data, dice: Random) -> None:
    """Have some balloons repaid by a new loan and some covenants tested over longer, by dice of their own.

    Nothing else is thrown anew by these.
    """
    if dice.random() < 0.4:
        financing["dscr_test_months"] = dice.choice([1, 2, 4]) * financing["every_months"]
    for tranche in financing["tranches"].values():
        due_at_once = tranche["repayment"] == "bullet" or tranche.get("balloon_fraction", 0) > 0
        if due_at_once and dice.random() < 0.4:
            tranche["refinance_rate_fraction_per_year"] = round(dice.uniform(0.03, 0.11), 4)
            tranche["refinance_term_months"] = dice.randrange(1, 12) * financing["every_months"]


def secure(financing: Data, dice: Random) -> None:
    """Have some tranches sized on contracts, by dice of their own."""
    for tranche in financing["tranches"].values():
        if ("dscr_ratio" in tranche or tranche["repayment"] == "sculpted") and dice.random() < 0.3:
            tranche["sized_on"] = "contracted"


def mature(financing: Data, ready: int, maker: Maker, dice: Random) -> None:
    """Have all tranches end in a month in place of after a term, by dice of their own; some a little early or late."""
    if dice.random() < 0.7:
        return
    moved = dice.choice([0, 0, 1, 2, 5, -1, -4, -40])
    if any(isinstance(tranche["repayment"], dict) for tranche in financing["tranches"].values()):
        moved = min(moved, 0)  # a later date would have no share
    for tranche in financing["tranches"].values():
        tranche["maturity"] = month(maker.start, ready - 1 + tranche.pop("term_months") + moved)


def without(scenario: Data, *keys: str) -> Data:
    """Return the scenario without these keys of its own and of its plans."""

    def left(mapping: Data) -> Data:
        return {key: value for key, value in mapping.items() if key not in keys}

    return left(scenario) | {"plans": {name: left(plan) for name, plan in scenario["plans"].items()}}


def without_tax(scenario: Data) -> Data:
    """Return the scenario before tax."""
    return without(scenario, "tax")


def without_finance(scenario: Data) -> Data:
    """Return the scenario without its financing and tax."""
    return without(scenario, "tax", "financing")
