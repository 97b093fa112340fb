"""Cash flows and answers as pandas tables, for work beyond minecalc."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from minecalc.arrays import FloatArray
from minecalc.document import Table
from minecalc.engine import PlanEvaluation

if TYPE_CHECKING:
    import pandas as pd


def frame(plan: PlanEvaluation, case: int = 0) -> pd.DataFrame:
    """One case of a plan by month: a row a month, a column for each line (USD) and quantity.

    Columns are named ``use.line``, those of the time before a conversion ``use.meanwhile.line``, where the uses of the
    plan that runs meanwhile are added; signs as in the flows.
    """
    import pandas as pd

    months = plan.engine.months
    timeline = plan.engine.scenario.timeline
    columns: dict[str, FloatArray] = {}
    for line in plan.flows.lines:
        name = ".".join(filter(None, (line.use, "meanwhile" if line.meanwhile else "", line.name)))
        usd = line.usd[:, case if line.usd.shape[1] > 1 else 0] * np.ones(months)
        columns[name] = columns[name] + usd if name in columns else usd
    for name, values in plan.flows.quantities.items():
        columns[name] = values[:, case if values.shape[1] > 1 else 0] * np.ones(months)
    index = pd.PeriodIndex([timeline.label(k) for k in range(1, months + 1)], freq="M", name="month")
    return pd.DataFrame(columns, index=index)


def records_frame(records: Table) -> pd.DataFrame:
    """The flat rows of an answer, as CSV has them: numbers are floats, NaN where there is none."""
    import pandas as pd

    columns = {key: [np.nan if cell is None else cell for cell in cells] for key, cells in records.plain_columns()}
    return pd.DataFrame(columns)
