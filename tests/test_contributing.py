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
