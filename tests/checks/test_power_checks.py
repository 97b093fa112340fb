"""Charges of power of a use in place of the site's: whose they are, and what is refused beside them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minecalc import checks
from minecalc.loading import ScenarioError
from minecalc.loading.origins import defaulted
from tests.by_hand import CLOUD, CONVERSION, LEASE, MINER, SITE, Data, compared, line, run

#: Each charge or contract, with numbers that make it count.
CHARGES: Data = {
    "demand_charge_usd_per_kw_per_month": 2,
    "coincident_peaks": {"usd_per_kw_per_year": 60, "mining_avoids_fraction": 0.8, "alarm_hours_per_month": 5},
    "power_contract": {"mw": 6, "price_usd_per_kwh": 0.03, "resale": "hourly", "resale_fee_usd_per_kwh": 0.001},
    "demand_response": {"mw": 4, "usd_per_mw_per_month": 3000, "hours_per_month": 2, "energy_usd_per_mwh": 300},
    "curtailment_obligation": {"hours": 300, "load_fraction": 0.1},
}


@pytest.mark.parametrize("key", CHARGES)
@pytest.mark.parametrize("use", [MINER, CLOUD], ids=["mine", "GPUs"])
def test_a_charge_of_the_only_use_is_what_the_site_would_charge(key: str, use: Data) -> None:
    rises = {"inflation_fraction_per_year": 0.05}
    bare, own = run(use, **rises), run(use | {key: CHARGES[key]}, **rises)
    of_site = run(use, site=SITE | {key: CHARGES[key]}, **rises)
    assert own.net_usd == pytest.approx(of_site.net_usd, rel=1e-12, abs=1e-6)
    pays = key != "demand_response" or use is MINER  # no AI is called off
    assert np.array_equal(own.net_usd, bare.net_usd) is not pays


def mixed(**own: Any) -> dict[str, dict[str, float]]:
    """5 MW of mining, half of the machines, beside 2.5 MW of GPUs at a site that charges: lines by use, in June."""
    miner = MINER | {"gross_mw": 5, "hash_rate_eh_per_s": 0.5} | own
    plans = {"both": {"uses": {"mine": miner, "GPUs": CLOUD | {"gross_mw": 5}}}}
    site = SITE | {key: CHARGES[key] for key in ("demand_charge_usd_per_kw_per_month", "coincident_peaks")}
    plan = compared(plans, site=site).plans["both"]
    found: dict[str, dict[str, float]] = {}
    for one in plan.operating_lines:
        found.setdefault(one.use, {})[one.name] = float(one.usd[5 if len(one.usd) > 1 else 0, 0])
    return found


def test_one_use_has_a_charge_of_its_own_and_the_others_are_under_the_site() -> None:
    under_site, own = mixed(), mixed(demand_charge_usd_per_kw_per_month=7)
    assert under_site[""]["mining_demand_charge_usd"] == pytest.approx(-5_000 * 2)
    assert own["mine"]["mining_demand_charge_usd"] == pytest.approx(-5_000 * 7)
    assert own[""]["mining_demand_charge_usd"] == 0.0
    for name in ("ai_demand_charge_usd", "mining_peaks_usd", "ai_peaks_usd"):
        assert own[""][name] == under_site[""][name] != 0.0, name
    free = mixed(demand_charge_usd_per_kw_per_month=0)
    assert free["mine"]["mining_demand_charge_usd"] == free[""]["mining_demand_charge_usd"] == 0.0


def test_what_runs_until_a_conversion_has_its_own_charges_and_ai_those_of_the_site() -> None:
    site = SITE | {"demand_charge_usd_per_kw_per_month": 2}
    mine = MINER | {"demand_charge_usd_per_kw_per_month": 7}
    cloud = CLOUD | {"gross_mw": 4, "conversion": CONVERSION | {"meanwhile": "mine"}}
    plan = compared({"mine": mine, "it": cloud}, site=site).plans["it"]
    assert line(plan, "mining_demand_charge_usd")[:5] == pytest.approx([-4_000 * 7] * 2 + [0] * 3)
    assert line(plan, "ai_demand_charge_usd")[3:6] == pytest.approx([0, -2_500 * 2, -2_500 * 2])
    lost = plan.engine.lost_margin_usd(plan.plan)[2, 0]
    assert lost == pytest.approx(0.4 * (31 * 8_000) - 4_000 * 7), "it would have paid its own"


def test_a_block_of_a_use_is_settled_at_the_price_of_that_use() -> None:
    block = CHARGES["power_contract"] | {"resale_fee_usd_per_kwh": 0}
    own = run(MINER | {"electricity_price_usd_per_kwh": 0.07, "power_contract": block})
    assert line(own, "power_from_contract_usd")[0] == pytest.approx(744 * 6 * 70)


def problem(use: Data, **site: object) -> str:
    with pytest.raises(ScenarioError) as caught:
        compared({"it": use}, site=SITE | site)
    return str(caught.value)


def test_what_cannot_stand_together_is_refused_whoever_it_is_of() -> None:
    obligation, lost = CHARGES["curtailment_obligation"], {"mw": 5, "price_usd_per_kwh": 0.04}
    assert "flexible_fraction stands" in problem(
        CLOUD | {"flexible_fraction": 0.1, "curtailment_obligation": obligation}
    )
    unsold = "curtailment_obligation leaves some of its block unused"
    assert unsold in problem(MINER | {"power_contract": lost}, curtailment_obligation=obligation)
    assert unsold in problem(MINER | {"curtailment_obligation": obligation}, power_contract=lost)
    assert unsold in problem(MINER | {"curtailment_obligation": obligation, "power_contract": lost})
    host = {"kind": "hosting", "hosting_usd_per_kwh": 0.08, "curtailment_obligation": obligation}
    assert "hosts other people's machines" in problem(host)
    long = problem(MINER | {"curtailment_obligation": {"hours": 3000}})
    assert "hours is more than the 2,904 hours that its months have" in long


def test_uses_that_run_together_have_a_charge_of_their_own_or_none_has() -> None:
    half = MINER | {"gross_mw": 5, "hash_rate_eh_per_s": 0.5}
    mines = {"uses": {"old": half | {"demand_charge_usd_per_kw_per_month": 7}, "new": half}}
    lease = LEASE | {"conversion": CONVERSION | {"meanwhile": "mines"}}
    site = SITE | {"demand_charge_usd_per_kw_per_month": 2}
    with pytest.raises(ScenarioError, match="old has demand_charge_usd_per_kw_per_month of its own, and new is under"):
        compared({"mines": mines, "lease": lease}, site=site)
    only_old = lease | {"gross_mw": 5, "conversion": CONVERSION | {"meanwhile": {"plan": "mines", "uses": ["old"]}}}
    found = compared({"mines": mines, "lease": only_old}, site=site)
    assert line(found.plans["lease"], "mining_demand_charge_usd")[0] == pytest.approx(-5_000 * 7)


def test_a_rule_of_peaks_on_record_says_in_which_months_and_until_when() -> None:
    peaks = {"rule": "ercot-4cp", "usd_per_kw_per_year": 60}
    before = run(CLOUD, site=SITE | {"coincident_peaks": peaks}, start="2026-05", months=24)
    charged = [0] + [-2_500 * 15] * 4 + [0] * 19  # June to September 2026 and no later year
    assert line(before, "ai_peaks_usd") == pytest.approx(charged)
    scenario = run(CLOUD, site=SITE | {"coincident_peaks": peaks}).engine.scenario
    assert any(
        "site.coincident_peaks charges nothing: it is until 2027-01, as ercot-4cp has it" in text
        for text in checks.warnings(scenario)
    )
    given = {item.record()["path"]: item.record() for item in defaulted(scenario)}["site.coincident_peaks.until"]
    assert (given["value"], given["as_of"]) == ("2027-01", "2026-06")
    assert "Senate Bill 6" in given["source"]
    typed = run(CLOUD, site=SITE | {"coincident_peaks": peaks | {"until": "2027-08"}})
    assert line(typed, "ai_peaks_usd")[:12] == pytest.approx([0] * 5 + [-2_500 * 15] * 2 + [0] * 5)
    assert not any("charges nothing" in text for text in checks.warnings(typed.engine.scenario))
    assert "there is no rule of peaks ercot-5cp" in problem(CLOUD, coincident_peaks=peaks | {"rule": "ercot-5cp"})
