"""A plan's deal as it closes, one case, month by month of the build (finance, section 2).

Points and months are as in `paths`; dates are counted: date n is at point `before + n * every`, `before` being R - 1.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from .debt_terms import CASH, TINY, Build, NotFinancedError, Terms, Tranche, Written
from .ledger import Ledger
from .paths import Timeline, Value, read_value


class Deal:
    """A plan's financing: what `financed` works on."""

    def __init__(
        self,
        project: Ledger,
        ready: int,
        terms: Written,
        timeline: Timeline,
        folder: Path,
        tax_usd: list[float] | None = None,
        agreed: "Deal | None" = None,
    ) -> None:
        self.agreed = agreed
        self.timeline, self.folder, self.months = timeline, folder, timeline.months
        self.ready, self.before = ready, ready - 1
        self.every = int(terms["every_months"])
        self.matures = [tranche["maturity"] for tranche in terms["tranches"].values() if "maturity" in tranche]
        self.first_date = self.before + self.every
        if self.matures:  # dates lie whole periods before the maturity, the first after the point before R
            self.first_date = timeline.month(self.matures[0])
            while self.first_date <= self.before:
                self.first_date += self.every
            while self.first_date - self.every > self.before:
                self.first_date -= self.every
        self.equity_first = terms.get("equity", "pro_rata") == "first"
        self.reserve_months = int(terms.get("reserve_months", 0))
        self.reserve_yield = self.over_time(terms.get("reserve_yield_fraction_per_year", 0))
        self.lockup = terms.get("lockup_dscr_ratio")
        self.default = terms.get("default_dscr_ratio")
        self.tested = int(terms.get("dscr_test_months", self.every)) // self.every
        self.flows = project.flows()
        capex = project.flows(["capex"])
        self.capex = [-usd for usd in capex]
        spending = [k for k, usd in enumerate(self.capex) if usd != 0.0]
        if ready > self.months or not spending or spending[0] > self.before:
            raise NotFinancedError("no project capex by the point before the plan is ready")
        self.close = spending[0]
        after_tax = bool(terms.get("dscr_after_tax", False)) and tax_usd is not None
        cash = project.flows(CASH)
        if after_tax and tax_usd is not None:
            cash = [usd - tax for usd, tax in zip(cash, tax_usd, strict=True)]
        self.cfads = [usd if k >= ready else 0.0 for k, usd in enumerate(cash)]
        taxes = tax_usd if after_tax and tax_usd is not None else [0.0] * (self.months + 1)
        fixed = zip(project.secured(), taxes, strict=True)
        self.secured = [usd - tax if k >= ready else 0.0 for k, (usd, tax) in enumerate(fixed)]
        self.residual = project.flows(["residual"])[self.months]
        received = [e for e in project.entries if e.column == "prepayment" and e.usd > 0 and e.point <= self.before]
        self.received = {k: sum(e.usd for e in received if e.point == k) for k in range(ready)}
        self.terms = [self.read(name, written) for name, written in terms["tranches"].items()]
        self.tranches: list[Tranche] = []
        self.build = Build()
        self.warnings: list[str] = []

    def over_time(self, written: Any) -> Value:
        """Read a value over time."""
        return read_value(written, self.timeline, self.folder)

    def read(self, name: str, written: Written) -> Terms:
        """Fill in the defaults of a tranche."""
        repayment = written["repayment"]
        shares = [] if isinstance(repayment, str) else [float(share) for share in repayment["shares"]]
        shape = repayment if isinstance(repayment, str) else "shares"
        if self.matures and "maturity" not in written:
            raise NotFinancedError(f"{name}: a term beside a maturity")
        term = int(written.get("term_months", 0))
        if self.matures:
            term = max(self.timeline.month(written["maturity"]), self.first_date) - self.before
            if (self.before + term - self.first_date) % self.every:
                raise NotFinancedError(f"{name}: matures off the calendar")
        again = int(written.get("refinance_term_months", 0))
        first = int(written.get("first_payment_months", self.every))
        balloon = 1.0 if shape == "bullet" else float(written.get("balloon_fraction", 0))
        if (not self.matures and term % self.every) or first % self.every or again % self.every:
            raise NotFinancedError(f"{name}: dates off the calendar")
        if shape == "sculpted" and self.before + term > self.months and self.agreed is None:
            raise NotFinancedError(f"{name}: sculpted beyond the horizon")
        if shares and abs(sum(shares) + balloon - 1) > 1e-9:
            raise NotFinancedError(f"{name}: shares and balloon do not add up to 1")
        dates = [n for n in range(1, term // self.every + 2) if first <= self.point(n) - self.before <= term]
        last = self.number_of(self.before + term)
        if not dates:
            balloon = 1.0
        if shares and not self.matures and len(shares) != len(dates):
            raise NotFinancedError(f"{name}: as many shares as instalments")
        if shares and self.matures:
            if len(shares) < len(dates) and self.agreed is None:
                raise NotFinancedError(f"{name}: fewer shares than instalments")
            shares = self.caught_up(shares[len(shares) - len(dates) :] if dates else [], sum(shares))

        def given(key: str) -> float | None:
            return float(written[key]) if key in written else None

        own_rate, matures = self.over_time(written["rate_fraction_per_year"]), self.before + term
        new_rate = self.over_time(written["refinance_rate_fraction_per_year"]) if again else own_rate

        def rate(k: int) -> float:
            return own_rate(k) if k <= matures else new_rate(k)

        return Terms(
            name=name,
            share=given("share_of_cost_fraction"),
            amount=given("amount_usd"),
            dscr=given("dscr_ratio"),
            rate=rate,
            at_close=written.get("draw", "as_needed") == "at_close",
            escrow_yield=self.over_time(written.get("escrow_yield_fraction_per_year", 0)),
            upfront_fee=float(written.get("upfront_fee_fraction", 0)),
            discount=float(written.get("discount_fraction", 0)),
            commitment_fee=float(written.get("commitment_fee_fraction_per_year", 0)),
            paid=written.get("interest_in_build", "capitalised") == "paid",
            repayment=shape,
            shares=shares,
            balloon=balloon,
            first=dates[0] if dates else last + 1,
            last=last,
            last_month=self.before + term,
            negative=bool(written.get("allow_negative_amortisation", False)),
            sweep=float(written.get("sweep_fraction", 0)),
            contracted=written.get("sized_on") == "contracted",
            again=again // self.every,
        )

    # Dates

    def point(self, n: int) -> int:
        """Return the point of date n; date 0 is the start of operation, from which the first period may be short."""
        return self.before if n == 0 else self.first_date + (n - 1) * self.every

    def number_of(self, point: int) -> int:
        """Return the number of the date at a point."""
        return (point - self.first_date) // self.every + 1

    @staticmethod
    def caught_up(instalments: list[float], total: float) -> list[float]:
        """Return the instalments that are left, each larger by as much as all of them lack of the total."""
        left = sum(instalments)
        return [usd * total / left if left > 0 else 0.0 for usd in instalments]

    def months_of(self, n: int) -> range:
        """Return the months of the period that date n ends."""
        return range(self.point(n - 1) + 1, self.point(n) + 1)

    def period_rate(self, terms: Terms, n: int) -> float:
        """Return simple interest of the period that date n ends."""
        return sum(terms.rate(k) / 12 for k in self.months_of(n))

    def cash_of(self, n: int, *, contracted: bool = False) -> float | None:
        """Return CFADS of a period, or none if it ends after the horizon; all of it, or what is contracted."""
        if self.point(n) > self.months:
            return None
        return sum((self.secured if contracted else self.cfads)[k] for k in self.months_of(n))

    # Sizes

    def schedule(self, terms: Terms, amount: float, service: list[float] | None = None) -> Tranche:
        """Return interest and instalments of an amount; `service` is that of a sculpted tranche from its first date."""
        rates = [self.period_rate(terms, n) for n in range(1, terms.last + 1)]
        count = terms.last - terms.first + 1
        level = 0.0
        if terms.repayment == "level" and count:
            factors = self.factors(terms)
            level = amount * (1 - terms.balloon * factors[-1]) / sum(factors)
        balance, instalments, interest = amount, [], []
        for n in range(1, terms.last + 1):
            due = balance * rates[n - 1]
            pay = 0.0
            if n >= terms.first:
                if terms.repayment == "level":
                    pay = level - due
                elif terms.repayment == "equal_principal":
                    pay = amount * (1 - terms.balloon) / count
                elif terms.repayment == "shares":
                    pay = amount * terms.shares[n - terms.first]
                elif service is not None:
                    pay = service[n - terms.first] - due
            interest.append(due)
            instalments.append(pay)
            balance -= pay
        return Tranche(terms, amount, instalments, interest, None)

    def refinance(self, tranche: Tranche) -> None:
        """Go on after the last date with what a new loan for the balloon, repaid by equal service, asks."""
        terms = tranche.terms
        balance = max(0.0, tranche.amount - sum(tranche.instalments))
        dates = range(terms.last + 1, terms.last + terms.again + 1)
        v, worth = 1.0, 0.0
        for n in dates:
            v /= 1 + self.period_rate(terms, n)
            worth += v
        service = balance / worth if terms.again else 0.0
        for n in dates:
            tranche.interest.append(balance * self.period_rate(terms, n))
            tranche.instalments.append(service - tranche.interest[-1])
            balance -= tranche.instalments[-1]

    def factors(self, terms: Terms) -> list[float]:
        """Return v of each instalment's date, counted from the date before the first."""
        v, factors = 1.0, []
        for n in range(terms.first, terms.last + 1):
            v /= 1 + self.period_rate(terms, n)
            factors.append(v)
        return factors

    def as_agreed(self, agreed: "Deal") -> list[Tranche]:
        """Return the tranches of a deal that was closed on other cash: its amounts and instalments, by date."""
        found = []
        for terms, old in zip(self.terms, agreed.tranches, strict=True):
            balance, interest = old.amount, []
            own = old.instalments[: old.terms.last]
            if self.matures:
                by_point = {agreed.point(n): usd for n, usd in enumerate(own, 1)}
                own = [by_point.get(self.point(n), 0.0) if n >= terms.first else 0.0 for n in range(1, terms.last + 1)]
                own = self.caught_up(own, sum(by_point.values()))
                if not any(own):
                    terms = replace(terms, balloon=1.0)
            for n, instalment in enumerate(own, 1):
                interest.append(balance * self.period_rate(terms, n))
                balance -= instalment
            found.append(Tranche(terms, old.amount, own, interest, old.dscr))
        return found

    def sized(self, total: float) -> list[Tranche]:
        """Return the tranches that a total cost gives, in order of seniority."""
        if self.agreed is not None:
            return self.as_agreed(self.agreed)
        found: list[Tranche] = []
        for terms in self.terms:
            limit = terms.amount
            if terms.share is not None:
                limit = terms.share * total

            def senior(n: int, above: tuple[Tranche, ...] = tuple(found)) -> float:
                return sum(tranche.service(n) for tranche in above)

            if terms.repayment == "sculpted":
                found.append(self.sculpted(terms, limit, senior))
            else:
                found.append(self.shaped(terms, limit, senior))
            by_share = terms.share is not None and terms.dscr is not None
            found[-1].capped_by_share = by_share and found[-1].amount == limit
        return found

    def shaped(self, terms: Terms, limit: float | None, senior: Callable[[int], float]) -> Tranche:
        """Return a tranche whose shape is given, as large as its cash and its limit allow."""
        amount = limit
        if terms.dscr is not None:
            unit = self.schedule(terms, 1.0)
            for n in range(1, terms.last + 1):
                cash = self.cash_of(n, contracted=terms.contracted)
                if cash is None or unit.service(n) <= TINY:
                    continue
                most = max(0.0, cash / terms.dscr - senior(n)) / unit.service(n)
                amount = most if amount is None else min(amount, most)
        if amount is None:
            raise NotFinancedError(f"{terms.name}: nothing limits it")
        tranche = self.schedule(terms, amount)
        tranche.dscr = terms.dscr
        return tranche

    def sculpted(self, terms: Terms, limit: float | None, senior: Callable[[int], float]) -> Tranche:
        """Return a sculpted tranche, and the DSCR that makes its amount so."""
        dates = range(terms.first, terms.last + 1)
        cash = [self.cash_of(n, contracted=terms.contracted) or 0.0 for n in dates]
        above = [senior(n) for n in dates]
        factors = self.factors(terms)
        if not dates:
            return self.with_ratio(self.schedule(terms, 0.0, []), None)
        rest = 1 - terms.balloon * factors[-1]
        worth = sum(max(0.0, usd) * v for usd, v in zip(cash, factors, strict=True))
        amount, ratio = limit, terms.dscr
        if ratio is not None:
            service = [max(0.0, usd / ratio - more) for usd, more in zip(cash, above, strict=True)]
            by_cash = sum(usd * v for usd, v in zip(service, factors, strict=True)) / rest
            if amount is None or by_cash <= amount:
                return self.with_ratio(self.schedule(terms, by_cash, service), ratio)
        if amount is None:
            raise NotFinancedError(f"{terms.name}: nothing limits it")
        if worth <= 0.0 or amount <= 0.0:
            return self.with_ratio(self.schedule(terms, 0.0, [0.0] * len(cash)), None)
        part = self.part_of_cash(cash, above, factors, amount * rest)
        service = [max(0.0, usd * part - more) for usd, more in zip(cash, above, strict=True)]
        return self.with_ratio(self.schedule(terms, amount, service), 1 / part)

    @staticmethod
    def with_ratio(tranche: Tranche, ratio: float | None) -> Tranche:
        """Note the DSCR of a tranche that has an amount."""
        tranche.dscr = ratio if tranche.amount > 0 else None
        return tranche

    @staticmethod
    def part_of_cash(cash: list[float], above: list[float], factors: list[float], worth: float) -> float:
        """Return the x at which what x times the cash leaves after `above`, never below zero, is worth so much."""
        knots = sorted(
            (more / usd, usd * v, more * v) for usd, more, v in zip(cash, above, factors, strict=True) if usd > 0
        )
        slope = offset = 0.0
        for i, (_, usd, more) in enumerate(knots):
            slope, offset = slope + usd, offset + more
            x = (worth + offset) / slope
            if i + 1 == len(knots) or x <= knots[i + 1][0]:
                return x
        raise AssertionError

    # Construction

    def built(self, total: float, tranches: list[Tranche]) -> Build:
        """Pay and draw from close to R - 1 as if the total cost were `total`."""
        build = Build()
        debt = sum(tranche.amount for tranche in tranches)
        kinds = ["capex", "upfront_fees", "discount", "commitment_fees", "interest", "escrow_income", "reserve"]
        build.uses = dict.fromkeys(kinds, 0.0)
        for tranche in tranches:
            for record in (build.balance, build.escrow, build.lender_at, build.draws):
                record[tranche.terms.name] = {}
            build.fees[tranche.terms.name] = 0.0
        paid_so_far = drawn_so_far = 0.0
        for k in range(self.close, self.ready):
            now = dict.fromkeys(kinds, 0.0)
            now["capex"] = self.capex[k]
            build.paid_interest_at[k] = 0.0
            build.fees_at[k] = build.discount_at[k] = 0.0
            received: dict[str, float] = {}
            for tranche in tranches:
                terms, name = tranche.terms, tranche.terms.name
                fee = interest = 0.0
                if k == self.close:
                    fee = tranche.amount * terms.upfront_fee
                    now["upfront_fees"] += fee
                    now["discount"] += tranche.amount * terms.discount
                    build.discount_at[k] += tranche.amount * terms.discount
                    received[name] = tranche.amount * terms.discount
                else:
                    received[name] = 0.0
                    balance = build.balance[name][k - 1]
                    interest = balance * terms.rate(k) / 12
                    commitment = 0.0 if terms.at_close else (tranche.amount - balance) * terms.commitment_fee / 12
                    fee = commitment
                    now["commitment_fees"] += commitment
                    now["escrow_income"] -= build.escrow[name][k - 1] * terms.escrow_yield(k) / 12
                    if terms.paid:
                        build.paid_interest_at[k] += interest
                    else:
                        now["interest"] += interest
                build.fees[name] += fee
                build.fees_at[k] += fee
                received[name] += fee + interest
            if k == self.before:
                now["reserve"] = build.reserve = self.target(k, tranches, [t.amount for t in tranches])
            build.escrow_income_at[k] = -now["escrow_income"]
            build.capitalised_at[k] = now["interest"] + now["escrow_income"]
            build.interest_at[k] = now["interest"] + build.paid_interest_at[k]
            for kind, usd in now.items():
                build.uses[kind] += usd
            build.uses_at[k] = sum(now.values())
            paid_so_far += build.uses_at[k]
            drawn = max(0.0, paid_so_far - (total - debt)) if self.equity_first else paid_so_far * debt / total
            build.from_debt_at[k] = drawn - drawn_so_far
            drawn_so_far = drawn
            for tranche in tranches:
                name = tranche.terms.name
                part = drawn * tranche.amount / debt if debt else 0.0
                owed = tranche.amount if tranche.terms.at_close else part
                build.escrow[name][k] = tranche.amount - part if tranche.terms.at_close else 0.0
                build.draws[name][k] = owed - build.balance[name].get(k - 1, 0.0)
                build.balance[name][k] = owed
                build.lender_at[name][k] = received[name] - build.draws[name][k]
        build.total = paid_so_far
        return build

    def target(self, point: int, tranches: list[Tranche], balances: list[float]) -> float:
        """Return the reserve that is wanted after a date, from what is owed then."""
        end = point + self.reserve_months
        total = 0.0
        for tranche, owed in zip(tranches, balances, strict=True):
            balance = owed
            for n in range(self.number_of(point) + 1 if point > self.before else 1, len(tranche.instalments) + 1):
                inside = [k for k in self.months_of(n) if k <= end]
                if not inside:
                    break
                months = len(self.months_of(n))
                instalment = tranche.due(n, balance)
                interest = balance * self.period_rate(tranche.terms, n)
                total += (interest + instalment) * len(inside) / months
                balance -= instalment
        return max(total, 0.0)

    def gap(self, total: float) -> float:
        """Return uses less the total cost that they were computed from."""
        return self.built(total, self.sized(total)).total - total

    def closed(self) -> None:
        """Find the total cost, and with it the amounts."""
        if sum(terms.share or 0.0 for terms in self.terms) > 1 + TINY:
            raise NotFinancedError("shares above 1")
        low = 0.5 * sum(self.capex[self.close : self.ready])
        high = 4 * low
        for _ in range(60):
            if self.gap(high) <= 0:
                break
            high *= 2
        else:
            raise NotFinancedError("no total cost covers what it causes")
        total = zero_between(self.gap, low, high)
        self.tranches = self.sized(total)
        self.build = self.built(total, self.tranches)
        self.total = total
        for tranche in self.tranches:
            negative = [n for n, usd in enumerate(tranche.instalments, 1) if usd < -1e-9 * tranche.amount]
            if negative and not (tranche.terms.negative and tranche.terms.repayment == "sculpted"):
                month = self.timeline.text(self.point(negative[0]))
                raise NotFinancedError(f"{tranche.terms.name}: principal below zero in {month}")
        debt = sum(tranche.amount for tranche in self.tranches)
        if debt > total * (1 + 1e-9) and self.agreed is None:
            raise NotFinancedError(f"debt {debt} above total cost {total}")
        self.warnings += [f"{t.terms.name}: no cash" for t in self.tranches if t.amount == 0.0]
        self.warnings += [f"{t.terms.name}: capped by its share" for t in self.tranches if t.capped_by_share]
        if debt + sum(self.received.values()) > total:
            self.warnings.append("debt and prepayment above total cost")
        for tranche in self.tranches:
            self.refinance(tranche)


def zero_between(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where a function that is positive at `low` and not at `high` crosses zero, by false position."""
    at_low, at_high = function(low), function(high)
    if at_low < 0:
        raise NotFinancedError("no total cost covers what it causes")
    side = 0
    for step in range(200):
        if high - low <= 1e-15 * high or at_high == 0.0:
            return high
        middle = (low + high) / 2
        if step % 4 != 3 and at_low != at_high:
            middle = min(max(high - at_high * (high - low) / (at_high - at_low), low), high)
        value = function(middle)
        if value == 0.0:
            return middle
        if value > 0:
            low, at_low = middle, value
            at_high = at_high / 2 if side == 1 else at_high
            side = 1
        else:
            high, at_high = middle, value
            at_low = at_low / 2 if side == -1 else at_low
            side = -1
    return (low + high) / 2
