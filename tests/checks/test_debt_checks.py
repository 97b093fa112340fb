"""What a reader is told of a deal; what keeps one from closing has its texts in ``bad_scenarios``."""

from __future__ import annotations

from minecalc.checks import debt_checks
from tests.by_hand import Data
from tests.test_corners import LOAN, lease, plans


def told(**loan: object) -> list[str]:
    tranche = {**LOAN["tranches"]["loan"], **loan}
    financing: Data = {**LOAN, "tranches": {"loan": tranche}}
    return list(debt_checks.warnings(lease(plans(financing=financing))))


def test_a_plain_loan_deserves_no_word() -> None:
    assert told() == []


def test_a_plan_without_debt_neither() -> None:
    assert list(debt_checks.warnings(lease(plans()))) == []


def test_what_limits_a_loan_is_said() -> None:
    assert told(dscr_ratio=1.2) == ["loan lends its size, $2.519M: a DSCR of 1.2 would allow more"]
    (text,) = told(dscr_ratio=2.5)
    assert text.startswith("a DSCR of 2.5 allows loan $")
    assert text.endswith(", less than the $2.516M that its size says")


def test_a_loan_longer_than_the_horizon_is_said_with_what_is_owed_there() -> None:
    assert told(term_months=40) == [
        "loan runs beyond the horizon: $1.259M is owed there, paid from what is left, then by equity"
    ]


def test_a_prepayment_and_debt_above_the_cost_are_said() -> None:
    plan = plans(financing={**LOAN, "tranches": {"loan": {**LOAN["tranches"]["loan"], "share_of_cost_fraction": 0.9}}})
    plan["lease"] |= {"term_months": 20, "prepayment": {"fraction": 0.3, "credited_years": [1]}}
    (text,) = debt_checks.warnings(lease(plan))
    assert "a prepayment of $3M are more than the total cost of" in text


def test_a_deal_of_a_build_that_outlasts_the_horizon_says_on_what_it_closes() -> None:
    late = plans(financing=LOAN)
    late["lease"] |= {"conversion": {**late["lease"]["conversion"], "delay_months": 60}}
    texts = list(debt_checks.warnings(lease(late)))
    assert [text for text in texts if text.startswith("the deal is closed as if all were ready in 20")]
    assert not [text for text in told() if "as if all were ready" in text]


def test_a_loan_of_nothing_or_of_next_to_nothing_is_said() -> None:
    assert told(share_of_cost_fraction=0.0) == ["loan lends nothing: its size is 0"]
    (text,) = told(share_of_cost_fraction=None, amount_usd=250.0)
    assert text.startswith("loan lends $250 of a total cost of $")


def test_a_loan_that_grows_says_how_far() -> None:
    """A hundredth of 2.5 million a month, of four months without rent."""
    loan = {**LOAN["tranches"]["loan"], "repayment": "sculpted", "allow_negative_amortisation": True}
    plan = plans(financing={**LOAN, "tranches": {"loan": loan}})
    plan["lease"] |= {"free_months": 4}
    (text,) = debt_checks.warnings(lease(plan))
    amount = float(text.split("$")[1].split("M")[0])
    assert text.startswith(f"loan grows from ${amount:.4g}M to ${amount * 1.01**4:.4g}M in ")


def test_a_lock_up_that_a_breach_comes_before_is_said() -> None:
    both: Data = {"lockup_dscr_ratio": 1.0, "default_dscr_ratio": 1.05}
    (text,) = debt_checks.warnings(lease(plans(financing={**LOAN, **both})))
    assert text == "lockup_dscr_ratio, 1, lies below default_dscr_ratio, 1.05, which holds distributions back first"


def test_money_is_told_in_billions_from_one_on() -> None:
    assert [debt_checks.usd(amount) for amount in (1.2594e6, 1.3241e9)] == ["$1.259M", "$1.324B"]


def test_a_year_of_tax_on_one_date_of_several_is_said() -> None:
    """Unless covenants look at a year; where nothing is taxed that is."""

    def after_tax(**more: object) -> list[str]:
        financing: Data = {**LOAN, "dscr_after_tax": True, **more}
        return list(debt_checks.warnings(lease(plans(financing=financing, tax={"rate_fraction": 0.21}))))

    (text,) = after_tax()
    assert text.startswith("DSCR is after tax, which is paid once a year: ")
    assert after_tax(dscr_test_months=12) == []
    untaxed: Data = {**LOAN, "dscr_after_tax": True}
    assert list(debt_checks.warnings(lease(plans(financing=untaxed)))) == [
        "dscr_after_tax changes nothing: the plan has no tax"
    ]
