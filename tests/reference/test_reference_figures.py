"""The shipped figures: complete, dated, sourced, consistent, and in agreement with what was published."""

import csv
import re
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import NamedTuple, get_args

import pytest
from pydantic import BaseModel

import minecalc.reference
from minecalc.businesses import business
from minecalc.reference.bitcoin_history import bitcoin_monthly
from minecalc.reference.financings import Financing, financings
from minecalc.reference.gpus import Gpu, GpuPrice, gpu_prices, gpus
from minecalc.reference.leases import Lease, leases
from minecalc.reference.machines import Machine, machines
from minecalc.reference.records import Grade, Record, column_types
from minecalc.reference.snapshot import Default, Range, defaults, ranges
from minecalc.schema.fields import field_meta
from minecalc.units import unit_of

FOLDER = Path(minecalc.reference.__file__).parent

#: Machines whose published hash rate, watts and J/TH do not agree; their notes say how.
INCONSISTENT = {"whatsminer-m56s-plus-plus"}

#: Numbers that are no quantity of the economics and so carry no unit.
UNITLESS = {"year", "value", "low", "high"}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sourced() -> list[Machine | Lease | Financing | Default | GpuPrice | Range]:
    deals: list[Lease | Financing] = [*leases().values(), *financings().values()]
    return [*machines().values(), *deals, *defaults().values(), *gpu_prices(), *ranges().values()]


def test_the_catalogue_is_as_long_as_promised() -> None:
    assert len(machines()) >= 25
    assert len(gpus()) >= 8
    assert len(leases()) >= 20
    assert {machine.cooling for machine in machines().values()} == {"air", "hydro", "immersion"}
    assert {"h100", "h200", "b200", "b300", "gb200", "gb300", "a100", "mi300x"} <= set(gpus())


def test_every_record_is_dated_sourced_and_graded() -> None:
    for record in sourced():
        assert "2020" <= record.as_of <= "2026-11", record
        assert len(record.source) > 5, record
        assert record.grade in get_args(Grade), record


def test_every_gpu_figure_is_dated_sourced_and_graded() -> None:
    for gpu in gpus().values():
        figures = {
            "kw": (gpu.kw_per_gpu, gpu.kw_as_of, gpu.kw_source, gpu.kw_grade),
            "capex": (gpu.capex_usd_per_gpu, gpu.capex_as_of, gpu.capex_source, gpu.capex_grade),
            "lease": (gpu.lease_usd_per_gpu_hour, gpu.lease_as_of, gpu.lease_source, gpu.lease_grade),
        }
        filled = [name for name, (number, *_) in figures.items() if number is not None]
        assert filled, f"{gpu.id} has no figure at all"
        for name in filled:
            assert all(figures[name]), (gpu.id, name)


def test_the_files_are_plain_text() -> None:
    for path in FOLDER.iterdir():
        if path.suffix in {".csv", ".md"}:
            assert path.read_text(encoding="utf-8").isascii(), path.name


@pytest.mark.parametrize("kind", [Machine, Gpu, GpuPrice, Lease, Financing])
def test_numeric_columns_end_in_their_unit(kind: type[Record]) -> None:
    for name, hint in column_types(kind).items():
        if hint in (int, float) and name not in UNITLESS:
            assert unit_of(name) is not None, name


def test_efficiency_is_power_over_hash_rate() -> None:
    off = set()
    for row in rows(FOLDER / "machines.csv"):
        if row["power_w"]:
            published = row["efficiency_j_per_th"]
            decimals = len(published.partition(".")[2])
            computed = float(row["power_w"]) / float(row["hash_rate_th_per_s"])
            if abs(computed - float(published)) > 0.5 * 10.0**-decimals + 1e-9:
                off.add(row["id"])
                assert "J/TH" in row["note"], row["id"]
    assert off == INCONSISTENT


def test_units_of_defaults_match_their_paths() -> None:
    for name, default in defaults().items():
        assert name.endswith(default.unit), name
        assert default.low is not None, name
        assert default.high is not None, name
        assert default.low < default.value < default.high, name


def test_defaults_agree_with_the_history() -> None:
    last = bitcoin_monthly()[-1]
    assert defaults()["market.btc_price_usd"].as_of == last.month
    assert defaults()["market.btc_price_usd"].value == pytest.approx(last.btc_price_usd, abs=0.5)
    implied = last.network_difficulty * 2**32 / 600 / 1e18
    assert defaults()["market.network_hash_rate_eh_per_s"].value == pytest.approx(implied, abs=0.5)
    assert defaults()["market.fee_btc_per_block"].value == pytest.approx(0.006 * 3.125, abs=5e-4)


def test_ranges_are_of_inputs_that_exist_in_their_unit_and_limits() -> None:
    for name, record in ranges().items():
        kind, *way, last = name.split(".")
        model: type[BaseModel] = business(kind).Inputs
        for part in way:
            (model,) = (m for m in get_args(model.model_fields[part].annotation) if m is not type(None))
        meta = field_meta(model, last)
        assert unit_of(name) == record.unit, name
        assert meta.low is not None, name
        assert meta.high is not None, name
        assert meta.low <= record.low < record.high <= meta.high, name
        if isinstance(meta.default, float) and meta.default not in (0.0, 1.0):
            assert record.low <= meta.default <= record.high, f"{name}: the default is not a published value"


def test_ranges_agree_with_the_leases() -> None:
    """Of a whole site's megawatts in one lease, the share of this one is not told; the retrofit is no new hall."""
    per_gross = [
        lease.critical_mw / lease.gross_mw for lease in leases().values() if lease.critical_mw and lease.gross_mw
    ]
    hall = [ratio for ratio in per_gross if ratio > 0.5]
    built = [lease.capex_usd_per_critical_mw for lease in leases().values() if lease.capex_usd_per_critical_mw]
    margins = [lease.noi_fraction for lease in leases().values() if lease.kind == "colocation" and lease.noi_fraction]
    for kind in ("colocation", "gpu_cloud"):
        record = ranges()[f"{kind}.critical_per_gross_fraction"]
        assert (record.low, record.high) == (round(min(hall), 2), round(max(hall), 2))
    new_hall = defaults()["capex_usd_per_critical_mw"]
    assert new_hall.low is not None
    assert new_hall.high == max(built)
    assert sum(cost < new_hall.low for cost in built) == 2
    guided = {(one.landlord.split()[0], one.capex_usd_per_critical_mw) for one in leases().values()}
    assert new_hall.value == median(cost for _, cost in guided if cost is not None and cost >= new_hall.low)
    opex = defaults()["opex_fraction_of_rent"]
    assert opex.low == pytest.approx(1 - max(margins))
    assert opex.high == pytest.approx(1 - min(margins))
    assert opex.value == pytest.approx(1 - median(margins))


@pytest.mark.parametrize(
    "row",
    rows(Path(__file__).with_name("published_rates.csv")),
    ids=lambda row: f"{row['lease']}-{row['rate']}",
)
def test_published_rates_follow_from_the_deal(row: dict[str, str]) -> None:
    assert float(row["within"]) <= 0.02 * float(row["published"])
    computed = getattr(leases()[row["lease"]], row["rate"])
    assert computed == pytest.approx(float(row["published"]), abs=float(row["within"]))


def test_every_deal_with_a_rate_is_checked() -> None:
    checked = {row["lease"] for row in rows(Path(__file__).with_name("published_rates.csv"))}
    rated = {
        lease.id
        for lease in leases().values()
        if lease.usd_per_gross_mw_per_year or lease.usd_per_critical_mw_per_year or lease.usd_per_gpu_hour
    }
    assert rated == checked


def test_two_terawulf_leases_average_what_was_published() -> None:
    first, second = leases()["terawulf-fluidstack-cb3-4"], leases()["terawulf-fluidstack-cb5"]
    assert first.value_usd is not None
    assert second.value_usd is not None
    assert first.critical_mw is not None
    assert second.critical_mw is not None
    per_mw_year = (first.value_usd + second.value_usd) / (first.critical_mw + second.critical_mw) / 10
    assert per_mw_year == pytest.approx(1.86e6, abs=5e3)
    assert per_mw_year / 12_000 == pytest.approx(155, abs=0.5)


@pytest.mark.parametrize("name", ["terawulf-fluidstack-cb3-4", "riot-amd-rockdale"])
def test_published_margin_times_rent_is_the_published_income(name: str) -> None:
    lease = leases()[name]
    assert lease.noi_fraction is not None
    assert lease.average_usd_per_year is not None
    assert lease.noi_fraction * lease.average_usd_per_year == pytest.approx(lease.noi_usd_per_year, rel=0.005)


def test_core_scientific_billing_megawatts() -> None:
    rate = leases()["core-scientific-coreweave"].usd_per_critical_mw_per_year
    assert rate is not None
    assert 243 * rate == pytest.approx(350e6, abs=1e6)


def test_extensions_add_value_and_gross_exceeds_critical() -> None:
    ratios = []
    for lease in leases().values():
        if lease.value_with_extensions_usd is not None:
            assert lease.value_usd is not None, lease.id
            assert lease.value_with_extensions_usd > lease.value_usd, lease.id
        if lease.gross_mw is not None and lease.critical_mw is not None:
            ratios.append(lease.critical_mw / lease.gross_mw)
            assert lease.critical_mw < lease.gross_mw, lease.id
        for share in (lease.noi_fraction, lease.prepayment_fraction, lease.escalator_fraction_per_year):
            assert share is None or 0.0 < share < 1.0, lease.id
        if lease.rent_start and lease.signed:
            assert lease.rent_start >= lease.signed, lease.id
    assert median(ratios) == pytest.approx(0.70, abs=0.005)


def test_a_deal_without_terms_has_no_rates() -> None:
    tydal = leases()["bitdeer-tydal"]
    assert tydal.average_usd_per_year is None
    assert tydal.usd_per_gross_mw_per_year is None
    assert tydal.average_rent_usd_per_kw_per_month is None
    assert tydal.usd_per_gpu_hour is None
    assert tydal.capex_usd_per_gpu is None


def test_gpus_of_deals_and_prices_are_in_the_catalogue() -> None:
    assert {price.gpu for price in gpu_prices()} <= set(gpus())
    assert {lease.gpu for lease in leases().values() if lease.gpu} <= set(gpus())


def test_the_rate_of_each_gpu_is_its_latest_published_price_of_that_contract() -> None:
    for gpu in gpus().values():
        same = [p for p in gpu_prices() if (p.gpu, p.contract) == (gpu.id, gpu.lease_contract)]
        if gpu.lease_usd_per_gpu_hour is None:
            assert not [price for price in gpu_prices() if price.gpu == gpu.id], gpu.id
        else:
            latest = max(same, key=lambda price: price.as_of)
            assert (latest.as_of, latest.lease_usd_per_gpu_hour) == (
                gpu.lease_as_of,
                gpu.lease_usd_per_gpu_hour,
            )


def test_price_ranges_hold_the_price() -> None:
    ranged = [price for price in gpu_prices() if price.low_usd_per_gpu_hour is not None]
    assert ranged
    for price in ranged:
        assert price.low_usd_per_gpu_hour is not None
        assert price.high_usd_per_gpu_hour is not None
        assert price.low_usd_per_gpu_hour <= price.lease_usd_per_gpu_hour <= price.high_usd_per_gpu_hour


def test_months_follow_each_other_without_a_gap() -> None:
    numbers = [int(month.month[:4]) * 12 + int(month.month[5:]) for month in bitcoin_monthly()]
    assert numbers == list(range(2014 * 12 + 10, 2026 * 12 + 6 + 1))
    for month in bitcoin_monthly():
        assert month.btc_price_usd > 100.0
        assert month.network_difficulty > 1e10


class Epoch(NamedTuple):
    """One stretch of 2,016 blocks: ``difficulty`` is exact, ``start_utc`` is good to about half a day."""

    start_height: int
    start_utc: str
    difficulty: float


def difficulty_epochs() -> list[Epoch]:
    read = rows(Path(__file__).with_name("difficulty_epochs.csv"))
    return [Epoch(int(row["start_height"]), row["start_utc"], float(row["difficulty"])) for row in read]


def test_epochs_follow_each_other_without_a_gap() -> None:
    epochs = difficulty_epochs()
    heights = [epoch.start_height for epoch in epochs]
    assert heights == list(range(276_192, 953_568 + 1, 2016))
    starts = [datetime.fromisoformat(epoch.start_utc) for epoch in epochs]
    for before, after in pairwise(starts):
        assert 7 < (after - before).total_seconds() / 86_400 < 28
    for before_epoch, epoch in pairwise(epochs):
        assert 0.25 <= epoch.difficulty / before_epoch.difficulty <= 4.0


def test_difficulty_matches_known_epochs() -> None:
    by_height = {epoch.start_height: epoch.difficulty for epoch in difficulty_epochs()}
    assert by_height[953_568] == pytest.approx(124.93e12, rel=1e-4)
    assert by_height[931_392] == pytest.approx(146.47e12, rel=1e-4)
    assert by_height[838_656] == pytest.approx(86.39e12, rel=1e-4)


def test_each_month_lies_within_the_difficulties_of_its_epochs() -> None:
    epochs = difficulty_epochs()
    for month in bitcoin_monthly():
        inside = [epoch.difficulty for epoch in epochs if epoch.start_utc.startswith(month.month)]
        running = [epoch.difficulty for epoch in epochs if epoch.start_utc[:7] < month.month][-1]
        assert min(*inside, running) <= month.network_difficulty <= max(*inside, running), month.month


#: Hosts on which a company, the wire that it pays, or an authority speaks for itself.
OFFICIAL = re.compile(
    r"https://(?:[a-z.]*\.)?(?:sec\.gov|globenewswire\.com|businesswire\.com|prnewswire\.com)/|https://investors?\."
)


def test_every_deal_has_the_address_that_its_grade_is_of() -> None:
    deals: list[Lease | Financing] = [*leases().values(), *financings().values()]
    for deal in deals:
        assert re.fullmatch(r"https?://[a-z0-9.-]+/\S+", deal.address), deal.id
        assert (deal.grade == "A") == bool(OFFICIAL.match(deal.address)), f"{deal.id}: what was read is no filing"


def test_the_rent_of_year_1_averages_to_the_published_one() -> None:
    lease = leases()["hut8-river-bend"]
    average = lease.average_rent_usd_per_kw_per_month
    assert average is not None
    assert lease.first_year_rent_usd_per_kw_per_month(0.0) == pytest.approx(average)
    first = lease.first_year_rent_usd_per_kw_per_month(0.03)
    assert first is not None
    assert sum(first * 1.03**year for year in range(15)) / 15 == pytest.approx(average)
    assert leases()["bitdeer-tydal"].first_year_rent_usd_per_kw_per_month(0.03) is None
    assert lease.opex_fraction_of_rent == pytest.approx(1 - 454e6 * 15 / 7e9)
    assert leases()["bitdeer-tydal"].opex_fraction_of_rent is None


def test_debt_per_critical_mw_is_what_was_published() -> None:
    """In millions of USD, as press and filings count it: each to the last digit that is given."""
    published = {
        "galaxy-helios-1": 10.5,
        "wulf-compute-2030": 8.9,
        "applied-pf1-2030": 9.4,
        "cipher-compute-2030": 8.3,
        "cipher-compute-tap": 8.5,
        "flash-compute-2030": 7.7,
        "applied-pf2-2031": 10.75,
        "core-scientific-2031": 5.6,
        "hut8-river-bend-2042": 13.3,
        "hut8-beacon-point-2042": 12.1,
        "applied-pf1-eln04-2031": 10.6,
    }
    found = {name: one.debt_usd_per_critical_mw for name, one in financings().items() if one.critical_mw}
    assert found == {name: pytest.approx(each * 1e6, abs=5e4) for name, each in published.items()}


def test_a_financing_is_of_a_lease_on_record_that_it_can_build() -> None:
    for one in financings().values():
        if one.lease and one.critical_mw:
            lease = leases()[one.lease]
            assert lease.critical_mw is not None, one.id
            lent_on = lease.critical_mw + (160.0 if one.id == "wulf-compute-2030" else 0.0)
            assert one.critical_mw <= lent_on, one.id
            assert not lease.signed or lease.signed <= one.closed, one.id
        elif one.lease:
            assert one.lease in leases(), one.id


def test_a_financing_falls_due_when_its_tenor_ends() -> None:
    assert [one.closed for one in financings().values()] == sorted(one.closed for one in financings().values())
    for one in financings().values():
        if one.maturity and one.tenor_years:
            closed, due = (
                int(date[:4]) + (int(date[5:7]) - 0.5) / 12 if date[4:] else None for date in (one.closed, one.maturity)
            )
            if closed and due:
                assert due - closed == pytest.approx(one.tenor_years, abs=0.11), one.id


def test_rates_prices_and_shares_of_financings_are_possible() -> None:
    for one in financings().values():
        assert one.rate_fraction_per_year is None or 0.0 <= one.rate_fraction_per_year < 0.10, one.id
        assert one.margin_fraction_per_year is None or 0.02 <= one.margin_fraction_per_year < 0.05, one.id
        assert one.issue_price_fraction is None or 0.97 <= one.issue_price_fraction < 1.01, one.id
    galaxy, tap = financings()["galaxy-helios-1"], financings()["cipher-compute-tap"]
    assert galaxy.loan_to_cost_fraction == 1_400 / 1_750
    assert tap.loan_to_cost_fraction == pytest.approx(333 / 451, abs=0.005)
    loan, notes = financings()["iren-microsoft-loan"], financings()["iren-microsoft-notes"]
    assert (loan.amount_usd or 0.0) + (notes.amount_usd or 0.0) == 3.65e9
