"""How seconds and memory grow with the size of the work: each command in a process of its own, beside ``import numpy``.

Run as a script; ``python -m tests.bench.bench_size uses plans`` measures only these.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
MEGABYTES_MOST, SECONDS_MOST = 500.0, 10.0

#: What every scenario here begins with; the baseline is mining.
HEAD = """\
name: {name}
start: 2027-01
months: {months}
baseline: mine
site: {{gross_mw: {mw}, electricity_price_usd_per_kwh: 0.045}}
market:
  btc_price_usd: {{start: 63001, growth_fraction_per_year: 0.05}}
  network_hash_rate_eh_per_s: {{start: 969, growth_fraction_per_year: 0.10}}
plans:
  mine: {{kind: bitcoin_mining, hash_rate_eh_per_s: 2.6, efficiency_j_per_th: 18{more}}}
"""

#: Prints the peak memory of a run of the command line in MB on the last line of its errors.
MEASURED = """\
import resource, sys
from minecalc.cli import main
try:
    main()
finally:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\\n{peak}", file=sys.stderr)
"""


class Run(NamedTuple):
    """What one run of a command took."""

    seconds: float
    megabytes: float


class Work(NamedTuple):
    """A command on a scenario of some size, and whether it has to meet the bounds."""

    group: str
    what: str
    arguments: Sequence[str]
    text: str
    bounded: bool = False


def measured(*arguments: str, folder: Path) -> Run:
    """A run of the command line in a process of its own; CalledProcessError if it fails."""
    begun = perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = perf_counter() - begun
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, arguments, done.stdout, done.stderr)
    return Run(seconds, float(done.stderr.rstrip().rpartition("\n")[2]))


def numpy_seconds(repeats: int = 5) -> float:
    """The least time in which numpy is imported."""

    def once() -> float:
        begun = perf_counter()
        subprocess.run([sys.executable, "-c", "import numpy"], check=True)
        return perf_counter() - begun

    return min(once() for _ in range(repeats))


def of_uses(count: int) -> str:
    """Mining against one plan of so many halls: by turns leased out, and rented out by the GPU."""
    text = HEAD.format(name=f"{count} uses", months=120, mw=max(4 * count, 50), more="") + "  halls:\n    uses:\n"
    for number in range(count):
        text += f"      hall {number}: {{gross_mw: 4, {_building(number)}}}\n"
    return text


def of_plans(count: int) -> str:
    """Mining against so many plans, by turns to lease out and to rent out by the GPU."""
    text = HEAD.format(name=f"{count} plans", months=120, mw=50, more="")
    for number in range(count):
        text += f"  plan {number}: {{{_building(number)}}}\n"
    return text


def _building(number: int) -> str:
    conversion = "conversion: {starts: 2027-06, ready: 2028-06, capex_usd_per_critical_mw: 10000000, meanwhile: mine}"
    if number % 2:
        return (
            f"kind: gpu_cloud, gpu_count: {1000 + number}, lease_usd_per_gpu_hour: 2.6, "
            f"capex_usd_per_gpu: {30000 + 10 * number}, {conversion}"
        )
    return f"kind: colocation, rent_usd_per_kw_per_month: {120 + number / 10}, {conversion}"


def of_refreshes(months: int) -> str:
    """Mining for so many months with new machines every month, against a lease."""
    more = ", refresh: {every_months: 1, price_usd_per_th: 15, efficiency_j_per_th: 12}"
    return HEAD.format(name=f"{months} months", months=months, mw=50, more=more) + f"  lease: {{{_building(0)}}}\n"


def of_rows() -> str:
    """A price of power from a CSV file."""
    text = HEAD.format(name="rows", months=120, mw=50, more="")
    return text.replace("kwh: 0.045", "kwh: {csv: prices.csv, column: price}") + f"  lease: {{{_building(0)}}}\n"


def write_rows(folder: Path, rows: int) -> None:
    """A CSV file of a price for each of so many months."""
    lines = (f"{2027 + month // 12}-{month % 12 + 1:02},0.045\n" for month in range(rows))
    (folder / "prices.csv").write_text("month,price\n" + "".join(lines), encoding="utf-8")


def works() -> Iterator[Work]:
    """Every work, smallest first in each group."""
    commands: dict[str, Sequence[str]] = {
        "compare": ("compare",),
        "breakeven": ("breakeven",),
        "timing": ("timing", "--paths", "256"),
    }
    sizes: dict[str, tuple[Callable[[int], str], dict[str, Sequence[int]]]] = {
        "uses": (of_uses, {"compare": (25, 50, 100, 200), "breakeven": (20, 40, 80), "timing": (10, 20, 40)}),
        "plans": (of_plans, {"compare": (25, 50, 100), "breakeven": (25, 50, 100), "timing": (10, 20)}),
    }
    for group, (text, by_command) in sizes.items():
        for command, counts in by_command.items():
            for count in counts:
                bounded = command == "compare" and count == counts[-1]
                yield Work(group, f"{command}, {count} {group}", commands[command], text(count), bounded)
    for months in (150, 300, 600):
        arguments = ("simulate", "--paths", "64")
        yield Work("refreshes", f"simulate, {months} monthly refreshes", arguments, of_refreshes(months))
    for rows in (1_000, 12_000):  # more are refused
        yield Work("rows", f"compare, a CSV file of {rows} rows", ("compare",), of_rows())


def main() -> None:
    """Print each measurement, and beside the largest comparisons their bounds."""
    wanted = sys.argv[1:]
    numpy = numpy_seconds()
    print(f"import numpy takes {1000 * numpy:.0f} ms here")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for work in works():
            if wanted and work.group not in wanted:
                continue
            if work.group == "rows":
                write_rows(folder, int(work.what.split()[-2]))
            (folder / "sized.yaml").write_text(work.text, encoding="utf-8")
            command, *options = work.arguments
            run = measured(command, "sized.yaml", *options, folder=folder)
            told = f"{work.what:44} {run.seconds:6.2f} s {run.seconds / numpy:6.0f} x {run.megabytes:6.0f} MB"
            if work.bounded:
                met = run.seconds <= SECONDS_MOST and run.megabytes <= MEGABYTES_MOST
                told += f"  at most {SECONDS_MOST:g} s and {MEGABYTES_MOST:g} MB  {'met' if met else 'NOT MET'}"
            print(told, flush=True)


if __name__ == "__main__":
    main()
