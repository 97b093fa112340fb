"""One set of figures, whatever the format."""

import csv
import io
import json
import re
from fractions import Fraction

from minecalc import reports
from minecalc.document import Document

from .conftest import METRICS, PLANS
from .reading import read


def _text(document: Document, name: str) -> str:
    text = reports.render(document, name, width=159)
    assert isinstance(text, str)
    return text


def test_table_json_csv_and_markdown_carry_the_same_figures(document: Document) -> None:
    plans = json.loads(_text(document, "json"))["plans"]
    records = list(csv.DictReader(io.StringIO(_text(document, "csv"), newline="")))
    terminal = _text(document, "terminal").split("\n")
    markdown = _text(document, "markdown").split("\n")
    assert len(plans) == len(records) == len(PLANS)
    for key, title in METRICS:
        (shown,) = [re.split(" {2,}", line)[1:] for line in terminal if line.startswith(title + "  ")]
        (marked,) = [line.strip("| ").split(" | ")[1:] for line in markdown if line.startswith(f"| {title} |")]
        assert shown == [cell.replace("\\", "") for cell in marked]
        for plan, record, text in zip(plans, records, shown, strict=True):
            number = plan[key]
            assert record[key] == ("" if number is None else str(number))
            if number is None:
                assert text.startswith("n/a")
            else:
                figure, half = read(text)
                assert abs(Fraction(number) - figure) <= half
