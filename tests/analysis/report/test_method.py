"""What a report says is left out is what the manual says."""

from minecalc import manual
from minecalc.analysis.report.method import LEFT_OUT, METHOD


def test_it_leaves_out_what_the_manual_says() -> None:
    listed = manual.page("method").partition("## What is not modelled")[2].partition("\n\nMarket defaults")[0]
    points = [" ".join(point.split()).replace("`", "") for point in listed.split("\n- ")[1:]]
    assert list(LEFT_OUT) == points


def test_it_says_how_in_sentences() -> None:
    assert all(text.endswith(".") for text in METHOD)
