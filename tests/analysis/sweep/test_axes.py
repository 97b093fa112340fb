"""What varies: every wrong value is named, with what is wrong with it, before anything is computed."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.analysis.questions import QuestionError
from minecalc.analysis.sweep.axes import checked, doubtful, flattened, from_csv, from_options, replaced
from minecalc.analysis.sweep.cases import Axis
from minecalc.loading import read_again
from minecalc.timeline import parse_month
from tests.analysis.sweep.sweeping import POWER, PRICE, READY, RENT, SOURCE, TENANT, swept


def axes(*texts: str, zipped: bool = False) -> tuple[Axis, ...]:
    return checked(SOURCE, from_options(texts), zipped=zipped)


def values(text: str) -> list[float]:
    (axis,) = axes(text)
    assert axis.is_column
    found: list[float] = axis.values.tolist()
    return found


def test_ranges_and_lists_of_numbers() -> None:
    assert values(f"{RENT}=90:110:3") == [90.0, 100.0, 110.0]
    assert values(f"{RENT}=110:90:2") == [110.0, 90.0]
    assert values(f"{RENT} = 1e2, 90 ,1_00") == [100.0, 90.0, 100.0]
    assert values(f"{POWER}=0.04:0.08:5") == [0.04, 0.05, 0.06, 0.07, 0.08]


@pytest.mark.parametrize("zipped", [False, True])
def test_parts_that_only_together_leave_the_range(zipped: bool) -> None:
    with pytest.raises(QuestionError, match=r"btc_price_usd is 1\.08e\+06 in 2027-01; it must lie in 0\.\.1000000"):
        axes(f"{PRICE}.start=50000,90000", f"{PRICE}.scale=1,12", zipped=zipped)
    with pytest.raises(QuestionError, match=r"=30: btc_price_usd is .* in 2027-01; it must lie in 0\.\.1000000"):
        axes(f"{PRICE}.scale=1,30")


@pytest.mark.parametrize("zipped", [False, True])
def test_a_hash_price_scaled_out_of_its_range(zipped: bool) -> None:
    scale = "market.hash_price_usd_per_ph_per_day.scale"
    with pytest.raises(QuestionError, match=r"=10000: hash_price_.* in 2027-01; it must lie in 0\.\.100000"):
        axes(f"{scale}=1,1e4")
    with pytest.raises(QuestionError, match=rf"{scale} and {PRICE} together: hash_price_.* it must lie in 0\.\.100000"):
        axes(f"{scale}=1,900", f"{PRICE}=50000,1000000", zipped=zipped)


def test_the_first_wrong_one_of_many_cases_is_found_in_whatever_part() -> None:
    with pytest.raises(
        QuestionError, match=rf"^--vary {PRICE}\.scale=13\.88\d*: btc_price_usd is 1\.00003e\+06 in 2028-12"
    ):
        axes(f"{PRICE}.scale=1:30:40000")


@given(st.integers(1, 400), st.integers(2, 60))
def test_a_range_of_round_steps_has_round_numbers(start: int, count: int) -> None:
    (axis,) = axes(f"{POWER}={start / 1000}:{(start + count - 1) / 1000}:{count}")
    assert axis.values.tolist() == [(start + step) / 1000 for step in range(count)]


def test_the_ends_of_a_range_are_what_was_written() -> None:
    assert values(f"{RENT}=90.12345678901234:91.98765432109876:3")[::2] == [90.12345678901234, 91.98765432109876]


def test_months_and_whole_numbers() -> None:
    (axis,) = axes(f"{READY}=2027-04:2027-08:3")
    assert (axis.is_month, axis.is_column) == (True, True)
    assert axis.values.tolist() == [parse_month(month) for month in ("2027-04", "2027-06", "2027-08")]
    (axis,) = axes('plans."a lease".term_months=12,24')
    assert (axis.is_whole, axis.is_month, axis.values.tolist()) == (True, False, [12.0, 24.0])


def test_what_vary_does_not_take_is_read_again() -> None:
    assert axes(f"{TENANT}=true,false")[0].words == ("true", "false")
    assert axes("months=12:36:3")[0].words == ("12", "24", "36")
    assert axes("start=2027-01,2026-12")[0].words == ("2027-01", "2026-12")
    assert axes("plans.mine.stops=never,2027-06")[0].words == ("never", "2027-06")
    mapping = '"{start: 5e4, growth_fraction_per_year: 0}"'
    assert axes(f"{PRICE}={mapping},60000")[0].words == (mapping.strip('"'), "60000")


def test_paths_are_written_alike() -> None:
    spaced = " plans . 'a lease' . rent_usd_per_kw_per_month =1,2"
    assert axes(spaced)[0].path == RENT


WRONG = {
    "dots": (["site.gross_mw=40..60:5"], "--vary site.gross_mw: '40..60:5' is no range; write PATH=low:high:count or"),
    "no values": (["site.gross_mw"], "--vary site.gross_mw: this is not of the form PATH=VALUES; write PATH=low"),
    "no path": (["a..b=1,2"], "--vary: a..b is not a dotted path"),
    "an empty value": ([f"{RENT}=1,,2"], f"--vary {RENT}: a value is missing; write PATH=low:high:count or PATH=a,b,c"),
    "an open quote": (['a="b'], '--vary "b: a quote is not closed'),
    "a count": ([f"{RENT}=1:2:3.5"], f"--vary {RENT}: the count of low:high:count is 3.5; it is a whole number from 2"),
    "a count of one": ([f"{RENT}=1:2:1"], "low:high:count is 1; it is a whole number from 2 to 10,000,000"),
    "no range": ([f"{RENT}=low:high:3"], f'--vary {RENT}: "low:high" is no range of numbers or of months such as'),
    "half a range": ([f"{READY}=2027-04:5:3"], '"2027-04:5" is no range of numbers or of months'),
    "one value": ([f"{RENT}=5:5:3"], f"--vary {RENT}: low and high are the same; write {RENT}=5"),
    "months between": (
        [f"{READY}=2027-04:2027-08:4"],
        "4 values from 2027-04 to 2027-08 do not fall on whole months; 2027-04:2027-08:5 has every month",
    ),
    "out of range": (
        [f"{POWER}=0.05,45"],
        f"^--vary {POWER}=45: must lie in -1..2$",
    ),
    "all out of range": ([f"{POWER}=45,50"], "is 45; it must lie in -1..2 .the key takes USD per kWh; 45 USD per MWh"),
    "many out of range": ([f"{POWER}=0.05:50:30"], "=10.38.*: must lie in -1..2; and more$"),
    "outside the horizon": ([f"{READY}=2027-05,2099-01"], "=2099-01: lies outside the horizon, 2027-01 to 2028-12"),
    "no whole number": (['plans."a lease".term_months=12:15:3'], "term_months=13.5: a whole number is needed"),
    "an unknown key": (["site.gros_mw=1,2"], "--vary site.gros_mw=1: .*did you mean gross_mw"),
    "an unknown plan": (["plans.least.rent_usd_per_kw_per_month=1,2"], "=1: there is no plan least .*a lease"),
    "a wrong word": ([f"{TENANT}=true,maybe"], f'^--vary {TENANT}=maybe: tenant_pays_power is "maybe"; true or false'),
    "a number's word": ([f"{RENT}=90,hundred"], "rent_usd_per_kw_per_month=hundred: .* a number is needed"),
    "twice": ([f"{RENT}=1,2", f"{RENT}=3,4"], f"{RENT} varies twice; give all its values in one list"),
    "a part first": (
        [f"{PRICE}.scale=1,2", f"{PRICE}=5e4,6e4"],
        f"{PRICE} takes the place of {PRICE}.scale; vary it first",
    ),
    "too many cases": ([f"{RENT}=1:2:9999", f"{POWER}=0:1:9999"], "has 99,980,001 cases; at most 10,000,000 are"),
    "too many readings": (
        ["name=" + ",".join(f"n{number}" for number in range(1001))],
        "words make 1,001 combinations",
    ),
    "a fleet too large": (["site.gross_mw=5,6"], "site.gross_mw=5: mine needs .* 10 MW; it has 5 MW"),
}


@pytest.mark.parametrize(("texts", "message"), WRONG.values(), ids=WRONG)
def test_what_cannot_vary_is_refused_in_one_line(texts: list[str], message: str) -> None:
    with pytest.raises(QuestionError) as refused:
        axes(*texts)
    assert "\n" not in str(refused.value)
    assert re.search(message, str(refused.value))


def test_zipped_lists_have_one_length() -> None:
    assert len(axes(f"{RENT}=1,2", f"{POWER}=0.1,0.2", zipped=True)) == 2
    with pytest.raises(QuestionError, match=rf"--zip takes lists of the same length; {POWER} has 3, market.* has 2"):
        axes(f"{POWER}=0:1:3", f"{PRICE}=1,2", zipped=True)


def test_a_word_that_is_wrong_alone_may_be_right_with_others() -> None:
    small, large = ("site.gross_mw=5,12", "plans.mine.hash_rate_eh_per_s=0.4,1")
    assert axes(small, large, zipped=True)[0].values.tolist() == [5.0, 12.0]
    assert axes("site.gross_mw=5,12", "plans.mine.hash_rate_eh_per_s=0.4,1")[0].values.tolist() == [5.0, 12.0]


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    return tmp_path / "cases.csv"


def of_file(file: Path, text: str | bytes) -> tuple[Axis, ...]:
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return checked(SOURCE, from_csv(file), zipped=True)


def test_a_file_of_cases(cases: Path) -> None:
    text = '\ufeff"plans.""a lease"".rent_usd_per_kw_per_month",site.electricity_price_usd_per_kwh,'
    text += f"{READY.replace(chr(34), chr(39))}, plans.'a lease'.tenant_pays_power \r\n"
    text += "90,0.05,2027-05,true\r\n1e2, 0.06 ,2027-06,false\r\n90,0.05,2027-05,true\r\n"
    rent, power, ready, tenant = of_file(cases, text)
    assert (rent.path, power.path, ready.path, tenant.path) == (RENT, POWER, READY, TENANT)
    assert rent.values.tolist() == [90.0, 100.0, 90.0]
    assert power.values.tolist() == [0.05, 0.06, 0.05]
    assert ready.is_month
    assert (tenant.words, tenant.values.tolist()) == (("true", "false"), [0.0, 1.0, 0.0])


def test_empty_lines_at_the_end_are_no_cases(cases: Path) -> None:
    (power,) = of_file(cases, f"{POWER}\n0.1\n0.2\n\n\n")
    assert power.values.tolist() == [0.1, 0.2]


WRONG_FILES = {
    "empty": (b"", "holds no cases; write a header"),
    "only a header": (b"site.gross_mw\n", "holds no cases; write a header"),
    "a short row": (f"{POWER},{PRICE}\n0.1,5\n0.1\n", ":3:1: the row has 1 cells; the header has 2"),
    "an empty line": (f"{POWER}\n0.1\n\n0.2\n", ":3:1: the line is empty; every line up to the last is a case"),
    "semicolons": (f"{POWER};{PRICE}\n0.1;5\n", ':1:1: cells are parted by ";"; save the file with commas instead'),
    "an empty cell": (f"{POWER},{PRICE}\n0.1,5\n0.1,\n", f":3:5: {PRICE}: the cell is empty; every case needs a value"),
    "a word": (f"{POWER},{PRICE}\n0.1,5\n0.2,six\n", f':3:5: {PRICE}: "six" is no number, as the cells above it are'),
    "no month": (f"'{READY}'\n2027-05\n5\n".replace("'", ""), ':3:1: .*"5" is no month, as the cells above it are'),
    "out of range": (f"{POWER},{PRICE}\n0.1,5\n0.2,5\n9,5\n", ":4:1: must lie in -1..2"),
    "out of range, with quotes": (f'{PRICE},{POWER}\n"5","0.1"\n"5","9"\n', ":3:5: must lie in -1..2"),
    "a wrong word": (f"{POWER},{TENANT}\n0.1,true\n0.1,perhaps\n".replace('"', "'"), ":3:5: tenant_pays_power is"),
    "a bad path": (f"{POWER},a..b\n0.1,5\n", ":1:36: a..b is not a dotted path"),
    "an unknown path": ("site.gross,site.gross_mw\n1,12\n", ":2:1: .*did you mean gross_mw"),
    "a path twice": (f"{POWER},{POWER}\n1,2\n", "varies twice"),
    "a line break in a cell": (f'{POWER},{PRICE}\n0.1,"5\n6"\n', ":2:1: the row has"),
    "an open quote": (f'{POWER}\n"0.1\n', ":2:1: this is no CSV: "),
    "latin-1": (f"{POWER}\n0.1é\n".encode("latin-1"), "is not UTF-8 text; save it as CSV"),
}


@pytest.mark.parametrize(("text", "message"), WRONG_FILES.values(), ids=WRONG_FILES)
def test_a_wrong_file_is_refused_with_file_line_and_column(text: str | bytes, message: str, cases: Path) -> None:
    with pytest.raises(QuestionError, match=message) as refused:
        of_file(cases, text)
    assert str(refused.value).startswith(str(cases)) or "varies twice" in message
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match=r"none.csv cannot be read: No such file or directory"):
        from_csv(tmp_path / "none.csv")


def test_too_many_words_in_a_file(cases: Path) -> None:
    with pytest.raises(QuestionError, match=r":1002:1: name: there are more than 1,000 different words"):
        of_file(cases, "name\n" + "".join(f"n{number}\n" for number in range(1002)))


def test_cases_that_could_be_no_scenario_are_found_at_the_corners() -> None:
    small = swept("site.gross_mw=5,12", "plans.mine.hash_rate_eh_per_s=0.4,1")
    ((case, why),) = doubtful(small)
    assert (case, why.partition(" = ")[0]) == (1, "mine needs 1 EH/s x 10 J/TH x PUE 1")
    large = swept("site.gross_mw=5:12:10", "plans.mine.hash_rate_eh_per_s=0.4:1:10")
    assert [case for case, _ in doubtful(large)] == [9]
    assert doubtful(swept(f"{RENT}=90:100:100")) == []
    megawatts, rates = np.full(100, 12.0), np.full(100, 0.4)
    megawatts[37], rates[37:] = 5.0, 1.0
    texts = [
        f"site.gross_mw={','.join(map(str, megawatts))}",
        f"plans.mine.hash_rate_eh_per_s={','.join(map(str, rates))}",
    ]
    assert [case for case, _ in doubtful(swept(*texts, zipped=True))] == [37]


def test_cases_that_are_ready_after_the_horizon_are_told() -> None:
    found = doubtful(swept('plans."a lease".conversion.delay_months=0,19,20,30'))
    assert [case for case, _ in found] == [2, 3], "the last of 24 months is 2028-12"
    assert found[0][1].startswith("a lease: 20 months late, it is ready in 2029-01, after the horizon, which ends with")


def test_a_course_over_time_that_a_value_replaces_is_told() -> None:
    scenario = read_again(SOURCE).scenario
    assert scenario is not None
    assert flattened(scenario, swept(f"{PRICE}=1e5,2e5", f"{RENT}=1,2").axes) == [(PRICE, f"{PRICE}.scale")]
    assert flattened(scenario, swept(f"{PRICE}.start=1e5,2e5").axes) == []


def test_inputs_that_a_sweep_takes_the_place_of_are_named() -> None:
    hash_price = "market.hash_price_usd_per_ph_per_day"
    assert replaced(swept(f"{hash_price}=30,40")) == [f"{hash_price} replaces {PRICE}"]
    assert replaced(swept(f"{PRICE}=1e5,2e5")) == []
