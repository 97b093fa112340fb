"""Dated money of one part of a plan."""

from dataclasses import dataclass, field

COLUMNS = ["revenue", "power", "opex", "capex", "sale", "residual", "prepayment"]


@dataclass(frozen=True)
class Entry:
    """Signed USD: `month` decides the year it is shown in, `point` when it is paid."""

    month: int
    point: int
    column: str
    usd: float


@dataclass
class Ledger:
    """Entries within a horizon of `months`, and the physical quantities behind them."""

    months: int
    entries: list[Entry] = field(default_factory=list)
    mines: bool = False
    btc_mined: float = 0.0
    energy_mwh: float = 0.0
    gpu_hours_sold: float = 0.0
    critical_mw: float = 0.0

    def at_end_of(self, month: int, column: str, usd: float) -> None:
        """Pay at the end of a month: operating money."""
        self.entries.append(Entry(month, month, column, usd))

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
            self.entries.append(Entry(entry.month, entry.point, entry.column, share * entry.usd))
        self.mines = self.mines or other.mines
        self.btc_mined += share * other.btc_mined
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

    def total(self, columns: list[str], first: int, last: int) -> float:
        """Return the sum of the columns over the months first..last."""
        return sum(e.usd for e in self.entries if e.column in columns and first <= e.month <= last)
