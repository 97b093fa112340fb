import pytest

from minecalc.document import Band, Bins, Chart, Column, Histogram, Series, Table, Text, Value


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="use None and a reason"):
        Value(number, "usd")
    with pytest.raises(ValueError, match="use None and a reason"):
        Chart("t", ["a"], [Series("s", [number])], "usd")
    with pytest.raises(ValueError, match="use None and a reason"):
        Chart("t", ["a"], [], "usd", bands=[Band("b", [0.0], [number])])
    with pytest.raises(ValueError, match="use None and a reason"):
        Value(1.0, "usd", error=number)
    with pytest.raises(ValueError, match="use None and a reason"):
        Value(1.0, "usd", bound=number)
    with pytest.raises(ValueError, match="use None and a reason"):
        Histogram("t", number, 1.0, [Bins("b", [1.0])], "usd")


def test_errors_and_bounds_belong_to_a_number() -> None:
    with pytest.raises(ValueError, match="a missing number has neither error nor bound"):
        Value(None, "usd", "no answer", error=1.0)
    with pytest.raises(ValueError, match="a missing number has neither error nor bound"):
        Value(None, "usd", "no answer", bound=1.0)
    with pytest.raises(ValueError, match=r"-1\.0 is no standard error"):
        Value(1.0, "usd", error=-1.0)
    with pytest.raises(ValueError, match=r"0\.5 does not bound itself"):
        Value(0.5, "fraction", bound=0.5)


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="'dollars' is not a unit suffix"):
        Value(1.0, "dollars")
    with pytest.raises(ValueError, match="'dollars' is not a unit suffix"):
        Value(None, "dollars", "no answer")
    with pytest.raises(ValueError, match="'dollars' is not a unit suffix"):
        Chart("t", ["a"], [Series("s", [1.0])], "dollars")


def test_ragged_tables_and_charts_are_refused() -> None:
    columns = [Column("a", "A"), Column("b", "B")]
    with pytest.raises(ValueError, match="row 1 has 1 cells for 2 columns"):
        Table("t", columns, [[Text("x"), Text("y")], [Text("x")]])
    with pytest.raises(ValueError, match="series 's' has 1 values for 2 labels"):
        Chart("t", ["a", "b"], [Series("s", [1.0])], "usd")
    with pytest.raises(ValueError, match="series 'low' has 1 values for 2 labels"):
        Chart("t", ["a", "b"], [], "usd", bands=[Band("low", [1.0], [1.0, 2.0])])
    with pytest.raises(ValueError, match="series 'high' has 3 values for 2 labels"):
        Chart("t", ["a", "b"], [], "usd", bands=[Band("high", [1.0, 2.0], [1.0, 2.0, 3.0])])


def test_a_logarithmic_axis_is_for_lines_of_numbers_above_zero() -> None:
    line = Series("x", [1.0, None])
    assert Chart("", ["a", "b"], [line], "usd", axis="log").axis == "log"
    with pytest.raises(ValueError, match="only a line chart has bands or a logarithmic axis"):
        Chart("", ["a", "b"], [line], "usd", "bar", axis="log")
    for number in (0.0, -1.0):
        with pytest.raises(ValueError, match="has no place on a logarithmic axis"):
            Chart("", ["a", "b"], [Series("x", [1.0, number])], "usd", axis="log")


def test_bars_have_no_bands() -> None:
    with pytest.raises(ValueError, match="only a line chart has bands"):
        Chart("t", ["a"], [], "usd", "bar", [Band("b", [1.0], [2.0])])


def test_the_shares_of_a_histogram_are_all_there() -> None:
    assert Histogram("t", -5.0, 2.5, [Bins("b", [0.25, 0.25, 0.125], 0.25, 0.125)], "usd").high == 2.5
    with pytest.raises(ValueError, match="the shares of 'b' do not add up to 1"):
        Histogram("t", 0.0, 1.0, [Bins("b", [0.5, 0.4])], "usd")
    with pytest.raises(ValueError, match="the shares of 'b' do not add up to 1"):
        Histogram("t", 0.0, 1.0, [Bins("b", [1.5, -0.5])], "usd")
    with pytest.raises(ValueError, match="the same bins, and at least one"):
        Histogram("t", 0.0, 1.0, [Bins("a", [1.0]), Bins("b", [0.5, 0.5])], "usd")
    with pytest.raises(ValueError, match="the same bins, and at least one"):
        Histogram("t", 0.0, 1.0, [], "usd")
    with pytest.raises(ValueError, match="the same bins, and at least one"):
        Histogram("t", 0.0, 1.0, [Bins("a", [], 1.0)], "usd")
    with pytest.raises(ValueError, match=r"bins 0\.0 wide"):
        Histogram("t", 0.0, 0.0, [Bins("a", [1.0])], "usd")
