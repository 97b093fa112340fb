"""What the sentence on top says beside the lead: each clause where it belongs, and not where it does not."""

from __future__ import annotations

from typing import Any

import pytest

from minecalc.analysis.compare.headline import baseline_of, hangs_on, headline, lead_before_debt, told_plan
from minecalc.analysis.compare.record import Record, compare, summary
from minecalc.looks import sentence
from tests.by_hand import CONVERSION, LEASE, MINER, Data, compared
from tests.test_corners import LOAN

CHEAP = LEASE | {"rent_usd_per_kw_per_month": 60, "capex_usd_per_critical_mw": 1e6}
RELET = CHEAP | {"exit_cap_rate_fraction": 0.1}
WORSE = LEASE | {"rent_usd_per_kw_per_month": 90}
PATH = {"hash_price_usd_per_ph_per_day": {"steps": {"2027-01": 20, "2028-01": 10}}}


def record(plans: Data, **scenario: Any) -> Record:
    """The record of ``plans`` at the site of ``by_hand``, by default without discounting."""
    return compare(compared(plans, **{"discount_rate_fraction_per_year": 0} | scenario).scenario)


def told(plans: Data, **scenario: Any) -> str:
    found = record(plans, **scenario)
    assert found["headline"] == sentence(headline(found)), "files and screens say the same"
    return str(found["headline"])


def test_the_exit_value_is_told_where_it_carries_the_lead_or_turns_it() -> None:
    assert "without" not in told({"mine": MINER, "let": CHEAP})
    small = LEASE | {"rent_usd_per_kw_per_month": 400, "exit_cap_rate_fraction": 0.9}
    assert "without" not in told({"mine": MINER, "let": small}), "less than half"
    assert "; $6.15M ahead without what the halls are worth after the lease" in told(
        {"mine": MINER, "let": LEASE | {"exit_cap_rate_fraction": 0.1}}
    )
    assert told({"mine": MINER, "let": RELET}) == (
        "let beats mine by $32.4M NPV at 0%; without what the halls are worth after the lease mine is ahead by $3.65M; "
        "they draw level at hash price $64.3."
    )
    left = RELET | {"exit_basis": "remaining_term", "term_months": 60}
    assert "; without what is left of the lease at the horizon mine is ahead by $3.65M; " in told(
        {"mine": MINER, "let": left}
    )


def test_the_exit_value_is_told_where_another_plan_is_the_best_without_it() -> None:
    plans = {"mine": MINER, "a": LEASE, "b": WORSE | {"exit_cap_rate_fraction": 0.1}}
    assert told(plans).endswith("; without what the halls are worth after the lease a is the best, $6.15M ahead."), (
        "last"
    )
    assert "is the best" not in told(plans | {"a": LEASE | {"evidence": "claim"}}), "a claim is none"


def test_a_lead_behind_words_of_another_plan_has_its_name() -> None:
    mine = MINER | {"opex_usd_per_mw_per_year": 2e5}
    falls = {"hash_price_usd_per_ph_per_day": {"steps": {"2027-01": 30, "2028-01": 5}}}
    text = told({"mine": mine, "let": RELET | {"rent_usd_per_kw_per_month": 30}}, market=falls)
    assert "; without what the halls are worth after the lease mine is ahead by $3.97M; " in text
    assert text.endswith("; let is $12.0M ahead when mining stops at its best (2028-01).")


def test_a_lead_that_rounding_leaves_without_exit_values_is_none() -> None:
    plans = {"a": MINER | {"machine_resale_usd_per_th": 20}, "b": MINER | {"machine_resale_usd_per_th": 30}}
    for rate in (0, 0.12):
        text = told(plans, discount_rate_fraction_per_year=rate)
        assert text.endswith("; the same without what the machines fetch at the horizon.")


def test_own_rates_are_told_wherever_they_differ() -> None:
    dear = WORSE | {"discount_rate_fraction_per_year": 0.4}
    text = told({"mine": MINER, "let": dear})
    assert text.startswith("let beats mine by $4.95M NPV at 0% (at its own rate of 40.0%: $1.90M ahead)")
    assert "own rate" not in told({"mine": MINER, "let": WORSE})
    with_exit = told({"mine": MINER, "let": RELET | {"discount_rate_fraction_per_year": 0.1}})
    assert with_exit.count(";") == 2, "the other rate is one of three clauses"


def test_a_default_is_told_where_the_lead_turns_within_what_is_published() -> None:
    unsaid = {key: value for key, value in LEASE.items() if key != "critical_per_gross_fraction"}
    near = {"mine": MINER, "let": unsaid | {"rent_usd_per_kw_per_month": 36}}
    clause = "; assuming critical per gross of 70.0% (not given; published: 66.0% to 83.0%)"
    assert clause in told(near)
    assert "assuming" not in told({"mine": MINER, "let": unsaid | {"rent_usd_per_kw_per_month": 80}})
    given = near | {"let": near["let"] | {"critical_per_gross_fraction": 0.7}}
    assert "assuming" not in told(given)


def test_a_claim_is_never_told_before_another_plan_and_never_without_its_name() -> None:
    claim = LEASE | {"evidence": "claim"}
    assert told({"mine": MINER, "let": claim, "seen": WORSE}) == (
        "seen beats mine by $4.95M NPV at 0%; they draw level at hash price $26.8; let (a claim) is $6.15M ahead."
    )
    assert told({"mine": MINER, "let": claim}).startswith("let (a claim) beats mine by $6.15M NPV")
    assert told({"mine": MINER, "let": LEASE, "seen": WORSE}).startswith("let beats mine")


def test_the_file_may_name_the_plan_that_is_told() -> None:
    plans = {"mine": MINER, "let": LEASE, "seen": WORSE}
    assert told(plans, headline_plan="seen").startswith("seen beats mine by $4.95M NPV at 0%; ")
    assert told(plans, headline_plan="seen").endswith("; let is $6.15M ahead.")
    assert "seen" not in told(plans, headline_plan="let")
    found = record(plans, headline_plan="seen")
    told_, baseline = told_plan(found), baseline_of(found)
    assert told_ is not None
    assert (told_["name"], baseline["name"]) == ("seen", "mine")
    assert told_plan(record({"mine": MINER})) is None


def test_a_plan_that_is_behind_is_told_what_would_bring_it_level() -> None:
    assert told({"mine": MINER, "let": CHEAP}) == (
        "let is $3.65M NPV behind mine at 0%; they draw level at rent, year 1 $90.4 (1.51x now) or building capex "
        "$270k (0.27x now)."
    )
    ahead = told({"mine": MINER, "let": LEASE})
    assert "rent" not in ahead
    assert "; they draw level at hash price $28.4." in ahead


def test_a_path_is_told_as_a_multiple_and_as_one_number() -> None:
    """A price that halves after a year: 1.90 times both years bring in what one price of $28.4 does."""
    text = told({"mine": MINER | {"curtail": False}, "let": LEASE}, market=PATH)
    found = record({"mine": MINER | {"curtail": False}, "let": LEASE}, market=PATH)
    (level,) = (
        one
        for plan in found["plans"]
        for path, one in plan["vs_baseline"]["break_evens"].items()
        if path == "market.hash_price_usd_per_ph_per_day"
    )
    assert level["flat"] == pytest.approx((12e6 / 1000 + 731 * 12) / 731)
    assert level["scale"] == pytest.approx(level["flat"] * 731 / (365 * 20 + 366 * 10))
    assert "; they draw level at hash price 1.90x the path ($20.0 to $37.9 in 2027-01; $28.4 if flat)" in text
    assert "path" not in told({"mine": MINER, "let": LEASE})


def test_a_summary_says_in_a_word_what_the_lead_hangs_on() -> None:
    def words(plans: Data, **scenario: Any) -> list[str]:
        found = compared(plans, **{"discount_rate_fraction_per_year": 0.0} | scenario).scenario
        assert hangs_on(summary(found)) == hangs_on(compare(found))
        return hangs_on(summary(found))

    assert words({"mine": MINER, "let": RELET}) == ["exit value"]
    assert words({"mine": MINER, "let": LEASE | {"evidence": "claim"}}) == ["a claim"]
    assert words({"mine": MINER, "let": LEASE}) == []
    assert words({"mine": MINER}) == []
    late = RELET | {"discount_rate_fraction_per_year": 4.0}
    assert words({"mine": MINER, "let": late}) == ["exit value", "own rates"]


def test_what_the_lead_is_before_debt_is_told() -> None:
    """Three quarters of the cost are lent at nothing: at 12% that is worth more than the halls lose."""
    cheap = {**LOAN["tranches"]["loan"], "share_of_cost_fraction": 0.75, "rate_fraction_per_year": 0, "term_months": 20}
    built = LEASE | {"conversion": CONVERSION | {"capex_usd_per_critical_mw": 1.1e6}}
    plans = {"mine": MINER, "let": built | {"financing": {"every_months": 1, "tranches": {"loan": cheap}}}}
    found = record(plans, discount_rate_fraction_per_year=0.12)
    before = lead_before_debt(found, found["plans"][1])
    assert before is not None
    bare = record({"mine": MINER, "let": built}, discount_rate_fraction_per_year=0.12)
    assert before == pytest.approx(bare["plans"][1]["vs_baseline"]["npv_difference_at_scenario_rate_usd"])
    assert " before debt" in found["headline"]
    assert "let (to equity, before tax)" in found["headline"]
    assert lead_before_debt(bare, bare["plans"][1]) is None


def test_debt_that_cash_does_not_serve_is_told_first() -> None:
    loan = {**LOAN["tranches"]["loan"], "share_of_cost_fraction": 0.95}
    built = LEASE | {"rent_usd_per_kw_per_month": 80, "conversion": CONVERSION}
    plans = {"mine": MINER, "let": built | {"financing": {"every_months": 1, "tranches": {"loan": loan}}}}
    assert "; its cash does not serve the debt: DSCR is 0.8" in told(plans)
