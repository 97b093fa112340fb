"""The worked examples of CONTRIBUTING.md do what it says: a new file in a folder is all that it takes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
EXAMPLE = re.compile(r"<!-- (business|figure|format) (\w+) -->\n```python\n(.*?)```\n", re.DOTALL)
EXAMPLES = {
    kind: (name, code) for kind, name, code in EXAMPLE.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
}


def printed(code: str) -> str:
    """What Python prints in a process of its own, in which an example may change the package."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def adding(folder: Path, package: str, kind: str) -> str:
    """Code that adds the example of a kind to a folder of the package; it is written into ``folder``."""
    name, code = EXAMPLES[kind]
    (folder / f"{name}.py").write_text(code, encoding="utf-8")
    return f"import {package}\n{package}.__path__.append({str(folder)!r})\n"


def test_there_is_one_of_each() -> None:
    assert set(EXAMPLES) == {"business", "figure", "format"}


def test_a_new_format(tmp_path: Path) -> None:
    name, _ = EXAMPLES["format"]
    code = f"""{adding(tmp_path, "minecalc.reports", "format")}
import sys
sys.argv = ["minecalc", "compare", "tests/examples/texas.yaml", "--format", {name!r}]
from minecalc.cli import main
main()
"""
    first, second, *_ = printed(code).splitlines()
    assert first.startswith('{"file": "tests/examples/texas.yaml", ')
    assert '"npv_usd": ' in second


#: Of a month with 31 days: 10 MW x 0.5 x 744 h = 3,720 MWh, sold for 80 and bought for 50 USD.
SCENARIO = """
name: made up
start: 2027-01
months: 1
site: {gross_mw: 10, electricity_price_usd_per_kwh: 0.05}
plans:
  sell: {kind: power_sale, power_price_usd_per_mwh: 80, sold_fraction: 0.5}
  idle: {kind: power_sale, power_price_usd_per_mwh: 80, sold_fraction: 0}
"""


def test_a_new_business(tmp_path: Path) -> None:
    name, _ = EXAMPLES["business"]
    code = f"""{adding(tmp_path, "minecalc.businesses", "business")}
from minecalc import evaluate, loads
from minecalc.manual import page
plan = evaluate(loads({SCENARIO!r})).plans["sell"]
print([(line.name, round(float(line.usd[0, 0]))) for line in plan.flows.lines if line.usd.any()])
print(page({name!r}).splitlines()[0])
"""
    assert len(EXAMPLES["business"][1].split('"""')[1]) > 300  # as tests/businesses/test_contract.py wants of each
    assert printed(code).splitlines() == [
        "[('power_sale_usd', 297600), ('resold_power_usd', -186000)]",
        "# power_sale: the contracted megawatts sold on to others at a fixed price.",
    ]


def test_a_new_figure() -> None:
    name, code = EXAMPLES["figure"]
    running = f"""import minecalc.figures
exec({code!r}, vars(minecalc.figures))
from minecalc import evaluate, load
plan = evaluate(load("tests/examples/texas.yaml")).plans["lease to an AI tenant"]
print(minecalc.figures.plan_metrics(plan)[{name!r}].number() > 1)
"""
    assert printed(running) == "True\n"
