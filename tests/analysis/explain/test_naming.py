"""No two quantities of a trace are called the same."""

from __future__ import annotations

from typing import Any

import numpy as np

from minecalc.analysis.explain.naming import names
from minecalc.trace import Traced, named


def leaf(path: str) -> Any:
    return Traced(np.array(2.0), "input", (), path)


def test_a_shared_name_has_its_use_or_plan_behind_it() -> None:
    first, second = leaf("plans.half.uses.hall.gross_mw"), leaf("plans.half.uses.shed.gross_mw")
    rival = leaf("plans.mine.gross_mw")
    alone = named("alone_usd", first + second + rival)
    called = names([alone], "half")
    assert (called[first], called[second], called[rival]) == (
        "gross_mw of hall",
        "gross_mw of shed",
        "gross_mw of mine",
    )
    assert called[alone] == "alone_usd"


def test_names_that_stay_the_same_are_numbered() -> None:
    own = leaf("plans.lease.gross_mw")
    one, other = named("power_mw", own * 2.0), named("power_mw", own * 3.0)
    found = names([named("sum_mw", one + other)], "lease")
    assert sorted(found.values()) == ["gross_mw", "power_mw of lease", "power_mw of lease (2)", "sum_mw"]


def test_what_is_asked_for_has_a_name_though_it_only_passes_on() -> None:
    price = leaf("market.btc_price_usd")
    monthly = Traced(price.value, "same", (price,), "btc_price_usd")
    assert names([monthly], "mine")[monthly]
