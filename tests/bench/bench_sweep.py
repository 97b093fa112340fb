"""Sweeps against one evaluation at a time, who does the work, and the memory of a million cases. Run as a script.

Two kinds of grid: one whose inputs touch one plan each, which is computed as two short lists, and one of inputs that
touch every plan, where each case is a case. A sweep of 200,000 cases is done by this process, by two, and by a Dask
cluster of two workers on this machine, which is there already; connecting counts, writing a file does not.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from minecalc.analysis.sweep.axes import checked, from_options
from minecalc.analysis.sweep.cases import Sweep
from minecalc.engine import evaluate
from minecalc.loading import read_again
from minecalc.scenario import ScenarioText
from minecalc.work.cluster import connected
from minecalc.work.processes import Processes
from minecalc.work.workers import Workers
from tests.bench.bench_engine import CLOUD, FILE, LEASE, npv_usd, verdict
from tests.bench.timing import in_turn
from tests.clusters import local_cluster

APART = (
    f'plans."{LEASE}".rent_usd_per_kw_per_month=90:180:100',
    f'plans."{CLOUD}".lease_usd_per_gpu_hour.start=1.5:4:100',
)
TOGETHER = ("site.electricity_price_usd_per_kwh=0.02:0.08:100", "site.gross_mw=60:90:100")
SHARED = ("site.electricity_price_usd_per_kwh=0.02:0.08:500", "site.gross_mw=60:90:400")
#: A million cases, none of which any two plans can share.
MILLION = ("site.electricity_price_usd_per_kwh=0.02:0.08:1000", "site.gross_mw=60:90:1000")
SPEED_UP_LEAST, MEGABYTES_MOST = 60.0, 500.0
#: Of two workers over one, and of the time of two processes that a cluster of two workers may take.
SHARED_LEAST, CLUSTER_MOST = 1.5, 1.5

MEASURE = """
import resource, subprocess, sys
subprocess.run([sys.executable, "-m", "minecalc", "sweep", *sys.argv[1:]], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
"""


def swept(texts: tuple[str, ...]) -> Sweep:
    """The sweep of some ``--vary`` texts, by default figures."""
    source = ScenarioText(str(FILE), str(FILE.parent), FILE.read_bytes())
    scenario = read_again(source).scenario
    assert scenario is not None
    axes = checked(source, from_options(texts), zipped=False)
    return Sweep(source, axes, False, tuple(scenario.plans), ("npv_usd", "npv_difference_usd"))


def computed(sweep: Sweep) -> None:
    """Every chunk, one after the other."""
    for number in range(sweep.chunks):
        sweep.chunk(number)


def shared_out(sweep: Sweep, workers: Workers) -> None:
    """Every chunk, by these workers."""
    for _ in workers.share_out(sweep.chunk, range(sweep.chunks)):
        pass


def by_cluster(sweep: Sweep, address: str) -> None:
    """Every chunk, by a Dask cluster."""
    with connected(address) as cluster:
        shared_out(sweep, cluster)


def million(name: str, folder: str) -> float:
    """Peak memory, in MB, of the largest process of a million cases that go to a file."""
    vary = [word for text in MILLION for word in ("--vary", text)]
    command = [sys.executable, "-c", MEASURE, str(FILE), *vary, "--output", str(Path(folder) / name)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    return float(done.stdout)


def main() -> None:
    """Print each measurement beside its bound."""
    apart, together = swept(APART), swept(TOGETHER)
    scenario = apart.scenario(0)
    one, two, single = in_turn(
        lambda: computed(apart), lambda: computed(together), lambda: npv_usd(evaluate(scenario)), repeats=5
    )
    for what, seconds in (("inputs of one plan each", one), ("inputs of every plan", two)):
        faster = single * apart.cases / seconds
        what = f"10,000 cases of {what}, faster than one at a time"
        verdict(what, faster, "x", f"at least {SPEED_UP_LEAST:.0f}", met=faster >= SPEED_UP_LEAST)
    with tempfile.TemporaryDirectory() as folder:
        large = swept(SHARED)
        with local_cluster(2, Path(folder)) as running:
            here, processes, there = in_turn(
                lambda: shared_out(large, Processes(1)),
                lambda: shared_out(large, Processes(2)),
                lambda: by_cluster(large, running.address),
                repeats=5,
            )
        what = f"{large.cases:,} cases by two processes, faster than by one"
        verdict(what, here / processes, "x", f"at least {SHARED_LEAST}", met=here / processes >= SHARED_LEAST)
        what = f"{large.cases:,} cases by a Dask cluster of two workers, against two processes"
        verdict(what, there / processes, "x", f"at most {CLUSTER_MOST}", met=there / processes <= CLUSTER_MOST)
        for name in ("x.csv", "x.parquet"):
            peak = million(name, folder)
            what = f"1,000,000 cases to {name}, largest process"
            verdict(what, peak, " MB", f"at most {MEGABYTES_MOST:.0f}", met=peak <= MEGABYTES_MOST)


if __name__ == "__main__":
    main()
