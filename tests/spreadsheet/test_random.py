"""Workbooks of random scenarios, with every key of the format in some of them: each cell as another engine has it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given

from minecalc import loads, workbook
from tests.randomly import randomly
from tests.second_engine.random_financing import random_scenario
from tests.spreadsheet.comparing import differences
from tests.spreadsheet.recalculated import IronCalc, cells
from tests.strategies import Data, scenarios


def found_wrong(scenario: Data) -> list[str]:
    """What another engine computes otherwise than it was written."""
    (data,) = workbook(loads(yaml.safe_dump(scenario, sort_keys=False))).files.values()
    book = IronCalc(data)
    book.compute()
    return list(differences(cells(data), book.value))


@randomly(4)
@given(scenarios(24))
def test_random_scenarios_have_workbooks(scenario: Data) -> None:
    assert found_wrong(scenario) == []


#: A loan of a single instalment, a tranche called like a row of a lease, a plan that owns nothing, and a sculpted loan
#: whose share of cash takes five steps.
@pytest.mark.parametrize(("seed", "months"), [(2, 60), (22, 60), (40, 60), (510, 100)])
def test_random_deals_have_workbooks(seed: int, months: int) -> None:
    scenario: dict[str, Any] = random_scenario(seed)
    assert found_wrong(scenario | {"months": min(scenario["months"], months)}) == []
