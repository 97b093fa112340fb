"""What is assumed of waiting is told, each where it applies."""

from __future__ import annotations

from minecalc.analysis.timing.answer import TimingNumbers
from minecalc.analysis.timing.closed import Closed
from minecalc.analysis.timing.notes import notes
from minecalc.document import Document, Note, Phrase, Table, shown_blocks
from tests.analysis.timing.waiting import ANEW, LEASE, PHASES, answer


def plain(phrase: Phrase) -> str:
    if isinstance(phrase, str):
        return phrase
    return "".join(word if isinstance(word, str) else f"{word.number:.4g}" for word in phrase)


def told(found: TimingNumbers) -> str:
    """Every note, a line each."""
    blocks = shown_blocks(Document("", list(notes(found)), Table("", (), ())), in_full=True)
    return "\n".join(plain(text) for note in blocks if isinstance(note, Note) for text in (note.text, *note.bullets))


def test_the_terms_of_waiting() -> None:
    text = told(answer(PHASES, "halls"))
    assert "decided every 12 months, 2027-01 to 2029-01" in text
    assert "The horizon stays 2032-12" in text
    assert "the scenario's rate of 12% makes it." in text
    assert "market's rent of the month of the decision" in text
    assert "looks at the hash price and the market rent in the month before the decision" in text
    assert "2,048 worlds and valued on 2,048 others, seed 1" in text
    assert "Until it starts" not in text
    assert "way back" not in text


def test_what_was_put_in_is_told() -> None:
    silent = LEASE.replace(", meanwhile: mine", "")
    assert "Until it starts mine runs: the plan names no meanwhile." in told(answer(silent, "lease", paths=256))
    idle = silent.replace("site: {", "baseline: lease\nsite: {")
    assert "Nothing runs before lease" in told(answer(idle, "lease", paths=256))
    own = answer(LEASE, "lease", "plans.lease.discount_rate_fraction_per_year=0.09", paths=256)
    assert "also this plan's, which has a rate of its own" in told(own)
    assert "market's rent" not in told(own)


LOAN = "{amount_usd: 1000000, rate_fraction_per_year: 0.08, repayment: level, %s}"


def test_a_maturity_that_stands_is_told() -> None:
    """Beside a term, which moves with the conversion, nothing is to be said."""
    text = LEASE.replace("capex_usd_per_critical_mw: 1,", "capex_usd_per_critical_mw: 1_000_000,").replace(
        "uncertainty:", f"    financing: {{tranches: {{notes: {LOAN % 'maturity: 2030-12'}}}}}\nuncertainty:"
    )
    stands = "notes matures in 2030-12 whenever the conversion starts"
    assert stands in told(answer(text, "lease", paths=256))
    assert stands not in told(answer(text.replace("maturity: 2030-12", "term_months: 48"), "lease", paths=256))


def test_what_is_valued_as_a_whole_is_said_with_what_that_leaves_out() -> None:
    one = PHASES + f"    financing: {{tranches: {{notes: {LOAN % 'maturity: 2030-12'}}}}}\n"
    text = told(answer(one, "halls", paths=256, back=1e5))
    assert "A date is worth what the whole plan is, to equity, before tax, with its conversions then" in text
    assert "All phases move together: one deal pays for all phases, so" in text
    assert "The way back is left out: one deal pays for all phases, so" in text
    assert "Debt is closed once, on the scenario as it stands" in text
    assert "notes matures in 2030-12 whenever the conversion starts" in text
    taxed = told(answer("tax: {rate_fraction: 0.2}\n" + one, "halls", "uncertainty={others: fixed}", paths=256))
    assert "A date is worth what the whole plan is, to equity, after tax, with its conversions then" in taxed
    assert "All phases move together: a year's tax is of the whole plan and one deal pays for all phases, so" in taxed
    assert "Each date closes a deal of its own." in taxed
    assert "way back" not in taxed
    alone = told(answer(PHASES, "halls", paths=256))
    assert "whole plan" not in alone
    assert "move together" not in alone


def test_a_mine_that_is_converted_to_has_a_best_stop_for_each_date() -> None:
    stops = "A mine that a conversion builds has its best date from each start on"
    assert stops in told(answer(ANEW, "anew", paths=256))
    assert stops not in told(answer(LEASE, "lease", paths=256))


def test_the_way_back_names_its_assumptions() -> None:
    text = told(answer(PHASES, "halls", back=1e5))
    assert "at 1e+05 per gross MW" in text
    assert "the tenant may be left without a penalty" in text
    assert "That rule converts in" in text


def test_the_check_or_why_there_is_none() -> None:
    found = answer(PHASES, "halls")
    reason = found._replace(closed=Closed(reason="it is too hot"))
    assert "No closed form to check this with: it is too hot." in told(reason)
    both = found._replace(closed=Closed(last_date_only_usd=1e6, perpetual_usd=2e6))
    assert "worth 1e+06 over never if it may be done on the last date alone (Margrabe), and 2e+06" in told(both)


def test_worlds_that_do_not_count_are_told() -> None:
    drawn = "  inputs: {plans.mine.pool_fee_fraction: {distribution: uniform, low: -0.1, high: 0.5}}\n"
    found = answer(LEASE + drawn, "lease", paths=512)
    assert sum(found.undefined.values()) > 50
    assert "could not be computed, and do not count" in told(found)


def test_what_is_not_known_yet_is_only_what_is_uncertain() -> None:
    default = LEASE.split("uncertainty:")[0]
    assert "; delays, costs and defaults are not known then." in told(answer(default, "lease", paths=256))
    certain = answer(default, "lease", "uncertainty={delay_months: fixed, tenant_default: fixed}", paths=256)
    assert "; costs are not known then." in told(certain)
    assert "in the month before the decision." in told(answer(LEASE, "lease", paths=256))


def test_fleets_that_never_shut_off_have_no_note_on_it() -> None:
    fleets = answer(LEASE, "lease", paths=256)
    assert "machines that earn less than their power shut off" in told(fleets)
    running = answer(LEASE, "lease", "plans.mine.curtail=false", paths=256)
    assert "shut off" not in told(running)
