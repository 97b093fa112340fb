"""A site whose megawatts are not given has those of the plan that draws most."""

from __future__ import annotations

import pytest

from minecalc.engine import evaluate
from minecalc.loading import ScenarioError, loads
from minecalc.loading.origins import defaulted
from minecalc.loading.site_draw import with_site_draw

TEXT = """
name: counted
months: 24
site: {electricity_price_usd_per_kwh: 0.05}
plans:
  mine: {kind: bitcoin_mining, machine: s21, machine_count: 4800}
  both:
    uses:
      mine: {kind: bitcoin_mining, gross_mw: 9, machine: s21, machine_count: 2400}
      hall: {kind: colocation, gross_mw: 3, rent_usd_per_kw_per_month: 130}
"""
#: 4,800 machines of 200 TH/s at 17.5 J/TH and PUE 1.05.
DRAW_MW = 4800 * 200e-6 * 17.5 * 1.05


def test_the_largest_draw_stands_and_says_whose_it_is() -> None:
    scenario = loads(TEXT)
    assert scenario.site.gross_mw == pytest.approx(DRAW_MW)
    (told,) = (one for one in defaulted(scenario) if one.path == "site.gross_mw")
    assert (told.value, told.origin.source) == (scenario.site.gross_mw, "the largest draw of a plan, that of mine")
    typed = loads(TEXT, [f"site.gross_mw={scenario.site.gross_mw!r}"])
    for name, plan in evaluate(scenario).plans.items():
        assert plan.npv_usd[0] == evaluate(typed).plans[name].npv_usd[0]
    assert "site.gross_mw" not in {one.path for one in defaulted(typed)}


def test_it_follows_what_is_set_and_leaves_what_is_given() -> None:
    more = loads(TEXT, ["plans.mine.machine_count=9600"])
    assert more.site.gross_mw == pytest.approx(2 * DRAW_MW)
    given = loads(TEXT, ["site.gross_mw=40"])
    assert with_site_draw(given) == (given, [])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("null: the hall has no gross_mw", "site.gross_mw is missing, and hall of the plan both draws as much as"),
        (
            "plans={a: {kind: colocation, rent_usd_per_kw_per_month: 9}}",
            "missing, and the plan a draws as much as it is given",
        ),
        ("plans={a: {kind: bitcoin_mining, hash_rate_eh_per_s: 0}}", "site.gross_mw is missing, and no plan draws any"),
    ],
)
def test_where_it_does_not_follow_it_is_missing(change: str, said: str) -> None:
    text = TEXT.replace("gross_mw: 3, ", "") if "null" in change else TEXT
    with pytest.raises(ScenarioError, match=said):
        loads(text, [] if "null" in change else [change])
