"""Dated money of one part of a plan."""

from dataclasses import dataclass, field, replace

COLUMNS = ["revenue", "power", "opex", "capex", "sale", "residual", "prepayment", "coins"]


PREPAYMENT_OWED = "prepayment owed"
COINS_SOLD = "coins sold"


@dataclass(frozen=True)
class Entry:
    """Signed USD: `month` decides the year it is shown in, `point` when it is paid, `name` tells within a column.

    Coins sold that were kept have stood at `at_cost`. Of revenue `contracted` USD are what a contract fixes.
    """

    month: int
    point: int
    column: str
    usd: float
    name: str = ""
    at_cost: float = 0.0
    contracted: float = 0.0


@dataclass(frozen=True)
class Asset:
    """Something bought, or owned from the start: in service from month `service`, gone at the start of month `leaves`.

    What leaves after the horizon leaves at its end. A sunk fleet costs nothing and has its hash rate.
    """

    kind: str  # building, gpu or machine
    cost_usd: float
    service: int
    leaves: int
    life_months: int = 0
    sunk_eh_per_s: float = 0.0
    use: str = ""


@dataclass
class Ledger:
    """Entries within a horizon of `months`, and the physical quantities behind them."""

    months: int
    entries: list[Entry] = field(default_factory=list)
    assets: list[Asset] = field(default_factory=list)
    mines: bool = False
    btc_mined: float = 0.0
    btc_held: float = 0.0
    energy_mwh: float = 0.0
    gpu_hours_sold: float = 0.0
    critical_mw: float = 0.0

    def at_end_of(self, month: int, column: str, usd: float, name: str = "", contracted: float = 0.0) -> None:
        """Pay at the end of a month: operating money."""
        self.entries.append(Entry(month, month, column, usd, name, contracted=contracted))

    def sell_coins(self, month: int, column: str, usd: float, at_cost: float) -> None:
        """Sell coins at the end of a month that were worth so much when they were kept."""
        self.entries.append(Entry(month, month, column, usd, COINS_SOLD, at_cost))

    def at_start_of(self, month: int, column: str, usd: float) -> None:
        """Pay at the start of a month: spending. What falls after the horizon is not counted."""
        if month <= self.months:
            self.entries.append(Entry(month, month - 1, column, usd))

    def sell_at_start_of(self, month: int, usd: float) -> None:
        """Sell something from this month on unused; what lasts to the horizon is a residual at T."""
        if month > self.months:
            self.at_end_of(self.months, "residual", usd)
        else:
            self.at_start_of(month, "sale", usd)

    def take(self, other: "Ledger", share: float = 1.0) -> None:
        """Add a share of another ledger."""
        for entry in other.entries:
            parts = {name: share * getattr(entry, name) for name in ("usd", "at_cost", "contracted")}
            self.entries.append(replace(entry, **parts))
        for asset in other.assets:
            hashing = share * asset.sunk_eh_per_s
            self.assets.append(replace(asset, cost_usd=share * asset.cost_usd, sunk_eh_per_s=hashing))
        self.mines = self.mines or other.mines
        self.btc_mined += share * other.btc_mined
        self.btc_held += share * other.btc_held
        self.energy_mwh += share * other.energy_mwh
        self.gpu_hours_sold += share * other.gpu_hours_sold
        self.critical_mw += share * other.critical_mw

    def flows(self, columns: list[str] = COLUMNS) -> list[float]:
        """Return the net flow of the columns at points 0..T."""
        flows = [0.0] * (self.months + 1)
        for entry in self.entries:
            if entry.column in columns:
                flows[entry.point] += entry.usd
        return flows

    def of_use(self, name: str) -> "Ledger":
        """Tell every asset whose it is; return the ledger."""
        self.assets = [replace(asset, use=name) for asset in self.assets]
        return self

    def secured(self) -> list[float]:
        """Return what contracts fix of revenue, less all costs of operation and rent moved in time, at points 0..T."""
        flows = [0.0] * (self.months + 1)
        for entry in self.entries:
            if entry.column == "revenue":
                flows[entry.point] += entry.contracted
            elif entry.column in ("power", "opex", "prepayment"):
                flows[entry.point] += entry.usd
        return flows

    def total(self, columns: list[str], first: int, last: int) -> float:
        """Return the sum of the columns over the months first..last."""
        return sum(e.usd for e in self.entries if e.column in columns and first <= e.month <= last)
