from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.schema.scalars import SMALLEST, Scalar, file_meant, number_written, resolve, why_not_a_number


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("nUll", "nUll"),
        ("true", True),
        ("FALSE", False),
        ("yes", "yes"),
        ("no", "no"),
        ("off", "off"),
        ("n", "n"),
        ("0", 0),
        ("-17", -17),
        ("+17", 17),
        ("1_000_000", 1_000_000),
        ("1_000.5", 1_000.5),
        ("0.045", 0.045),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e6", 1e6),
        ("45e-3", 0.045),
        ("1e-30", 1e-30),
        ("-1.5E+3", -1_500.0),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
    ],
)
def test_meaning(written: str, value: Scalar) -> None:
    resolved = resolve(written)
    assert resolved == value
    assert type(resolved) is type(value)


@pytest.mark.parametrize(
    "written",
    [
        *("0045", "00", "-007", "00.5", "01e3", "0x1F", "0o17", "0b101", "12:30", "1__0", "_1", "1_", "1_.5"),
        *(".nan", ".inf", "-.inf", "nan", "Infinity", "1e400", "4.9e-324", "1e-400", "2.2e-308"),
        *("1e-308", "-1e-300", "9.9e-31"),
        *("9223372036854775808", "9" * 400, "9" * 5_000, "0." + "3" * 5_000, "1e99999999999"),
        *(
            "1,000",
            "8%",
            "=",
            "=1+1",
            "2027-01",
            "2027-01-01",
            "٣",
            "−1",
            "\u00a01",
            "1 000",
            "e5",
            ".",
            "-",
            "+",
        ),
    ],
)
def test_stays_text(written: str) -> None:
    assert resolve(written) == written


@pytest.mark.parametrize("written", ["-0.0", "-0", "-0e5", "-.0"])
def test_negative_zero_is_zero(written: str) -> None:
    number = resolve(written)
    assert isinstance(number, int | float)
    assert str(float(number)) == "0.0"


@given(st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False))
def test_every_float_that_is_an_amount_is_read_back(number: float) -> None:
    resolved = resolve(repr(number))
    if 0.0 < abs(number) < SMALLEST:
        assert resolved == repr(number)
        return
    assert isinstance(resolved, float)
    assert resolved == number


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_64_bit_integer_is_read_back(number: int) -> None:
    assert resolve(str(number)) == number


@given(st.text(st.sampled_from("0123456789.-+eE_:,% xob٣"), max_size=30))
def test_numbers_are_usable_and_reasons_never_fail(written: str) -> None:
    resolved = resolve(written)
    if isinstance(resolved, int | float):
        assert math.isfinite(resolved)
        assert float(written.replace("_", "")) == resolved
    assert "\n" not in why_not_a_number(written, "fraction", "fraction")


@pytest.mark.parametrize(
    ("written", "unit", "advice"),
    [
        ("0.045", "usd_per_kwh", "remove the quotes: 0.045"),
        (".nan", "mw", "write a finite number"),
        ("-Infinity", "mw", "write a finite number"),
        ("1e400", "mw", "the number is too large or too small to calculate with"),
        ("0045", "mw", "a leading zero is ambiguous; write 45"),
        ("-007.5", "mw", "a leading zero is ambiguous; write -7.5"),
        ("0b101", "mw", "write the number in decimal: 5"),
        ("0o17", "mw", "write the number in decimal: 15"),
        ("0x1F", "mw", "write the number in decimal: 31"),
        ("0b102", "mw", "write the number in decimal"),
        ("1,000", "mw", "write 1000"),
        ("12,345,678.9", "mw", "write 12345678.9"),
        ("0,045", "usd_per_kwh", "the decimal mark is a point: 0.045"),
        ("12:30", "mw", "a number has no colon in it"),
        ("2027-01", "months", "this is a date; the key takes a number"),
        ("=1+1", "mw", "formulas are not calculated; write the result"),
        ("8%", "fraction_per_year", "the key takes a fraction: 0.08"),
        ("8%", "mw", "leave the % out"),
        ("0.045 USD/kWh", "usd_per_kwh", "leave the unit out; the key takes the unit"),
        ("$45", "usd", "leave the unit out; the key takes the unit"),
        ("40MW", "mw", "leave the unit out; the key takes the unit"),
        ("٣", "mw", "use plain digits, signs and spaces: 3"),
        ("−0.045", "mw", "use plain digits, signs and spaces: -0.045"),
        ("\u00a00.045", "mw", "use plain digits, signs and spaces: 0.045"),
        ("9" * 400, "mw", "numbers have at most 19 digits before the point"),
        ("off", "mw", ""),
        ("=", "mw", ""),
    ],
)
def test_advice(written: str, unit: str, advice: str) -> None:
    assert why_not_a_number(written, unit, "the unit") == advice


def test_advice_without_a_unit() -> None:
    assert why_not_a_number("40 MW", None, "") == "leave the unit out"


@pytest.mark.parametrize(
    ("written", "number"), [("1_000", 1000.0), ("0", 0.0), ("1e-308", None), ("nan", None), ("true", None), ("", None)]
)
def test_a_number_is_what_a_scenario_could_hold(written: str, number: float | None) -> None:
    assert number_written(written) == number


@pytest.mark.parametrize("text", ["0,05", "prices", "5", "see prices.csv below", "", "a.csv" * 50])
def test_other_texts_name_no_file(text: str, tmp_path: Path) -> None:
    assert file_meant(text, tmp_path) == ""


@pytest.mark.parametrize(
    ("content", "column"),
    [
        ("month,usd\n2027-01,0.05\n", "usd"),
        ("usd_per_kwh\n0.05\n", "usd_per_kwh"),
        ("month\n2027-01\n", "NAME"),
        ("", "NAME"),
    ],
)
def test_of_a_file_that_is_named_the_first_column_of_numbers_is_offered(
    content: str, column: str, tmp_path: Path
) -> None:
    (tmp_path / "prices.csv").write_text(content)
    assert file_meant("prices.csv", tmp_path) == f"write {{csv: prices.csv, column: {column}}}"


def test_a_file_that_is_named_and_is_not_there_or_no_csv(tmp_path: Path) -> None:
    assert file_meant("p.CSV", tmp_path).startswith("write {csv: p.CSV, column: NAME}, the file's name relative")
    assert file_meant("p.xlsx", tmp_path) == "save it as CSV with a header and write {csv: p.csv, column: NAME}"
