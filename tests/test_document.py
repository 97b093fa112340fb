import pytest

from minecalc.document import Chart, Column, Series, Table, Text, Value


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="use None and a reason"):
        Value(number, "usd")
    with pytest.raises(ValueError, match="use None and a reason"):
        Chart("t", ["a"], [Series("s", [number])], "usd")


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
