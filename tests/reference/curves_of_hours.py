"""The duration curves in ``minecalc/reference`` from the hourly files that they are computed from.

Of each calendar month of the market's own time: its 24 cheapest hours, 48 bins of as many hours each in price order, by
their means, and its 24 dearest hours, so that the mean of the month is exact. Run as a script with the folder of the
hourly files to write the curves anew; ``tests/test_real_hours.py`` computes them again.
"""

from __future__ import annotations

import csv
import hashlib
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from minecalc.arrays import FloatArray

REFERENCE = Path(__file__).parents[2] / "minecalc" / "reference"
SINGLE, BINS = 24, 48


class Source(NamedTuple):
    """A year of hourly prices: its record, its file and the clock of its market."""

    id: str
    file: str
    zone: str


SOURCES = (
    Source("ercot-hub-average-2021", "ercot_hubavg_dam_2021.csv", "America/Chicago"),
    Source("ercot-hub-average-2023", "ercot_hubavg_dam_2023.csv", "America/Chicago"),
    Source("ercot-hub-average-2024", "ercot_hubavg_dam_2024.csv", "America/Chicago"),
    Source("caiso-np15-2024", "caiso_np15_dam_2024.csv", "America/Los_Angeles"),
    Source("nyiso-capital-2024", "nyiso_capitl_dam_2024.csv", "America/New_York"),
    Source("ieso-ontario-2024", "ieso_hoep_2024.csv", "Etc/GMT+5"),
)


class Year(NamedTuple):
    """The sorted prices of each month, and the checksum of the file."""

    months: Sequence[FloatArray]
    sha256: str


def read(folder: Path, source: Source) -> Year:
    """The hours of a file by month of the market's clock."""
    data = (folder / source.file).read_bytes()
    months: list[list[float]] = [[] for _ in range(12)]
    for at, price in list(csv.reader(data.decode().splitlines()))[1:]:
        months[datetime.fromisoformat(at).astimezone(ZoneInfo(source.zone)).month - 1].append(float(price))
    return Year([np.sort(month) for month in months], hashlib.sha256(data).hexdigest())


def pieces(prices: FloatArray) -> list[float]:
    """The prices of a curve: cheapest hours, means of bins, dearest hours."""
    middle = prices[SINGLE:-SINGLE]
    edges = np.linspace(0.0, len(middle), BINS + 1)
    until = np.interp(edges, np.arange(len(middle) + 1), np.concatenate([[0.0], np.cumsum(middle)]))
    bins = np.diff(until) * BINS / len(middle)
    return [*prices[:SINGLE].tolist(), *bins.tolist(), *prices[-SINGLE:].tolist()]


def rows(folder: Path) -> list[list[str]]:
    """The rows of ``duration_curves.csv``."""
    found = []
    for source in SOURCES:
        for number, prices in enumerate(read(folder, source).months, 1):
            found.append([source.id, str(number), str(len(prices)), ";".join(f"{x:.12g}" for x in pieces(prices))])
    return found


def figures(folder: Path, source: Source) -> dict[str, str]:
    """What a record of ``power_years.csv`` says of all hours of a file."""
    year = read(folder, source)
    every = np.sort(np.concatenate(list(year.months)))
    dearest = every[-round(len(every) / 100) :]
    return {
        "hours": str(len(every)),
        "mean_price": f"{every.mean():.6g}",
        "p5_price": f"{np.percentile(every, 5):.6g}",
        "p95_price": f"{np.percentile(every, 95):.6g}",
        "highest_price": f"{every[-1]:.6g}",
        "negative_hours": str(int((every < 0.0).sum())),
        "dearest_hundredth_fraction": f"{dearest.sum() / every.sum():.4g}",
        "sha256": year.sha256,
    }


def main() -> None:
    """Write the curves, and print the figures of the records."""
    folder = Path(sys.argv[1])
    with (REFERENCE / "duration_curves.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "month", "hours", "prices"])
        writer.writerows(rows(folder))
    for source in SOURCES:
        print(source.id, figures(folder, source))


if __name__ == "__main__":
    main()
