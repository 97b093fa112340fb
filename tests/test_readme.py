"""Every block of README.md does what it says.

``MINECALC_UPDATE_README=1 pytest tests/test_readme.py`` writes the outputs of its ``<!-- run -->`` blocks anew.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from minecalc import compare, loads
from minecalc.engine import evaluate
from minecalc.randomness.streams import Sampler
from minecalc.simulation.world import World

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
BLOCK = re.compile(r"<!-- (\w+) -->\n```\w+\n(.*?)```\n", re.DOTALL)

BLOCKS = [(m[1], m[2]) for m in BLOCK.finditer(README.read_text(encoding="utf-8"))]


def of_kind(kind: str) -> list[str]:
    return [text for found, text in BLOCKS if found == kind]


def run(command: str) -> str:
    """What a shell prints for ``command`` in the root of the repository, both streams, 100 columns wide."""
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "PYTHONUTF8": "1",
    }
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return done.stdout


def commands(block: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with the output shown below it."""
    parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def test_examples_print_what_the_readme_shows() -> None:
    shown = [(command, output) for block in of_kind("run") for command, output in commands(block)]
    assert len(shown) >= 4
    text = README.read_text(encoding="utf-8")
    for command, output in shown:
        printed = "".join(line.rstrip() + "\n" for line in run(command).splitlines())
        if os.environ.get("MINECALC_UPDATE_README"):
            text = text.replace(f"$ {command}\n{output}", f"$ {command}\n{printed}")
        else:
            assert printed == output, command
    if os.environ.get("MINECALC_UPDATE_README"):
        README.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("text", of_kind("scenario"))
def test_scenarios_of_the_readme_can_be_compared(text: str) -> None:
    plans = compare(loads(text))["plans"]
    assert all(plan["metrics"]["npv_usd"] is not None for plan in plans)
    assert len(plans) == 2


SITE = """
name: block of the README
site: {gross_mw: 40, electricity_price_usd_per_kwh: 0.05}
plans:
  mine: {kind: bitcoin_mining, hash_rate_eh_per_s: 1.9}
  lease:
    {kind: colocation, rent_usd_per_kw_per_month: 130, opex_fraction_of_rent: 0.15, term_months: 60,
     renewal: {rent_usd_per_kw_per_month: 130}, conversion: {starts: 2027-03, ready: 2028-03}}
"""


@pytest.mark.parametrize("text", of_kind("uncertainty"))
def test_uncertainty_of_the_readme_says_what_is_uncertain(text: str) -> None:
    scenario = loads(SITE + text)
    world = World(scenario, Sampler(1))
    assert world.uncertain.given == {*scenario.uncertainty.factors} if scenario.uncertainty else False
    assert "electricity_price_usd_per_kwh" not in world.uncertain.factors
    worth = evaluate(world.paths(0).scenario).plans["lease"].npv_usd
    assert len(set(worth.tolist())) > 1000


@pytest.mark.parametrize("text", of_kind("python"))
def test_python_of_the_readme_prints_a_table(text: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", text], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.split()[0] == "40,000"
    assert len(done.stdout.splitlines()) == 9


@pytest.mark.parametrize("kind", ["setup", "tests"])
def test_commands_that_set_up_are_single_lines(kind: str) -> None:
    """The gate runs them in an empty clone; here: there is one of each, and what it names exists."""
    (text,) = of_kind(kind)
    assert len(text.splitlines()) == 1
    for name in re.findall(r"scenarios/[\w/.-]+", text):
        assert (ROOT / name).is_file()
