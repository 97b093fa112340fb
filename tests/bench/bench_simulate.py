"""The simulation against drawing its random numbers alone, and against other tools. Run as a script.

The bound is the time that numpy's default Generator takes, on one thread, for as many standard normals as the paths
hold. ``python -m tests.bench.bench_simulate PYTHON`` also measures OpenPyTEA and NREL-PySAM, where PYTHON is an
interpreter that has them; their samples are drawn once and annual, and so is the one of ours they are compared with.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

from minecalc.analysis.simulate.run import Run
from minecalc.loading import load
from minecalc.randomness.streams import BLOCK_PATHS, Sampler
from minecalc.simulation.world import World
from minecalc.work.processes import Processes
from tests.bench.bench_engine import verdict
from tests.bench.timing import in_turn

HERE = Path(__file__).parent
FOUR = HERE / "four_factors.yaml"
PATHS, MANY, FACTORS, MONTHS = 16 * BLOCK_PATHS, 1_000_000, 4, 120
ONE_LEAST, TWO_LEAST, MEGABYTES_MOST, TEA_LEAST, SAM_LEAST = 0.40, 0.75, 300.0, 10.0, 1000.0

#: The uncertainty of other tools: a few numbers drawn once a path.
ONCE = (
    "uncertainty={others: fixed, inputs: {"
    "market.btc_price_usd: {distribution: normal, mean: 63000, sd: 9000}, "
    "site.electricity_price_usd_per_kwh: {distribution: normal, mean: 0.045, sd: 0.005}, "
    "plans.lease.rent_usd_per_kw_per_month: {distribution: normal, mean: 130, sd: 10}, "
    "plans.lease.opex_fraction_of_rent: {distribution: triangular, low: 0.1, mode: 0.15, high: 0.2}}}"
)

MEASURE = """
import resource, subprocess, sys
subprocess.run([sys.executable, "-m", "minecalc", "simulate", *sys.argv[1:]], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
"""

TEA = """
import contextlib, io, time, warnings
warnings.simplefilter("ignore")
from openpytea import Equipment, Plant, monte_carlo
hall = Equipment(name="halls", param=1.0, process_type="Fluids", category="Halls", type="x", purchased_cost=2e7)
plant = Plant(dict(
    plant_name="p", process_type="Fluids", country="United States", region="Gulf Coast", equipment=[hall],
    interest_rate=0.12, project_lifetime=10, operators_hired=2,
    operator_hourly_rate={"rate": 38.0, "std": 2, "min": 30, "max": 46},
    variable_opex_inputs={
        "power": {"consumption": 24000, "price": 0.045, "price_std": 0.005, "price_min": 0.02, "price_max": 0.1}},
    plant_products={
        "btc": {"production": 1.2, "price": 63000.0, "price_std": 9000, "price_min": 20000, "price_max": 120000}}))
with contextlib.redirect_stderr(io.StringIO()):
    monte_carlo(plant, num_samples=1000, random_seed=1)
    begun = time.perf_counter()
    monte_carlo(plant, num_samples=10_000, random_seed=1)
print((time.perf_counter() - begun) / 10_000)
"""

SAM = """
import time
import PySAM.CustomGeneration as generation, PySAM.Grid as grid, PySAM.Singleowner as finance
name = "CustomGenerationProfileSingleOwner"
plant = generation.default(name)
line, owner = grid.from_existing(plant, name), finance.from_existing(plant, name)
for part in (plant, line, owner):
    part.execute()
begun = time.perf_counter()
for number in range(100):
    owner.value("ppa_price_input", [0.05 + number * 1e-4])
    owner.execute(0)
    owner.Outputs.project_return_aftertax_npv
print((time.perf_counter() - begun) / 100)
"""


def run_of(paths: int, *assignments: str) -> Run:
    """The simulation of ``four_factors.yaml``."""
    scenario = load(FOUR, assignments)
    return Run(World(scenario, Sampler(1)), tuple(scenario.plans), paths)


def computed(run: Run, workers: int = 1) -> None:
    """Every chunk."""
    for _ in Processes(workers).share_out(run.chunk, range(run.chunks)):
        pass


def normals(paths: int) -> None:
    """As many normals as the paths hold, a block of paths at a time."""
    generator, block = np.random.default_rng(1), np.empty((FACTORS * MONTHS, BLOCK_PATHS))
    for _ in range(paths // BLOCK_PATHS):
        generator.standard_normal(out=block)


def others(python: str, ours: float) -> None:
    """Lines about other tools, from an interpreter that has them; ``ours`` is our seconds a sample."""
    for name, code, least in (("OpenPyTEA", TEA, TEA_LEAST), ("NREL-PySAM", SAM, SAM_LEAST)):
        done = subprocess.run([python, "-c", code], capture_output=True, check=False, text=True)
        if done.returncode:
            print(f"{name} cannot be measured with {python}: {done.stderr.strip().splitlines()[-1]}")
            continue
        ratio = float(done.stdout.split()[-1]) / ours
        verdict(
            f"a sample of numbers drawn once, against {name}", ratio, "x", f"at least {least:g}", met=ratio >= least
        )


def main() -> None:
    """Print each measurement beside its bound."""
    run = run_of(PATHS)
    bound, one = in_turn(lambda: normals(PATHS), lambda: computed(run), repeats=9)
    print(f"{1e6 * bound / PATHS:.2f} us of normals a path, {1e6 * one / PATHS:.2f} us in all")
    share, least = bound / one, f"at least {ONE_LEAST}"
    verdict("one process, of the bound", share, "", least, met=share >= ONE_LEAST)
    larger = run_of(32 * PATHS)
    bound, two = in_turn(lambda: normals(32 * PATHS), lambda: computed(larger, 2), repeats=2)
    share, least = bound / two, f"at least {TWO_LEAST}"
    verdict("two processes, of the bound", share, "", least, met=share >= TWO_LEAST)
    command = [sys.executable, "-c", MEASURE, str(FOUR), "--paths", str(MANY), "--workers", "2"]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    megabytes, most = float(done.stdout), f"at most {MEGABYTES_MOST:g}"
    verdict("1,000,000 paths, the largest process", megabytes, " MB", most, met=megabytes <= MEGABYTES_MOST)
    once = run_of(PATHS, ONCE)
    ours = in_turn(lambda: computed(once), repeats=9)[0] / PATHS
    print(f"{1e6 * ours:.2f} us a sample of four numbers drawn once, two plans")
    if len(sys.argv) > 1:
        others(sys.argv[1], ours)


if __name__ == "__main__":
    main()
