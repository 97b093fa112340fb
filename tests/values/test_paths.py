"""Values over time: each written form by hand, what is refused, and columns in their parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.timeline import Timeline, parse_month
from minecalc.values import forms
from minecalc.values.forms import Wants
from minecalc.values.paths import ValueOverTime
from minecalc.values.shapes import Constant, Growth, Unstated
from tests.randomly import randomly

PRICE = Wants("price_usd", 0, 1000)
TIMELINE = Timeline(parse_month("2027-01"), 6)


def read(data: Any, folder: Path = Path()) -> ValueOverTime:
    form, problems = forms.read(data, folder, PRICE)
    assert form is not None, problems
    return ValueOverTime(form.shape, form.scale, shift=form.shift)


def months(value: ValueOverTime) -> list[float]:
    """The value of each month; a constant has one row for all."""
    return [float(x) for x in np.broadcast_to(value.values(TIMELINE), (TIMELINE.months, 1))[:, 0]]


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (7, [7, 7, 7, 7, 7, 7]),
        ({"value": 7, "scale": 2}, [14] * 6),
        ({"start": 8, "growth_fraction_per_year": 0}, [8] * 6),
        ({"start": 8, "growth_fraction_per_year": 3}, [8 * 4 ** (k / 12) for k in range(6)]),
        ({"steps": {"2027-03": 5, "2027-05": 9}}, [5, 5, 5, 5, 9, 9]),
        ({"steps": {"2027-05": 9, "2026-11": 5, "2030-01": 1}}, [5, 5, 5, 5, 9, 9]),
        ({"steps": {"2027-03": 5}, "scale": 0.5}, [2.5] * 6),
        ({"points": {"2027-02": 10, "2027-05": 40}}, [10, 10, 20, 30, 40, 40]),
        ({"points": {"2026-12": 0, "2027-12": 120}, "scale": 0.1}, [1, 2, 3, 4, 5, 6]),
        ({"points": {"2027-04": 3}}, [3] * 6),
        ({"steps": {"2027-01": 5, "2027-04": 9}, "shift": 1.5}, [6.5, 6.5, 6.5, 10.5, 10.5, 10.5]),
        ({"value": 7, "scale": 2, "shift": -3}, [11] * 6),
        ({"start": 8, "growth_fraction_per_year": 0, "shift": 2, "scale": 3}, [26] * 6),
    ],
)
def test_each_form_by_hand(data: Any, wanted: list[float]) -> None:
    assert months(read(data)) == pytest.approx(wanted, rel=1e-14)


def test_growth_is_the_same_bits_as_a_number_and_as_a_column_and_nobody_writes_into_what_is_kept() -> None:
    alone = read({"start": 3, "growth_fraction_per_year": 0.17})
    column = alone.with_part("growth_fraction_per_year", np.array([0.17, 0.4]))
    kept = alone.values(TIMELINE)
    assert kept.tobytes() == column.values(TIMELINE)[:, :1].tobytes()
    kept[:] = 0.0
    assert alone.values(TIMELINE).tobytes() == column.values(TIMELINE)[:, :1].tobytes()


def test_growth_of_a_whole_year_is_exact() -> None:
    year = Timeline(TIMELINE.start, 25)
    values = read({"start": 100, "growth_fraction_per_year": 0.5}).values(year)[:, 0]
    assert values[[0, 12, 24]].tolist() == [100, 150, 225]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("x\n1\n2\n3\n", [1, 2, 3, 3, 3, 3]),
        ("month,x\n2026-11,9\n2026-12,8\n2027-01,7\n2027-02,6\n", [7, 6, 6, 6, 6, 6]),
        ("month,x\n2027-03,5\n2027-04,4\n", [5, 5, 5, 4, 4, 4]),
        ("\ufeffy,x\r\na,1\r\nb,2\r\n", [1, 2, 2, 2, 2, 2]),
    ],
)
def test_a_csv_file_has_one_value_a_month_held_at_its_ends(text: str, wanted: list[float], tmp_path: Path) -> None:
    (tmp_path / "path.csv").write_text(text, encoding="utf-8", newline="")
    assert months(read({"csv": "path.csv", "column": "x"}, tmp_path)) == wanted
    assert months(read({"csv": "path.csv", "column": "x", "scale": 2}, tmp_path)) == [2 * x for x in wanted]


@pytest.mark.parametrize(
    ("data", "code", "at"),
    [
        (1001, "out-of-range", ()),
        ("7", "not-a-number", ()),
        ({"value": -1}, "out-of-range", ("value",)),
        ({"start": 1}, "missing-key", ()),
        ({"start": 1, "growth_fraction_per_year": -1}, "out-of-range", ("growth_fraction_per_year",)),
        ({"start": 1, "growth_fraction_per_yaer": 0}, "unknown-key", ("growth_fraction_per_yaer",)),
        ({"start": 1, "growth_fraction_per_year": 0, "steps": {"2027-01": 1}}, "unknown-key", ("steps",)),
        ({"steps": {}}, "wrong-type", ("steps",)),
        ({"steps": [1, 2]}, "wrong-type", ("steps",)),
        ({"steps": {"2027-1": 3}}, "bad-month", ("steps", "2027-1")),
        ({"points": {"2027-01": 3, "2027-02": 2000}}, "out-of-range", ("points", "2027-02")),
        ({}, "wrong-type", ()),
        ({"scale": "big", "value": 1}, "not-a-number", ("scale",)),
        ({"shift": "far", "value": 1}, "not-a-number", ("shift",)),
        ({"shift": 1e19, "value": 1}, "out-of-range", ("shift",)),
        ({"csv": "none.csv", "column": "x"}, "missing-file", ("csv",)),
        ({"csv": "bad.csv"}, "missing-key", ()),
        ({"csv": "bad.csv", "column": "z"}, "missing-column", ("column",)),
        ({"csv": "bad.csv", "column": "word"}, "bad-csv", ("csv",)),
        ({"csv": "bad.csv", "column": "nan"}, "bad-csv", ("csv",)),
        ({"csv": "bad.csv", "column": "large"}, "out-of-range", ("csv",)),
        ({"csv": "gap.csv", "column": "x"}, "bad-csv", ("csv",)),
        ({"csv": "odd.csv", "column": "x"}, "bad-csv", ("csv",)),
        ({"csv": "empty.csv", "column": "x"}, "bad-csv", ("csv",)),
        ({"csv": "latin.csv", "column": "x"}, "bad-csv", ("csv",)),
        ({"csv": 5, "column": "x"}, "wrong-type", ("csv",)),
    ],
)
def test_what_is_no_value_over_time_is_refused(data: Any, code: str, at: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("word,nan,large\nhello,nan,5000\n")
    (tmp_path / "gap.csv").write_text("month,x\n2027-01,1\n2027-03,2\n")
    (tmp_path / "odd.csv").write_text("month,x\nJan 2027,1\n")
    (tmp_path / "empty.csv").write_text("x\n")
    (tmp_path / "latin.csv").write_bytes("x\n1\n# März\n".encode("latin-1"))
    value, problems = forms.read(data, tmp_path, PRICE)
    assert value is None
    assert (code, at) in [(problem.code, tuple(problem.at)) for problem in problems]


def test_every_problem_of_a_value_is_told_at_once() -> None:
    data = {"steps": {"2027-13": 1, "2027-01": 5000, "2027-02": "x"}}
    _, problems = forms.read(data, Path(), PRICE)
    assert [problem.code for problem in problems] == ["bad-month", "out-of-range", "not-a-number"]


def test_a_scale_alone_waits_for_the_default() -> None:
    value = read({"scale": 1.5})
    assert isinstance(value.shape, Unstated)
    with pytest.raises(TypeError):
        value.values(TIMELINE)


def test_parts_can_be_replaced_by_numbers_and_columns() -> None:
    value = read({"start": 8, "growth_fraction_per_year": 0.1})
    column = np.array([1.0, 2.0, 4.0])
    assert value.with_part("shift", column).values(TIMELINE).shape == (6, 3)
    assert value.with_part("scale", column).values(TIMELINE).shape == (6, 3)
    assert value.with_part("start", column).values(TIMELINE)[0].tolist() == [1, 2, 4]
    assert value.with_part("growth_fraction_per_year", column).values(TIMELINE)[0].tolist() == [8, 8, 8]
    assert read(5).with_part("value", 6.0) == ValueOverTime(Constant(6.0))
    for form, part in (({"points": {"2027-01": 1}}, "start"), (5, "growth_fraction_per_year"), ({"value": 2}, "start")):
        with pytest.raises(KeyError):
            read(form).with_part(part, 1.0)


@randomly(30)
@given(
    starts=st.lists(st.floats(0, 1000), min_size=2, max_size=9),
    growths=st.lists(st.floats(-0.99, 10), min_size=2, max_size=9),
)
def test_a_column_is_its_values_one_by_one(starts: list[float], growths: list[float]) -> None:
    start, growth = np.array(starts), np.resize(growths, len(starts))
    table = ValueOverTime(Growth(start, growth)).values(TIMELINE)
    for i in range(len(starts)):
        alone = ValueOverTime(Growth(starts[i], float(growth[i]))).values(TIMELINE)
        assert np.array_equal(table[:, i], alone[:, 0])
