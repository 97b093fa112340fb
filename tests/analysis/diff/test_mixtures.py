"""A scenario between two is worth what the same scenario is worth when it is written out and read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecalc.analysis.diff.changes import differences
from minecalc.analysis.diff.mixtures import NoMixtureError, npv_usd, relevant
from minecalc.analysis.diff.shapley import coalitions
from minecalc.arrays import FloatArray
from minecalc.engine import evaluate
from minecalc.loading import load, read, read_bytes
from tests.by_hand import CLOUD, CONVERSION, LEASE, MINER, SITE, Data

TEXAS = Path(__file__).parents[2] / "examples" / "texas.yaml"

#: One of every kind: a number, growth for growth, another form, a date, a switch, a count, a word and a date, months.
ASSIGNMENTS = (
    'plans."lease to an AI tenant".rent_usd_per_kw_per_month=140',
    "market.btc_price_usd={start: 90000, growth_fraction_per_year: 0.05, scale: 1.1}",
    "site.electricity_price_usd_per_kwh={steps: {2027-01: 0.04, 2030-01: 0.06}}",
    'plans."rent out GPUs".conversion.ready=2028-09',
    'plans."lease to an AI tenant".tenant_pays_power=false',
    'plans."rent out GPUs".life_months=48',
    'plans."half and half".uses.mining.stops=2030-01',
    "months=96",
)


def data(plans: Data, **rest: Any) -> bytes:
    return json.dumps({"name": "it", "months": 24, "site": SITE, "plans": plans} | rest).encode()


def npv_of(*assignments: str) -> dict[str, float]:
    found = evaluate(load(TEXAS, assignments))
    return {name: float(plan.npv_usd[0]) for name, plan in found.plans.items()}


def test_every_subset_of_changes_is_worth_what_its_file_is_worth() -> None:
    found = differences(read(TEXAS), read(TEXAS, ASSIGNMENTS))
    order = [
        next(i for i, assignment in enumerate(ASSIGNMENTS) if assignment.startswith(f"{change.path}="))
        for change in found.changes
    ]
    assert sorted(order) == list(range(len(ASSIGNMENTS)))
    takes_b = coalitions(len(ASSIGNMENTS))
    values = npv_usd(found, takes_b, found.common)
    assert list(values) == list(found.common)
    for case in (0, 255, *range(1, 255, 7)):
        taken = [ASSIGNMENTS[order[change]] for change in np.flatnonzero(takes_b[case])]
        for name, usd in npv_of(*taken).items():
            assert values[name][case] == pytest.approx(usd, rel=1e-12), (taken, name)


def test_none_is_a_and_all_is_b_to_the_last_bit() -> None:
    found = differences(read(TEXAS), read(TEXAS, ASSIGNMENTS))
    ends = np.array([[False], [True]]).repeat(len(ASSIGNMENTS), axis=1)
    values = npv_usd(found, ends, found.common)
    for name in found.common:
        assert values[name].tolist() == [npv_of()[name], npv_of(*ASSIGNMENTS)[name]]


def test_the_answer_does_not_depend_on_what_is_asked_beside_it() -> None:
    found = differences(read(TEXAS), read(TEXAS, ASSIGNMENTS))
    takes_b = np.random.default_rng(1).random((1100, len(ASSIGNMENTS))) < 0.5
    takes_b[:, 1:] = takes_b[0, 1:]
    together = npv_usd(found, takes_b, found.common)
    for case in (0, 511, 512, 1099):
        alone = npv_usd(found, takes_b[case : case + 1], ("half and half",))
        assert alone["half and half"][0] == together["half and half"][case]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (MINER, MINER | {"machine_price_usd_per_th": 5}),
        (MINER, MINER | {"stops": "best", "machine_resale_usd_per_th": {"points": {"2027-01": 5, "2028-06": 1}}}),
        (MINER | {"stops": "2027-09"}, MINER | {"stops": "2028-05"}),
        (LEASE, CLOUD),
        (LEASE | {"conversion": CONVERSION}, LEASE | {"conversion": CONVERSION | {"spend": [0.9, 0.1]}}),
        (
            LEASE,
            {"uses": {"one": LEASE | {"gross_mw": 4}, "other": MINER | {"gross_mw": 6, "hash_rate_eh_per_s": 0.5}}},
        ),
        (LEASE, LEASE | {"discount_rate_fraction_per_year": 0.3}),
    ],
)
@pytest.mark.parametrize("market", [{"hash_price_usd_per_ph_per_day": 20}, {"btc_price_usd": 5e4}])
def test_what_has_nothing_in_between_is_put_in_place(a: Data, b: Data, market: Data) -> None:
    readings = [read_bytes(data({"x": plan}, market=market), "", Path()) for plan in (a, b)]
    found = differences(*readings)
    takes_b = coalitions(len(found.changes))
    values = npv_usd(found, takes_b, ["x"])["x"]
    for case, reading in ((0, readings[0]), (-1, readings[1])):
        assert reading.scenario is not None
        assert values[case] == evaluate(reading.scenario).plans["x"].npv_usd[0]


def test_an_implied_hash_price_is_scaled_case_by_case() -> None:
    a = read_bytes(data({"x": MINER}), "", Path())
    b = read_bytes(data({"x": MINER}), "", Path(), ["market.hash_price_usd_per_ph_per_day.scale=2"])
    values = npv_usd(differences(a, b), coalitions(1), ["x"])["x"]
    assert a.scenario is not None
    assert b.scenario is not None
    assert values.tolist() == [evaluate(s).plans["x"].npv_usd[0] for s in (a.scenario, b.scenario)]
    assert values[0] < values[1]


def test_what_runs_meanwhile_may_be_a_plan_that_only_b_has() -> None:
    plain = LEASE | {"conversion": CONVERSION}
    a = read_bytes(data({"x": plain}), "", Path())
    meanwhile = LEASE | {"conversion": CONVERSION | {"meanwhile": "mine"}}
    b = read_bytes(data({"x": meanwhile, "mine": MINER}), "", Path())
    found = differences(a, b)
    assert b.scenario is not None
    assert npv_usd(found, coalitions(1), ["x"])["x"][1] == evaluate(b.scenario).plans["x"].npv_usd[0]


def test_only_what_can_move_a_plan_is_relevant_to_it() -> None:
    mines = {"dig": MINER, "drill": MINER, "rest": MINER}
    lease = LEASE | {"conversion": CONVERSION | {"meanwhile": "dig"}}
    a = data(mines | {"let": lease})
    other = LEASE | {"conversion": CONVERSION | {"meanwhile": "drill"}}
    slower = {name: mine | {"hash_rate_eh_per_s": 0.5} for name, mine in mines.items()}
    b = data(slower | {"let": other}, baseline="let", site=SITE | {"fixed_cost_usd_per_year": 1})
    found = differences(read_bytes(a, "", Path()), read_bytes(b, "", Path()))

    def moved_by(*plans: str) -> list[str]:
        return [found.changes[i].path for i in relevant(found, plans)]

    rates = [f"plans.{name}.hash_rate_eh_per_s" for name in mines]
    site = "site.fixed_cost_usd_per_year"
    assert moved_by("let") == [site, *rates[:2], "plans.let.conversion.meanwhile"]
    assert moved_by("rest") == [site, rates[2]]
    assert moved_by("rest", "drill") == [site, *rates[1:]]
    values = npv_usd(found, coalitions(len(found.changes)), ["let", "rest"])
    for name, usd in values.items():
        moves = [
            change.path
            for i, change in enumerate(found.changes)
            if not np.array_equal(*np.moveaxis(usd.reshape(-1, 2, 1 << i), 1, 0))
        ]
        assert moves == moved_by(name)


def test_a_mixture_without_a_value_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The megawatts of the plan that runs meanwhile move from one use to the other; in between it has none, and runs
    nothing.
    """

    def moved(first: float, second: float) -> bytes:
        half = MINER | {"hash_rate_eh_per_s": 0}
        uses = {"a": half | {"gross_mw": first}, "b": half | {"gross_mw": second}}
        lease = LEASE | {"conversion": CONVERSION | {"meanwhile": "mine"}}
        return data({"mine": {"uses": uses}, "let": lease})

    found = differences(read_bytes(moved(10, 0), "", Path()), read_bytes(moved(0, 10), "", Path()))
    for plan in ("let", "mine"):
        assert np.isfinite(npv_usd(found, coalitions(2), [plan])[plan]).all()

    def without_value(*_: object) -> dict[str, FloatArray]:
        return {"let": np.array([1.0, np.nan, 1.0, 1.0])}

    monkeypatch.setattr("minecalc.analysis.diff.mixtures._evaluated", without_value)
    with pytest.raises(NoMixtureError, match="let has no NPV in some scenario between the two"):
        npv_usd(found, coalitions(2), ["let"])
