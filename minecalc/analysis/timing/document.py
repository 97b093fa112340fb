"""The value of waiting as people read it: whether to wait, for what, what that is worth, and when it converts."""

from __future__ import annotations

from collections.abc import Iterator

from minecalc.analysis.bridge import BLOCKS_MOST, ENDS, Shutting, caption, known_digits, table, told
from minecalc.analysis.timing.answer import TimingNumbers
from minecalc.analysis.timing.notes import notes
from minecalc.analysis.timing.project import converting
from minecalc.analysis.timing.records import data, flat, without_answer
from minecalc.analysis.timing.solved import BOUNDS, FIXED, NEVER, NOW, RULE, TRIGGER, UPPER, WAYS, Dates, Solved, Worth
from minecalc.analysis.timing.walk import BASELINE, BEST, PHASES, changes
from minecalc.analysis.timing.words import Words, fixed, in_short, way_label, when
from minecalc.corners import UNLEVERED, WORDS
from minecalc.document import Block, Cell, Column, Document, Note, Phrase, Table, Text, Tone, Value
from minecalc.figures.labels import plan_called
from minecalc.randomness.streams import BLOCK_PATHS
from minecalc.scenario import Scenario
from minecalc.statistics.estimates import Estimate

#: A gain of fewer errors than this is not told from nothing.
_TOLD_ERRORS = 2.0


def document(answer: TimingNumbers) -> Document:
    """The whole answer."""
    title = f"{answer.scenario.name}: the value of waiting with {answer.project.plan.name}"
    return Document(title, list(_blocks(answer)), flat(answer), data(answer))


def unanswered(scenario: Scenario, reason: str) -> Document:
    """What is said where nothing can wait, and why."""
    sentence = f"{reason[0].upper()}{reason[1:]}."
    title = f"{scenario.name}: the value of waiting"
    return Document(title, [Note(sentence, "headline")], flat(None), without_answer(scenario, reason))


def _blocks(answer: TimingNumbers) -> Iterator[Block]:
    yield Note(_headline(answer), "headline")
    yield _ways(answer)
    yield from _walk(answer)
    yield _triggers(answer)
    yield _by_date(answer)
    yield from notes(answer)


def _is_told(gain: Estimate) -> bool:
    """Whether a gain is above zero by more than its error may make it."""
    return gain.number is not None and gain.error is not None and gain.number > _TOLD_ERRORS * gain.error


def _headline(answer: TimingNumbers) -> Phrase:
    """What to do, what that is worth beside now and never, how often it converts, and what ``compare`` says of now."""
    return [*_advice(answer), *_compared(answer), "."]


def _advice(answer: TimingNumbers) -> Words:
    whole, phases, plan = answer.whole, answer.by_phase, _called(answer)
    over_never = whole.ways[NOW].over_never
    never: Words = [" (", *_in_all(whole.ways[NEVER].npv), ")"]
    lost = (over_never.number or 0.0) < 0.0  # to convert now is worth less than never
    than: Words = [" than to convert now, which is worth ", *_more(over_never), " than never", *never]
    if lost:
        than = [" than never to convert", *never, "; now is worth ", *_more(over_never)]
    if phases is not None and _is_told(phases.added) and _is_told(_gain(phases.worth, lost)):
        words: Words = [f"Deciding {plan} phase by phase is worth ", *_more(_gain(phases.worth, lost)), *than]
        for number, phase in enumerate(phases.phases):
            words += [";" if number else ":", f" {phase.name} ", *_rule(answer, phase)]
        return words
    gain, most = _gain(whole.ways[whole.best], lost), _gain(whole.ways[UPPER], lost)
    if not _is_told(gain):
        none: Words = [", and no rule is worth more than ", known_digits(most), " above that"]
        if lost:
            words = [
                f"Do not convert to {plan}, now or later: now is worth ",
                *_more(over_never),
                " than never",
                *never,
            ]
            return [*words, *none]
        later = max(whole.by_date[1:], key=lambda each: each.npv.number or 0.0)
        words = [
            f"Do not wait with {plan}: to convert now is worth ",
            *_more(over_never),
            " than never",
            *never,
            " and ",
        ]
        return [*words, *_more(_less(later.over_now)), " than on the best fixed later date", *none]
    words = [f"Waiting with {plan} is worth ", *_more(gain), *than]
    if whole.best == FIXED:
        return [*words, ": convert ", *fixed(answer.project, whole), ", whatever the market does until then"]
    return [*words, ": convert ", *_rule(answer, whole)]


def _called(answer: TimingNumbers) -> str:
    """The plan, and whose worth is meant after what."""
    return plan_called(answer.scenario, answer.project.plan.name)


def _compared(answer: TimingNumbers) -> Words:
    """What ``compare`` says of converting now, and what moves the mean of the worlds away from it."""
    plan, baseline = answer.project.plan.name, answer.scenario.baseline_plan.name
    walked = changes(answer.steps)
    if plan == baseline or not walked:
        return []
    lead = walked[0].usd.number or 0.0
    than: Words = [Value(abs(lead), "usd"), f" {'ahead of' if lead >= 0.0 else 'behind'} {baseline}"]
    if answer.told != plan and answer.told not in converting(answer.scenario):
        than += [f" (compare tells of {answer.told}, which has no conversion)"]
    if walked[1].name == BASELINE:  # what moves it is over never, which is another plan than the baseline
        return ["; as the scenario stands, now is ", *than]
    steps = told(walked, 1, Shutting("mining on", is_other_side=True))
    return ["; as the scenario stands, now is ", *than, *([": ", *steps] if steps else [])]


def _in_all(npv: Estimate) -> Words:
    """What never is worth, with its sign."""
    return ["-" if (npv.number or 0.0) < 0.0 else "", known_digits(npv)]


def _gain(worth: Worth, lost: bool) -> Estimate:
    """What a way is worth more than the better of to convert now and never to."""
    return worth.over_never if lost else worth.over_now


def _rule(answer: TimingNumbers, solved: Solved) -> Words:
    """When to convert, in the best way there is, as far as it can be said in a few words."""
    lost = (solved.ways[NOW].over_never.number or 0.0) < 0.0
    if solved.best not in (TRIGGER, RULE) or not _is_told(_gain(solved.ways[solved.best], lost)):
        return fixed(answer.project, solved)
    earned = solved.captured_fraction
    if earned is None or earned <= 0.0:
        return ["by the fitted rule, which no plain trigger comes near", *_converting(answer, solved.dates[RULE])]
    words = [*when(answer.project, answer.states, solved), *_converting(answer, solved.dates[TRIGGER])]
    return (
        words
        if solved.best == TRIGGER
        else [*words, f", a trigger that earns {earned:.0%} of what the rule adds to fixed dates"]
    )


def _converting(answer: TimingNumbers, dates: Dates) -> Words:
    """In how many worlds it converts, and when."""
    words: Words = [" (in ", known_digits(_converts(dates), "fraction"), " of worlds"]
    if dates.median_months is not None:
        words.append(f", half of all by {answer.project.label(dates.median_months)}")
    return [*words, ")"]


def _converts(dates: Dates) -> Estimate:
    """The share of worlds in which it converts at all."""
    never = dates.never
    low, high = (None if end is None else 1.0 - end for end in (never.high, never.low))
    bound = None if never.bound is None else 1.0 - never.bound
    share = None if never.number is None else 1.0 - never.number
    return Estimate(share, never.error, low, high, never.paths, bound)


def _share(estimate: Estimate) -> Value:
    return estimate.value("fraction")


def _less(estimate: Estimate) -> Estimate:
    """The estimate with the other sign."""
    return estimate._replace(number=None if estimate.number is None else -estimate.number)


def _more(estimate: Estimate) -> Words:
    """An amount as so much more or less."""
    if estimate.number is None or estimate.error is None:
        return [estimate.value("usd")]
    return [known_digits(estimate), " more" if estimate.number >= 0.0 else " less"]


def _money(estimate: Estimate) -> Value:
    number = estimate.number
    tone: Tone = "plain" if not number else "good" if number > 0.0 else "bad"
    return estimate.value("usd", tone)


def _row(label: str, worth: Worth) -> list[Cell]:
    return [Text(label), *map(_money, worth)]


def _ways(answer: TimingNumbers) -> Table:
    """Each way of choosing the time, what it is worth, and what no way can be worth more than."""
    columns = [Column("way", "", "left"), Column("npv_usd", "NPV", errors=True)]
    columns += [Column("over_now_usd", "Over now", errors=True), Column("over_never_usd", "Over never", errors=True)]
    whole, phases = answer.whole, answer.by_phase
    rows = [_row(way_label(way, answer.project, whole), whole.ways[way]) for way in WAYS]
    sections = [len(rows)]
    if phases is not None:
        rows.append(_row("Phase by phase, in the best way", phases.worth))
    if answer.back is not None:
        rows.append(_row("In the best way, and back again", answer.back.worth))
    if len(rows) > len(WAYS):
        sections.append(len(rows))
    rows += [_row(way_label(way, answer.project, whole), whole.ways[way]) for way in BOUNDS]
    if phases is not None:
        rows.append(_row("Phase by phase no rule is above", phases.upper))
    if answer.back is not None:
        rows.append(_row("With the way back no rule is above", answer.back.upper))
    caption = (
        f"NPV at the scenario's rate{_after(answer)}. Rules are made on other worlds than they are valued on. ± is one "
        "standard error; differences are of the same worlds."
    )
    return Table("", columns, rows, sections, caption)


def _after(answer: TimingNumbers) -> str:
    """Whose worth it is after what, as compare says it; nothing before debt and tax."""
    corner = answer.project.corner
    return "" if corner == UNLEVERED else f", {WORDS[corner]}"


def _walk(answer: TimingNumbers) -> Iterator[Table]:
    """From what compare says of converting now to the best way to choose the time."""
    if len(changes(answer.steps)) <= len(ENDS):
        return
    labels = {
        BASELINE: f"Beside never, not {answer.scenario.baseline_plan.name}",
        NOW: way_label(NOW, answer.project, answer.whole),
        FIXED: way_label(FIXED, answer.project, answer.whole),
        RULE: "The rule",
        PHASES: "Phase by phase",
        BEST: "In the best way",
    }
    paths = min(answer.asked.paths, BLOCKS_MOST * BLOCK_PATHS)
    about = caption(answer.world.uncertain, paths, answer.steps)
    yield table("From what compare says to the best way", {"Over never": answer.steps}, about, labels, levels=(NOW,))


def _triggers(answer: TimingNumbers) -> Table:
    """The plain trigger of the plan and of each phase, and what it does."""
    columns = [Column("what", "", "left")] if answer.by_phase else []
    columns += [Column("when", "Trigger: convert", "left"), Column("over_now_usd", "Over now", errors=True)]
    columns += [Column("converts_fraction", "Converts in"), Column("median_month", "Median", "left")]
    rows: list[list[Cell]] = []
    for solved in (answer.whole, *(() if answer.by_phase is None else answer.by_phase.phases)):
        dates, trigger = solved.dates[TRIGGER], solved.ways[TRIGGER]
        median = "" if dates.median_months is None else answer.project.label(dates.median_months)
        name: list[Cell] = [Text(solved.name or "all at once")] if answer.by_phase else []
        words = in_short(answer.project, answer.states, solved)
        cells: list[Cell] = [Text(words), _money(trigger.over_now), _share(_converts(dates)), Text(median)]
        rows.append([*name, *cells])
    return Table("", columns, rows)


def _by_date(answer: TimingNumbers) -> Table:
    """What each date is worth if it is fixed today, and how often the rules convert on it."""
    whole, phases = answer.whole, () if answer.by_phase is None else answer.by_phase.phases
    columns = [Column("month", "Decided", "left")]
    columns.append(Column("over_now_usd", "Fixed today, over now", errors=True))
    columns.append(Column("rule_fraction", "Rule: all at once" if phases else "By the rule"))
    columns += [Column(f"{phase.name}_fraction", f"Rule: {phase.name}") for phase in phases]
    months = sorted({month for solved in (whole, *phases) for month in solved.months})
    rows: list[list[Cell]] = []
    for month in months:
        row: list[Cell] = [Text(answer.project.label(month))]
        row.append(_money(whole.by_date[whole.months.index(month)].over_now) if month in whole.months else Text(""))
        for solved in (whole, *phases):
            shares = solved.dates[RULE].shares
            row.append(_some(shares[solved.months.index(month)]) if month in solved.months else Text(""))
        rows.append(row)
    never: list[Cell] = [Text("never"), _money(whole.ways[NEVER].over_now)]
    never += [_some(solved.dates[RULE].never) for solved in (whole, *phases)]
    caption = "Decided at the start of the month; the rule's columns are shares of worlds."
    return Table("When it converts", columns, [*rows, never], [len(rows)], caption)


def _some(share: Estimate) -> Cell:
    """A share, or nothing where it is surely none."""
    return Text("") if share.number == 0.0 and share.error == 0.0 else _share(share)
