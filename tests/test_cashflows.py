"""Lines, their sums by month and by time point, and what scaling and labelling leave alone."""

from __future__ import annotations

import numpy as np

from minecalc.cashflows import CATEGORIES, Assets, CashFlows, Line, Lot, combined, monthly, net_flow

RENT = Line("rent_usd", "revenue", np.array([[3.0], [5.0]]))
CAPEX = Line("building_usd", "capex", np.array([[-10.0, -20.0], [0.0, -1.0]]), at_start=True)
COST = Line("cost_usd", "opex", np.array([[-1.0]]))
FLOWS = CashFlows((RENT, CAPEX, COST), {"energy_mwh": np.array([[2.0], [2.0]])}, {"lost_usd": np.array([[7.0]])})


def test_operating_money_falls_at_the_months_end_and_spending_at_its_start() -> None:
    assert net_flow(FLOWS.lines, 2).tolist() == [[-10, -20], [2, 1], [4, 4]]


def test_months_hold_both() -> None:
    assert monthly(FLOWS.lines, 2).tolist() == [[-8, -18], [4, 3]]
    assert monthly(FLOWS.lines, 2, ("revenue", "opex")).tolist() == [[2], [4]]
    assert monthly(FLOWS.lines, 2, ("sale",)).tolist() == [[0], [0]]


def test_every_line_counts_in_one_category() -> None:
    by_category = sum(monthly(FLOWS.lines, 2, (name,)) for name in CATEGORIES)
    assert np.array_equal(by_category, monthly(FLOWS.lines, 2))
    assert np.array_equal(net_flow(FLOWS.lines, 2).sum(axis=0), monthly(FLOWS.lines, 2).sum(axis=0))


def test_scaling_takes_lines_quantities_and_memo() -> None:
    half = FLOWS.scaled(0.5)
    assert np.array_equal(net_flow(half.lines, 2), 0.5 * net_flow(FLOWS.lines, 2))
    assert half.quantities["energy_mwh"].tolist() == [[1], [1]]
    assert half.memo["lost_usd"].tolist() == [[3.5]]
    assert net_flow(FLOWS.scaled(np.array([1.0, 2.0])).lines, 2).tolist() == [[-10, -40], [2, 2], [4, 8]]


def test_parts_keep_their_lines_and_add_their_quantities() -> None:
    other = CashFlows((RENT,), {"energy_mwh": np.array([[1.0]]), "gpu_hours_sold": np.array([[4.0]])})
    both = combined([FLOWS, other])
    assert [line.name for line in both.lines] == ["rent_usd", "building_usd", "cost_usd", "rent_usd"]
    assert both.quantities["energy_mwh"].tolist() == [[3], [3]]
    assert both.quantities["gpu_hours_sold"].tolist() == [[4]]
    assert both.memo == FLOWS.memo
    assert FLOWS.quantities["energy_mwh"].tolist() == [[2], [2]]


def test_labels_tell_the_use_and_what_ran_meanwhile() -> None:
    meanwhile = FLOWS.labelled("hall", meanwhile=True)
    assert {(line.use, line.meanwhile) for line in meanwhile.lines} == {("hall", True)}
    assert all(line.meanwhile for line in meanwhile.labelled("other").lines)
    assert not any(line.meanwhile for line in FLOWS.labelled("hall").lines)


GPUS = Line(
    "gpus_bought_usd",
    "capex",
    np.array([[-10.0], [-6.0]]),
    at_start=True,
    assets=Assets("gpu", (Lot(1.0, 2.0, 10.0), Lot(2.0, 3.0, 6.0))),
)
OWNED = Line("machines_bought_usd", "capex", np.zeros((2, 1)), assets=Assets("machine", (Lot(1.0, 3.0, 0.0, 4.0),)))
HALL = Line("building_usd", "capex", np.array([[-3.0], [-4.0]]), assets=Assets("building", (Lot(2.0, 3.0),)))


def bought(line: Line) -> list[tuple[float, float]]:
    """What each lot costs, and its hash rate."""
    assert line.assets is not None
    return [(float(np.asarray(line.cost_usd(lot)).item()), float(lot.sunk_eh_per_s)) for lot in line.assets.lots]


def test_a_line_of_capex_tells_what_each_of_its_lots_costs() -> None:
    assert [bought(line) for line in (GPUS, OWNED, HALL)] == [[(10, 0), (6, 0)], [(0, 4)], [(7, 0)]]


def test_a_share_of_a_line_is_a_share_of_what_it_buys() -> None:
    (half, of_owned, of_hall) = CashFlows((GPUS, OWNED, HALL)).scaled(0.5).labelled("it").lines
    assert [bought(line) for line in (half, of_owned, of_hall)] == [[(5, 0), (3, 0)], [(0, 2)], [(3.5, 0)]]
    assert half.assets is not None
    assert [(lot.service, lot.ends) for lot in half.assets.lots] == [(1, 2), (2, 3)]
    assert RENT.times(2.0).assets is None


def test_lines_of_one_name_buy_what_each_of_them_does() -> None:
    (both,) = CashFlows((GPUS, GPUS.times(2.0))).by_name(2).lines
    assert bought(both) == [(10, 0), (6, 0), (20, 0), (12, 0)]
