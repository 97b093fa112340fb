"""The option of all commands that print an answer: which of its charts a picture shows."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Annotated, Any

from minecalc.cli._options import option, with_parameters

Chart = Annotated[
    str, option("--chart", "N|TITLE", "Of svg and png: which chart, by its number or a part of its title.")
]

_chart: ContextVar[str] = ContextVar("chart", default="")


def with_chart(command: Callable[..., None]) -> Callable[..., None]:
    """``command`` with the option ``--chart``, if it has formats to choose from."""
    own = inspect.signature(command, eval_str=True)
    if "format_" not in own.parameters:
        return command

    @wraps(command)
    def run(*, chart: str, **options: Any) -> None:
        token = _chart.set(chart)
        try:
            command(**options)
        finally:
            _chart.reset(token)

    last = inspect.Parameter("chart", inspect.Parameter.KEYWORD_ONLY, annotation=Chart, default="")
    return with_parameters(run, [*own.parameters.values(), last])


def wanted_chart() -> str:
    """What ``--chart`` says; "" if it was not given."""
    return _chart.get()
