"""Break-evens as people read them: the answer in a sentence, a table, the gap at the ends, and how to set it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from minecalc.analysis.breakeven.answer import Record, axis, frontier, frontiers, head, solved
from minecalc.analysis.breakeven.document import document
from minecalc.document import Chart, Document, Note, Table, Text, Value
from minecalc.loading import load, read
from minecalc.reports import render
from minecalc.scenario import Scenario
from minecalc.scenario.movables import movable
from minecalc.solving.gap import Question
from tests.by_hand import CONVERSION, LEASE, MINER
from tests.cli.running import TEXAS
from tests.solving.test_solve import POWER, RIVAL, scenario_of, two_slopes, with_jump

KEEP, LEASING, CLOUDY, HALF = "keep mining", "lease to an AI tenant", "rent out GPUs", "half and half"
CASES = Path(__file__).parents[2] / "cases"
BTC = "market.btc_price_usd"
RATE = f'plans."{CLOUDY}".lease_usd_per_gpu_hour'
ALL = [Question(name, KEEP) for name in (LEASING, CLOUDY, HALF)]


def shown(record: Record) -> Document:
    return document(head(load(TEXAS), read(TEXAS)) | record)


def screen(record: Record, width: int = 100) -> str:
    text = render(shown(record), "terminal", width=width)
    assert isinstance(text, str)
    return text


def headline(record: Record) -> str:
    """The sentence that comes first, on one line."""
    return " ".join(screen(record).split("\n\n")[0].split())


def tables(record: Record) -> dict[str, Table]:
    return {block.title: block for block in shown(record).blocks if isinstance(block, Table)}


def line(
    scenario: Scenario, path: str, questions: list[Question], by: str, ends: tuple[float, float], points: int
) -> Record:
    of = movable(scenario, by)
    values = axis(of, *ends, points)
    return frontiers(scenario, [frontier(scenario, path, question, of, values) for question in questions])


def test_the_headline_answers_for_every_plan() -> None:
    assert headline(solved(load(TEXAS), BTC, ALL)) == (
        "lease to an AI tenant and keep mining are worth the same at BTC price $400k (6.35x now); rent out GPUs: no "
        "break-even in BTC price: rent out GPUs stays behind keep mining from 0 to 1,000,000 USD (-$331M at one end, "
        "-$1.09B at the other); half and half and keep mining are worth the same at BTC price $96,106 (1.53x now)."
    )


def test_a_target_a_step_two_roots_and_a_stretch_in_words() -> None:
    target = solved(load(TEXAS), RATE, [Question(CLOUDY, None, "irr_fraction_per_year", 0.12)])
    assert headline(target) == (
        "rent out GPUs reaches IRR 12.0% at GPU-hour rate (rent out GPUs) 1.57x the path ($2.60 to $4.09 in 2027-01; "
        "$3.16 if flat)."
    )
    conversion = CONVERSION | {"starts": "2027-01", "ready": "2027-01", "capex_usd_per_critical_mw": 450_000}
    leases = scenario_of(LEASE, LEASE | {"rent_usd_per_kw_per_month": 130, "conversion": conversion})
    step = solved(leases, "plans.rival.conversion.delay_months", [RIVAL])
    assert headline(step) == "rival: NPV gap is $50,000 at Delay (rival) 2 mo and -$600k at 3 mo."
    date = solved(leases, "plans.rival.conversion.ready", [RIVAL])
    assert headline(date) == "rival: NPV gap is $50,000 at Conversion ready (rival) 2027-03 and -$600k at 2027-04."
    roots = headline(solved(two_slopes(7e6), POWER, [RIVAL]))
    assert re.search(
        r"at Electricity price \(site\) 3\.\d\d c/kWh \(0\.\d+x now\) and 24\.3 c/kWh \(4\.86x now\); "
        r"rival is ahead between 3\.\d\d c/kWh and 24\.3 c/kWh\.$",
        roots,
    )
    stretch = headline(solved(scenario_of(MINER, MINER | {"hash_rate_eh_per_s": 0.5}), POWER, [RIVAL]))
    assert (
        "worth the same at Electricity price (site) 8.33 c/kWh (1.67x now) and everything above; rival is " in stretch
    )


def test_every_step_is_in_the_headline_and_is_no_value_at_which_plans_are_level() -> None:
    record = solved(load(TEXAS), BTC, ALL[:1])
    plan = record["plans"][0]
    level = plan["answers"][0]
    step = level | {"kind": "step", "value": 2.0, "beyond": 3.0, "figure_there": 5e4, "figure_beyond": -6e5}
    told = "lease to an AI tenant: NPV gap is $50,000 at BTC price $2.00 and -$600k at $3.00"
    several = record | {"plans": [plan | {"answers": [step, level, step]}]}
    assert headline(several) == (
        f"lease to an AI tenant and keep mining are worth the same at BTC price $400k (6.35x now); {told}; {told}."
    )


def test_a_stretch_goes_to_its_end_or_on_for_ever_and_the_rest_says_who_is_ahead() -> None:
    record = solved(load(TEXAS), BTC, ALL[:1])
    plan = record["plans"][0]
    level = plan["answers"][0] | {"kind": "stretch"}

    def told(beyond: float, *signs: int | None) -> str:
        below = level | {"beyond": beyond, "sign_below": signs[0], "sign_above": signs[1]}
        return headline(record | {"plans": [plan | {"answers": [below]}]}).partition("BTC price $400k (6.35x now) ")[2]

    assert told(0.0, None, -1) == "and everything below; lease to an AI tenant is ahead nowhere."
    assert told(2.0, 1, 1) == "down to $2.00; lease to an AI tenant is ahead below $2.00 and above $400k."
    assert told(5e5, -1, 1) == "up to $500k; lease to an AI tenant is ahead above $500k."
    assert told(1e6, 1, None) == "and everything above; lease to an AI tenant is ahead below $400k."


def test_a_delay_that_is_worth_money_says_by_which_flow() -> None:
    record = solved(load(TEXAS), f'plans."{CLOUDY}".conversion.delay_months', ALL)
    told = " ".join(screen(record).split())
    assert "Delay (rent out GPUs): a delay of 103 months instead of 24 raises the plan's NPV by" in told
    assert record["plans"][0]["note"] is not None
    assert all(plan["note"] is None for plan in solved(load(TEXAS), BTC, ALL)["plans"])


def test_the_table_says_who_gains_and_by_how_much() -> None:
    found = tables(solved(load(TEXAS), BTC, ALL))
    answers = found["BTC price at which a plan is worth as much as keep mining"]
    assert [column.title for column in answers.columns] == [
        "Plan",
        "Break-even",
        "Over now",
        "Gap per USD",
        "A rise helps",
    ]
    assert len(answers.rows) == 3
    text = screen(solved(load(TEXAS), BTC, ALL))
    assert re.search(r"lease to an AI tenant +\$400k +6\.35x +-\$838 +keep mining\n", text)
    assert re.search(r"rent out GPUs +n/a \[1\]", text)
    ends = found["At the ends of the range"]
    assert [next(cell.number for cell in row if isinstance(cell, Value)) for row in ends.rows] == [
        0,
        63_001,
        pytest.approx(1e6),
    ]
    assert re.search(r"- --set 'market\.btc_price_usd\.scale=6\.35460326\d+'", text)


def test_a_step_has_both_neighbours_and_a_stretch_both_ends() -> None:
    conversion = CONVERSION | {"starts": "2027-01", "ready": "2027-01", "capex_usd_per_critical_mw": 460_000}
    leases = scenario_of(LEASE, LEASE | {"rent_usd_per_kw_per_month": 130, "conversion": conversion})
    tie = screen(solved(leases, "plans.rival.conversion.delay_months", [RIVAL]))
    assert re.search(r"Plan +Last as now +It is then +Next +And then\n.*\nrival +2 mo +\$0 +2 mo +\$0\n", tie)
    stretch = screen(solved(scenario_of(MINER, MINER | {"hash_rate_eh_per_s": 0.5}), POWER, [RIVAL]))
    assert re.search(r"Break-even +Level to +Over now", stretch)
    assert re.search(r"rival +8\.33 c/kWh +200 c/kWh +1\.67x", stretch)


def test_a_jump_is_a_warning_and_so_is_a_second_answer_that_would_be_refused() -> None:
    jump = " ".join(screen(solved(with_jump(), "market.hash_price_usd_per_ph_per_day", [RIVAL])).split())
    assert re.search(
        r"! rival: the order changes in a jump at \$36\.7: -?\$\S+ on one side, -?\$\S+ on the other", jump
    )
    assert "no value between makes it level" in jump
    refused = solved(load(TEXAS), f'plans."{KEEP}".hash_rate_eh_per_s', [ALL[1]])
    assert not [block for block in shown(refused).blocks if isinstance(block, Note) and block.kind == "warning"]
    with_another = refused | {
        "plans": [refused["plans"][0] | {"answers": solved(load(TEXAS), BTC, ALL[:1])["plans"][0]["answers"]}]
    }
    assert "! rent out GPUs: level at 16.9 EH/s, which is refused: keep mining needs" in screen(with_another)


def test_plans_that_nothing_moves_are_named() -> None:
    assert "\nIt moves nothing of lease to an AI tenant, half and half.\n" in screen(solved(load(TEXAS), RATE, ALL))


@pytest.fixture(scope="module")
def curve() -> Record:
    return line(load(TEXAS), BTC, ALL, POWER, (0.02, 0.08), 40)


def test_a_frontier_is_a_chart_and_a_table_of_some_rows(curve: Record) -> None:
    chart = next(block for block in shown(curve).blocks if isinstance(block, Chart))
    assert chart.title == "BTC price (up) by Electricity price (site) (across), where level"
    assert [series.name for series in chart.series] == [LEASING, CLOUDY, HALF]
    assert (len(chart.labels), chart.labels[0], chart.labels[-1], chart.unit) == (40, "2.00 c/kWh", "8.00 c/kWh", "usd")
    assert all(number is None for number in chart.series[1].values)
    table = tables(curve)["BTC price at which a plan is worth as much as keep mining"]
    assert (len(table.rows), len({id(row) for row in table.rows})) == (21, 21)
    assert "21 of 40 rows; csv and json hold all." in table.caption
    assert len(shown(curve).records.rows) == 3 * 40
    assert headline(curve).startswith("lease to an AI tenant is level at BTC price $")
    assert "; rent out GPUs: no break-even in BTC price at any Electricity price (site) looked at; " in headline(curve)


def test_a_frontier_of_one_point_and_of_a_target_in_words() -> None:
    alone = line(load(TEXAS), BTC, ALL[:1], "site.gross_mw", (25, 50), 2)
    assert headline(alone) == (
        "lease to an AI tenant is level at BTC price $400k where Gross MW (site) is 50.0 MW (at 1 of 2 values nowhere)."
    )
    target = line(load(TEXAS), RATE, [Question(CLOUDY, None, "npv_usd", 0.0)], POWER, (0.04, 0.05), 2)
    assert headline(target).startswith("rent out GPUs meets its target at GPU-hour rate (rent out GPUs) $")


def test_a_frontier_of_dates_is_a_table_alone() -> None:
    by_rate = line(load(TEXAS), f'plans."{CLOUDY}".conversion.ready', ALL, RATE, (2, 6), 5)
    assert not [block for block in shown(by_rate).blocks if isinstance(block, Chart)]
    assert re.search(r"\n\$6\.00 +2033-06\n", screen(by_rate))
    assert "Conversion ready (rent out GPUs) moves nothing of lease to an AI tenant, half and half." in screen(by_rate)
    assert headline(by_rate).endswith("(at 2 of 5 values nowhere).")
    by_date = line(load(TEXAS), RATE, [ALL[1]], f'plans."{CLOUDY}".conversion.ready', (24_330, 24_341), 12)
    chart = next(block for block in shown(by_date).blocks if isinstance(block, Chart))
    assert chart.labels[0] == "2027-07"


@pytest.mark.parametrize("width", [80, 120])
def test_screens_fit(curve: Record, width: int) -> None:
    for record in (
        curve,
        solved(load(TEXAS), BTC, ALL),
        solved(with_jump(), "market.hash_price_usd_per_ph_per_day", [RIVAL]),
    ):
        assert max(map(len, screen(record, width).splitlines())) <= width


def test_rows_are_flat_and_complete() -> None:
    record = solved(load(TEXAS), BTC, ALL)
    rows = shown(record).records
    keys = [column.key for column in rows.columns]
    assert len(rows.rows) == 3, "a plan without an answer has a row too"
    by_key = dict(zip(keys, rows.rows[1], strict=True))
    assert by_key["plan"] == Text(CLOUDY)
    text = render(shown(record), "csv", width=100)
    assert isinstance(text, str)
    assert text.splitlines()[0].split(",") == keys
    assert "root" in text
    assert "none" in text
    assert shown(record).data["format"] == "minecalc.breakeven/1"


def test_beside_a_shift_stands_the_scale_that_would_do() -> None:
    record = solved(load(CASES / "price-crosses-zero.yaml"), POWER, [Question("off", "mine")])
    assert headline(record) == (
        "off and mine are worth the same at Electricity price (site) shifted by 3.02 c/kWh in all months "
        "(3.00 c/kWh to 6.02 c/kWh in 2027-01; 4.76 c/kWh if flat)."
    )
    (row,) = record["scaled"]
    assert (row["value"], row["scale"]) == (pytest.approx(0.0821, abs=5e-5), pytest.approx(2.737, abs=5e-4))
    told = " ".join(screen(record).split())
    assert "level at 8.21 c/kWh (2.74x): --set 'site.electricity_price_usd_per_kwh.scale=2.73716'." in told
    assert solved(load(TEXAS), BTC, ALL)["scaled"] == []
