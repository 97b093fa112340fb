"""The ``financing`` block as a file states it: what it takes, and where each error is shown."""

from __future__ import annotations

import pytest

from minecalc.deals.financing import SHAPES, Deal, Financing, Repayment, Tranche
from minecalc.loading import ScenarioError, loads
from minecalc.scenario import Scenario
from minecalc.values.paths import ValueOverTime

TEXT = """
name: Deal
months: 120
site: {gross_mw: 50, electricity_price_usd_per_kwh: 0.045}
plans:
  lease:
    kind: colocation
    rent_usd_per_kw_per_month: 150
    conversion: {starts: 2027-06, ready: 2028-06, capex_usd_per_critical_mw: 10000000}
    financing:
      every_months: 6
      tranches:
        notes:
          share_of_cost_fraction: 0.7
          rate_fraction_per_year: 0.07
          repayment: level
          term_months: 60
"""
AT = "plans.lease.financing"
NOTES = f"{AT}.tranches.notes"


def loaded(*assignments: str, text: str = TEXT) -> Scenario:
    return loads(text, list(assignments))


def financing(*assignments: str, text: str = TEXT) -> Financing:
    found = loaded(*assignments, text=text).plans["lease"].inputs.financing
    assert found is not None
    return found


def told(text: str) -> list[tuple[str, str, str]]:
    """Of each error of a file the line that it points at, its code and its message."""
    with pytest.raises(ScenarioError) as caught:
        loads(text)
    return [(one.source_line.strip(), one.code, one.message) for one in caught.value.diagnostics]


def changed(**lines: str) -> str:
    """The file with other text in place of the lines that begin with these keys."""
    rows = TEXT.splitlines()
    for key, line in lines.items():
        (place,) = (number for number, row in enumerate(rows) if row.strip().startswith(f"{key}:"))
        indent = rows[place][: len(rows[place]) - len(rows[place].lstrip())]
        rows[place] = "\n".join(indent + one for one in line.split("\n"))
    return "\n".join(rows)


def test_a_block_is_read_with_its_defaults() -> None:
    found = financing()
    (notes,) = found.tranches.values()
    assert isinstance(notes, Tranche)
    assert notes.repayment == Repayment("level")
    assert (found.every_months, found.equity, found.reserve_months) == (6, "pro_rata", 0)
    assert (notes.draw, notes.interest_in_build, notes.sweep_fraction) == ("as_needed", "capitalised", 0)
    assert found.first_payment_months(notes) == 6
    assert found.deal is None
    later = financing(text=changed(term_months="term_months: 60\nfirst_payment_months: 18"))
    assert later.first_payment_months(later.tranches["notes"]) == 18


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_goes_by_its_word(shape: str) -> None:
    assert financing(text=changed(repayment=f"repayment: {shape}")).tranches["notes"].repayment == Repayment(shape)


def test_instalments_may_be_shares_of_the_amount() -> None:
    text = changed(
        repayment="repayment: {shares: [0.1, 0.2, 0.3]}\nballoon_fraction: 0.4", term_months="term_months: 18"
    )
    assert financing(text=text).tranches["notes"].repayment == Repayment("shares", (0.1, 0.2, 0.3))


def test_a_number_of_it_can_be_set_and_varied_like_any_other() -> None:
    found = financing(f"{NOTES}.rate_fraction_per_year=0.08", f"{AT}.reserve_months=6")
    assert found.tranches["notes"].rate_fraction_per_year == ValueOverTime.constant(0.08)
    assert found.reserve_months == 6


MORE = "more: {amount_usd: 1000, rate_fraction_per_year: 0.1, repayment: bullet"

ERRORS: dict[str, tuple[str, str, str, str]] = {
    "no size": (changed(share_of_cost_fraction="draw: as_needed"), "notes:", "missing-key", "the tranche has no size"),
    "two sizes": (
        changed(share_of_cost_fraction="share_of_cost_fraction: 0.7\namount_usd: 1000000"),
        "amount_usd: 1000000",
        "conflict",
        "amount_usd stands beside share_of_cost_fraction",
    ),
    "a share above all of it": (
        changed(share_of_cost_fraction="share_of_cost_fraction: 70"),
        "share_of_cost_fraction: 70",
        "out-of-range",
        "",
    ),
    "escrow of a loan": (
        changed(term_months="term_months: 60\nescrow_yield_fraction_per_year: 0.03"),
        "escrow_yield_fraction_per_year: 0.03",
        "conflict",
        "escrow_yield_fraction_per_year stands beside draw: as_needed",
    ),
    "commitment fee of a bond": (
        changed(term_months="term_months: 60\ndraw: at_close\ncommitment_fee_fraction_per_year: 0.004"),
        "commitment_fee_fraction_per_year: 0.004",
        "conflict",
        "commitment_fee_fraction_per_year stands beside draw: at_close",
    ),
    "interest of a bond paid": (
        changed(term_months="term_months: 60\ndraw: at_close\ninterest_in_build: paid"),
        "interest_in_build: paid",
        "conflict",
        "interest_in_build is paid, beside draw: at_close",
    ),
    "growth of a level loan": (
        changed(term_months="term_months: 60\nallow_negative_amortisation: true"),
        "allow_negative_amortisation: true",
        "conflict",
        "allow_negative_amortisation stands beside repayment: level",
    ),
    "balloon of a bullet": (
        changed(repayment="repayment: bullet\nballoon_fraction: 0.5"),
        "balloon_fraction: 0.5",
        "conflict",
        "balloon_fraction is 0.5 beside repayment: bullet",
    ),
    "an unknown shape": (
        changed(repayment="repayment: levle"),
        "repayment: levle",
        "bad-choice",
        "repayment is levle",
    ),
    "a shape that is a number": (changed(repayment="repayment: 3"), "repayment: 3", "bad-choice", "repayment is 3"),
    "an unknown key beside shares": (
        changed(repayment="repayment: {shares: [0.5, 0.5], balloon: 0}", term_months="term_months: 12"),
        "repayment: {shares: [0.5, 0.5], balloon: 0}",
        "unknown-key",
        'unknown key "balloon"',
    ),
    "shares of less than all": (
        changed(repayment="repayment: {shares: [0.4, 0.5]}", term_months="term_months: 12"),
        "repayment: {shares: [0.4, 0.5]}",
        "bad-shares",
        "the shares and the balloon add up to 0.9",
    ),
    "shares of too few dates": (
        changed(repayment="repayment: {shares: [0.4, 0.6]}", term_months="term_months: 18"),
        "repayment: {shares: [0.4, 0.6]}",
        "bad-shares",
        "repayment has 2 shares for 3 dates",
    ),
    "a term off the calendar": (
        changed(term_months="term_months: 61"),
        "term_months: 61",
        "bad-instalments",
        "term_months is 61, no multiple of every_months, 6",
    ),
    "a first payment off the calendar": (
        changed(term_months="term_months: 60\nfirst_payment_months: 7"),
        "first_payment_months: 7",
        "bad-instalments",
        "first_payment_months is 7, no multiple of every_months, 6",
    ),
    "a first payment after the last": (
        changed(term_months="term_months: 60\nfirst_payment_months: 66"),
        "first_payment_months: 66",
        "bad-instalments",
        "first_payment_months is 66, after term_months, 60",
    ),
    "half of a new loan": (
        changed(repayment="repayment: bullet\nrefinance_term_months: 60"),
        "refinance_term_months: 60",
        "missing-key",
        "refinance_term_months stands without refinance_rate_fraction_per_year",
    ),
    "the other half": (
        changed(repayment="repayment: bullet\nrefinance_rate_fraction_per_year: 0.06"),
        "refinance_rate_fraction_per_year: 0.06",
        "missing-key",
        "refinance_rate_fraction_per_year stands without refinance_term_months",
    ),
    "a new loan for no balloon": (
        changed(term_months="term_months: 60\nrefinance_rate_fraction_per_year: 0.06\nrefinance_term_months: 60"),
        "refinance_rate_fraction_per_year: 0.06",
        "conflict",
        "refinance_rate_fraction_per_year stands at a loan without a balloon",
    ),
    "a new loan off the calendar": (
        changed(
            repayment="repayment: bullet\nrefinance_rate_fraction_per_year: 0.06\nrefinance_term_months: 61",
        ),
        "refinance_term_months: 61",
        "bad-instalments",
        "refinance_term_months is 61, no multiple of every_months, 6",
    ),
    "a test of parts of periods": (
        changed(every_months="every_months: 6\ndscr_test_months: 9"),
        "dscr_test_months: 9",
        "bad-instalments",
        "dscr_test_months is 9, no multiple of every_months, 6",
    ),
    "a maturity that nobody lives to see": (
        changed(term_months="maturity: 9999-01"),
        "maturity: 9999-01",
        "outside-horizon",
        "the maturity 9999-01 of notes lies outside",
    ),
    "a maturity of long ago": (
        changed(term_months="maturity: 1999-01"),
        "maturity: 1999-01",
        "outside-horizon",
        "the maturity 1999-01 of notes lies outside",
    ),
    "sized on contracts by no cash": (
        changed(term_months="term_months: 60\nsized_on: contracted"),
        "sized_on: contracted",
        "conflict",
        "sized_on is contracted, and no cash sizes the tranche",
    ),
    "no last payment": (
        changed(term_months="draw: as_needed"),
        "notes:",
        "missing-key",
        "the tranche has no last payment",
    ),
    "two last payments": (
        changed(term_months="term_months: 60\nmaturity: 2033-05"),
        "maturity: 2033-05",
        "conflict",
        "maturity stands beside term_months",
    ),
    "a maturity that is no month": (
        changed(term_months="maturity: May 2033"),
        "maturity: May 2033",
        "bad-month",
        '"May 2033" is not a month',
    ),
    "a maturity beside a term": (
        changed(term_months="maturity: 2033-05") + f"\n        {MORE}, term_months: 60}}",
        f"{MORE}, term_months: 60}}",
        "conflict",
        "more has term_months, beside the maturity of notes",
    ),
    "two maturities that share no calendar": (
        changed(term_months="maturity: 2033-05") + f"\n        {MORE}, maturity: 2033-09}}",
        f"{MORE}, maturity: 2033-09}}",
        "bad-instalments",
        "more matures in 2033-09, no multiple of 6 months from 2033-05",
    ),
    "fewer shares than dates to a maturity": (
        changed(term_months="maturity: 2030-05", repayment="repayment: {shares: [0.5, 0.5]}"),
        "repayment: {shares: [0.5, 0.5]}",
        "bad-shares",
        "repayment has 2 shares for 4 dates",
    ),
    "sculpted to a maturity beyond the horizon": (
        changed(term_months="maturity: 2038-07", repayment="repayment: sculpted"),
        "maturity: 2038-07",
        "sculpted-beyond-horizon",
        "the last payment of notes, in 2038-07, lies beyond the horizon",
    ),
    "another calendar": (changed(every_months="every_months: 4"), "every_months: 4", "", ""),
    "a misspelt key": (
        changed(term_months="term_month: 60"),
        "term_month: 60",
        "unknown-key",
        'unknown key "term_month"',
    ),
}


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_is_shown_where_it_stands(error: str) -> None:
    text, line, code, message = ERRORS[error]
    found = told(text)
    assert any(at == line and code in of and message in what for at, of, what in found), found


def test_a_term_shorter_than_a_period_is_told_once_and_of_no_key_that_is_not_written() -> None:
    message = "term_months is 3, no multiple of every_months, 6"
    assert told(changed(term_months="term_months: 3")) == [("term_months: 3", "bad-instalments", message)]


def test_shares_of_all_tranches_together_are_at_most_the_cost() -> None:
    more = "more: {share_of_cost_fraction: 0.4, rate_fraction_per_year: 0.1, repayment: bullet, term_months: 60}"
    found = told(TEXT.rstrip("\n") + f"\n        {more}\n")
    assert found == [("tranches:", "shares-over-cost", "the tranches' shares of cost add up to 1.1")]


def test_a_size_by_cash_stands_beside_a_share_or_alone() -> None:
    beside = financing(text=changed(term_months="term_months: 60\ndscr_ratio: 1.3")).tranches["notes"]
    alone = financing(text=changed(share_of_cost_fraction="dscr_ratio: 1.3")).tranches["notes"]
    assert (beside.share_of_cost_fraction, beside.dscr_ratio) == (0.7, 1.3)
    assert (alone.share_of_cost_fraction, alone.amount_usd, alone.dscr_ratio) == (None, None, 1.3)


def test_a_deal_of_elsewhere_is_kept_beside_the_same_terms() -> None:
    found = financing()
    deal = Deal((), (), 0.0)
    assert found.with_deal(deal).deal is deal
    assert found.with_deal(deal).tranches is found.tranches
