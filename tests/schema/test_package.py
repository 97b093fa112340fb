"""What importing the package costs."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["minecalc.schema", "minecalc.schema.diagnostics", "minecalc.schema.numbers"])
def test_light_modules_import_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print({{'pydantic', 'yaml', 'numpy', 'pandas'}} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"


def test_reading_yaml_does_not_import_pydantic() -> None:
    code = "import sys, minecalc.schema.overrides; print('pydantic' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
