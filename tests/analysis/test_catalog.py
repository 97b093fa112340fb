"""The catalogue's answers: filters, search, order, the readable table, and messages for wrong questions."""

from typing import Any

import pytest

from minecalc.analysis.catalog import catalog as asked
from minecalc.analysis.questions import QuestionError
from minecalc.document import Document, Note, Table, Text, Value
from minecalc.reference.financings import financings
from minecalc.reference.gpus import gpus
from minecalc.reference.leases import leases
from minecalc.reference.machines import machines
from minecalc.reference.tax_regimes import tax_regimes
from minecalc.reports import render


def catalog(*words: Any, **more: Any) -> Document:
    return asked(*words, **more).document()


COUNTS = {
    "machines": len(machines()),
    "gpus": len(gpus()),
    "leases": len(leases()),
    "financing": len(financings()),
    "tax": len(tax_regimes()),
}


def found(document: Document) -> list[dict[str, Any]]:
    return [dict(row) for row in document.data["records"]]


def ids(document: Document) -> list[str]:
    return [row["id"] for row in found(document)]


@pytest.mark.parametrize("kind", COUNTS)
def test_without_a_question_everything_is_listed(kind: str) -> None:
    document = catalog(kind)
    assert document.data["kind"] == kind
    assert len(document.records.rows) == len(found(document)) == COUNTS[kind]
    assert len(set(ids(document))) == COUNTS[kind]
    assert all(len(row) == len(document.records.columns) for row in document.records.rows)


@pytest.mark.parametrize("kind", COUNTS)
def test_the_table_fits_80_columns_and_shows_whole_names(kind: str) -> None:
    text = render(catalog(kind), "terminal", width=80)
    assert isinstance(text, str)
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    assert set(ids(catalog(kind))) <= {line.split(" ")[0] for line in lines}


def test_records_hold_every_column_at_full_precision() -> None:
    records = catalog("leases", ["id=iren-microsoft"]).records
    row = dict(zip([column.key for column in records.columns], records.rows[0], strict=True))
    assert row["value_usd"] == Value(9_700_000_000.0, "usd")
    assert row["gpu_count"] == Value(76_000, "count")
    assert row["usd_per_gpu_hour"] == Value(leases()["iren-microsoft"].usd_per_gpu_hour, "usd_per_gpu_hour")
    assert row["usd_per_critical_mw_per_year"] == Value(9_700_000.0, "usd_per_mw_per_year")
    assert row["value_with_extensions_usd"] == Value(None, "usd", reason="not published")
    assert row["tenant"] == Text("Microsoft")
    assert row["credit_support"] == Text("")


def test_years_are_words_without_a_unit() -> None:
    records = catalog("machines", ["id=antminer-s21"]).records
    row = dict(zip([column.key for column in records.columns], records.rows[0], strict=True))
    assert row["year"] == Text("2023")
    assert found(catalog("machines", ["id=antminer-s21"]))[0]["year"] == 2023


@pytest.mark.parametrize(
    ("kind", "where", "holds"),
    [
        ("machines", "cooling=hydro", lambda row: row["cooling"] == "hydro"),
        ("machines", "cooling == HYDRO", lambda row: row["cooling"] == "hydro"),
        ("machines", "cooling!=air", lambda row: row["cooling"] != "air"),
        ("machines", "efficiency_j_per_th<=15", lambda row: row["efficiency_j_per_th"] <= 15),
        ("machines", "efficiency_j_per_th < 15", lambda row: row["efficiency_j_per_th"] < 15),
        ("machines", "year>=2025", lambda row: row["year"] >= 2025),
        ("machines", "price_usd_per_th>10", lambda row: (row["price_usd_per_th"] or 0) > 10),
        ("machines", "price_usd_per_th=", lambda row: row["price_usd_per_th"] is None),
        ("machines", "price_usd_per_th!=", lambda row: row["price_usd_per_th"] is not None),
        ("machines", "price_usd_per_th!=14", lambda row: row["price_usd_per_th"] not in (None, 14)),
        ("leases", "signed>=2026", lambda row: (row["signed"] or "") >= "2026"),
        (
            "leases",
            "average_rent_usd_per_kw_per_month>=150",
            lambda row: (row["average_rent_usd_per_kw_per_month"] or 0) >= 150,
        ),
        ("financing", "kind=project bond", lambda row: row["kind"] == "project bond"),
        ("financing", "closed>=2026", lambda row: row["closed"] >= "2026"),
        (
            "financing",
            "rate<0.065",
            lambda row: (row["rate_fraction_per_year"] if row["rate_fraction_per_year"] is not None else 1) < 0.065,
        ),
        ("gpus", "lease_contract=on-demand", lambda row: row["lease_contract"] == "on-demand"),
    ],
)
def test_filters_keep_exactly_the_records_that_meet_them(kind: str, where: str, holds: Any) -> None:
    expected = [row["id"] for row in found(catalog(kind)) if holds(row)]
    assert 0 < len(expected) < COUNTS[kind]
    assert ids(catalog(kind, [where])) == expected


def test_a_tax_regime_in_full_says_what_it_leaves_out() -> None:
    document = catalog("tax", record="us-federal-2026")
    assert found(document)[0]["rate_fraction"] == 0.21
    text = render(document, "terminal", width=80)
    assert isinstance(text, str)
    assert "one of 4 tax regimes" in text
    assert "leaves_out               state income and franchise taxes" in text


def test_every_filter_must_hold() -> None:
    both = catalog("machines", ["cooling=hydro", "efficiency_j_per_th<=12"])
    assert set(ids(both)) == set(ids(catalog("machines", ["cooling=hydro"]))) & set(
        ids(catalog("machines", ["efficiency_j_per_th<=12"]))
    )


def test_search_looks_for_each_word_in_every_text() -> None:
    assert set(ids(catalog("leases", search="coreweave"))) == {
        "core-scientific-coreweave",
        "galaxy-coreweave-helios",
        "applied-coreweave-pf1",
    }
    assert ids(catalog("leases", search="COREWEAVE helios")) == ["galaxy-coreweave-helios"]
    assert ids(catalog("leases", search="coreweave zebra")) == []


def test_sort_puts_missing_values_last_both_ways() -> None:
    upwards = [row["price_usd_per_th"] for row in found(catalog("machines", sort="price_usd_per_th"))]
    downwards = [row["price_usd_per_th"] for row in found(catalog("machines", sort="-price_usd_per_th"))]
    prices = [price for price in upwards if price is not None]
    assert prices == sorted(prices)
    assert downwards[: len(prices)] == sorted(prices, reverse=True)
    assert set(upwards[len(prices) :]) == set(downwards[len(prices) :]) == {None}


def test_sort_by_text() -> None:
    tenants = [row["tenant"].casefold() for row in found(catalog("leases", sort="tenant"))]
    assert tenants == sorted(tenants)
    assert tenants != [row["tenant"].casefold() for row in found(catalog("leases"))]


def test_no_match_is_an_empty_table_that_says_so() -> None:
    document = catalog("gpus", ["kw_per_gpu>100"])
    assert document.records.rows == []
    assert f"0 of {COUNTS['gpus']} gpus" in str(document.blocks[0])
    assert any(isinstance(block, Table) and not block.rows for block in document.blocks)


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"kind": "machine"}, "unknown kind 'machine'; did you mean machines?"),
        ({"kind": "zebra"}, "unknown kind 'zebra'; there are machines, gpus, leases, financing, tax, power"),
        ({"where": ["coling=air"]}, "unknown column 'coling'; did you mean cooling?"),
        (
            {"where": ["efficiency<=15"]},
            "unknown column 'efficiency'; did you mean efficiency_j_per_th?",
        ),
        ({"sort": "-pric_usd_per_th"}, "unknown column 'pric_usd_per_th'; did you mean price_usd_per_th?"),
        (
            {"where": ["cooling"]},
            "cannot read the filter 'cooling'; write column=value or column<=value",
        ),
        ({"record": "s22x"}, "unknown record of machines 's22x'; minecalc catalog machines lists them"),
        ({"record": "antminer-s21-pr"}, "unknown record of machines 'antminer-s21-pr'; did you mean antminer-s21-pro?"),
        ({"record": "s21", "sort": "id"}, "'s21' is one record; leave out --where, --search and --sort"),
        ({"where": ["year<"]}, "the filter 'year<' has no value"),
        ({"where": ["year>new"]}, "year is compared with a number, not 'new'"),
        ({"where": ["year>nan"]}, "year is compared with a number, not 'nan'"),
    ],
)
def test_wrong_questions_name_what_was_meant(question: dict[str, Any], message: str) -> None:
    with pytest.raises(QuestionError) as caught:
        catalog(**{"kind": "machines", **question})
    assert str(caught.value) == message


@pytest.mark.parametrize("name", ["antminer-s21", "s21"])
def test_one_record_is_shown_in_full_by_its_id_or_alias(name: str) -> None:
    found = asked("machines", record=name)
    (record,) = found.records
    assert record["id"] == "antminer-s21"
    headline, table, _ = found.document().blocks
    assert headline == Note("antminer-s21, one of 51 machines", "headline")
    assert isinstance(table, Table)
    shown = {row[0].text: row[1] for row in table.rows if isinstance(row[0], Text)}
    assert list(shown) == [column for column, entry in record.items() if entry is not None]
    assert shown["efficiency_j_per_th"] == Value(17.5, "j_per_th")
    assert {"source", "price_source", "grade", "as_of"} <= set(shown)


def test_every_record_of_every_kind_can_be_shown_in_full() -> None:
    for kind in COUNTS:
        for row in asked(kind).records:
            assert asked(kind, record=str(row["id"])).records == [row]


def test_columns_can_be_named_as_they_are_headed() -> None:
    by_heading = asked("machines", where=["per TH<8", "cooling = hydro"], sort="-hash rate")
    by_name = asked("machines", where=["price_usd_per_th<8", "cooling=hydro"], sort="-hash_rate_th_per_s")
    assert by_heading.records == by_name.records != []


def test_leases_show_who_lets_what_at_which_cost_and_where_that_is_written() -> None:
    (table,) = (block for block in catalog("leases").blocks if isinstance(block, Table))
    keys = {column.key for column in table.columns}
    assert {"landlord", "gross_mw", "capex_usd_per_critical_mw", "escalator_fraction_per_year", "address"} <= keys
    assert {column.title for column in table.columns if "average" in column.key} == {"average rent, kW-month"}
    for row in catalog("leases").data["records"]:
        assert row["address"].startswith("http")
