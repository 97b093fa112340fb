"""A workbook of fifty plans over 240 months: how long it takes beside ``compare``, how large it is, and LibreOffice.

Each command runs in a process of its own. LibreOffice, where it is installed, opens the file, computes every cell anew
and writes it again; its seconds are wall time, and so are slow on a busy machine. Run as a script.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path
from time import perf_counter

from tests.bench.bench_size import measured, of_plans
from tests.spreadsheet.recalculated import computed_anew

#: Beside the plan that mines there are so many others.
OTHERS, MONTHS, REPEATS = 49, 240, 2
SLOWDOWN_MOST, MEGABYTES_MOST, SECONDS_MOST = 12.0, 10.0, 60.0


def of_size() -> str:
    """The scenario."""
    return of_plans(OTHERS).replace("months: 120", f"months: {MONTHS}")


def formulas_count(file: Path) -> int:
    """How many cells of a workbook have a formula."""
    with zipfile.ZipFile(file) as book:
        return sum(book.read(name).count(b"<f>") for name in book.namelist() if name.startswith("xl/worksheets/sheet"))


def verdict(what: str, number: float, most: float, unit: str) -> str:
    """A measurement beside its bound."""
    return f"{what:44} {number:6.1f} {unit:8} at most {most:g}  {'met' if number <= most else 'NOT MET'}"


def main() -> None:
    """Print each measurement beside its bound."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sized.yaml").write_text(of_size(), encoding="utf-8")
        rounds = [
            (
                measured("compare", "sized.yaml", folder=folder),
                measured("workbook", "sized.yaml", "-o", "sized.xlsx", folder=folder),
            )
            for _ in range(REPEATS)
        ]
        compare, workbook = (min(runs) for runs in zip(*rounds, strict=True))
        file = folder / "sized.xlsx"
        print(f"{OTHERS + 1} plans over {MONTHS} months are {formulas_count(file):,} formulas")
        print(f"compare takes {compare.seconds:.2f} s, the workbook {workbook.seconds:.1f} s")
        print(f"the workbook takes {workbook.megabytes:.0f} MB of memory")
        print(verdict("workbook against compare", workbook.seconds / compare.seconds, SLOWDOWN_MOST, "x"))
        print(verdict("its size", file.stat().st_size / 1e6, MEGABYTES_MOST, "MB"))
        if shutil.which("soffice") is None:
            print("LibreOffice is not installed here, so that nothing computes it anew")
            return
        begun = perf_counter()
        computed_anew([file], folder)
        print(verdict("computed anew by LibreOffice", perf_counter() - begun, SECONDS_MOST, "s"))


if __name__ == "__main__":
    main()
