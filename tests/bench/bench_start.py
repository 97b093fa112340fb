"""How long a command takes beside ``import numpy``, in turn in one run; and a folder of a thousand scenarios.

Run as a script.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from tests.bench.bench_hours import HOURLY, MONTHLY
from tests.bench.timing import in_turn
from tests.made_up_hours import hours_of, written

ROOT = Path(__file__).parents[2]
SCENARIO = Path(__file__).with_name("three_plans.yaml")
WITH_DEBT = Path(__file__).with_name("two_tranches.yaml")
FILES = 1000
HELP_MOST, COMPARE_MOST, FOLDER_SECONDS_MOST, FOLDER_JSON_SECONDS_MOST = 2.0, 4.0, 8.0, 6.0


def python(*arguments: str, bytecode: str, cache: str) -> None:
    """A run of this Python, which keeps bytecode as an installation does; CalledProcessError if it fails.

    What is kept of hourly files is kept in ``cache``.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=kept | {"PYTHONPYCACHEPREFIX": bytecode, "MINECALC_CACHE": cache},
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def write_variants(folder: Path) -> None:
    """A thousand scenarios that differ in their site, price of power, rent and rate."""
    text = SCENARIO.read_text(encoding="utf-8")
    for number in range(FILES):
        share = number / FILES
        changed = text.replace("Three plans", f"Variant {number}")
        changed = re.sub(
            "electricity_price_usd_per_kwh: [0-9.]+",
            f"electricity_price_usd_per_kwh: {0.02 + 0.06 * share:.4f}",
            changed,
        )
        changed = changed.replace("rent_usd_per_kw_per_month: 130", f"rent_usd_per_kw_per_month: {90 + 90 * share:.1f}")
        changed = changed.replace("start: 2.6,", f"start: {1.5 + 2.5 * share:.3f},")
        (folder / f"{number:04}.yaml").write_text(changed, encoding="utf-8")


def write_hourly(folder: Path) -> Path:
    """The three plans with a price of power by the hour, of a file of 8,760 hours beside them."""
    written(hours_of([2023], "UTC", 1), folder / "year.csv")
    file = folder / "three_plans_by_the_hour.yaml"
    file.write_text(SCENARIO.read_text(encoding="utf-8").replace(MONTHLY, HOURLY), encoding="utf-8")
    return file


def verdict(name: str, value: float, unit: str, bound: float) -> None:
    """One line: what was measured, the bound, and whether it is met."""
    print(f"{name:44} {value:6.2f} {unit:2} at most {bound:g}  {'met' if value <= bound else 'NOT MET'}")


def main() -> None:
    """Print each measurement beside its bound."""
    with (
        tempfile.TemporaryDirectory() as bytecode,
        tempfile.TemporaryDirectory() as cache,
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryDirectory() as hours,
    ):
        run = partial(python, bytecode=bytecode, cache=cache)
        by_hour = write_hourly(Path(hours))
        numpy, help_, check, compare, debt, hourly, first = in_turn(
            lambda: run("-c", "import numpy"),
            lambda: run("-m", "minecalc", "--help"),
            lambda: run("-m", "minecalc", "check", str(SCENARIO)),
            lambda: run("-m", "minecalc", "compare", str(SCENARIO)),
            lambda: run("-m", "minecalc", "compare", str(WITH_DEBT)),
            lambda: run("-m", "minecalc", "compare", str(by_hour)),
            lambda: run("-m", "minecalc", "compare", str(by_hour), cache="off"),
            repeats=9,
        )
        write_variants(Path(folder))
        league, full = in_turn(
            lambda: run("-m", "minecalc", "compare", folder),
            lambda: run("-m", "minecalc", "compare", folder, "--format", "json"),
            repeats=2,
        )
    print(f"import numpy takes {1000 * numpy:.0f} ms here")
    verdict("minecalc --help over import numpy", help_ / numpy, "x", HELP_MOST)
    verdict("minecalc compare FILE over import numpy", compare / numpy, "x", COMPARE_MOST)
    verdict("minecalc compare FILE with debt over it", debt / numpy, "x", COMPARE_MOST)
    verdict("minecalc compare FILE by the hour over it", hourly / numpy, "x", COMPARE_MOST)
    print(f"minecalc compare FILE by the hour, of a file that is new: {first / numpy:.2f} x")
    print(f"minecalc check FILE over import numpy {check / numpy:.2f} x")
    verdict(f"{FILES:,} scenarios as a league table", league, "s", FOLDER_SECONDS_MOST)
    verdict(f"{FILES:,} scenarios as JSON, with break-evens", full, "s", FOLDER_JSON_SECONDS_MOST)
    print(f"that is {league / numpy:.0f} x and {full / numpy:.0f} x import numpy")


if __name__ == "__main__":
    main()
