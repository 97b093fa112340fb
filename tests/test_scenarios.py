"""The shipped scenarios: each is sound, says where its figures come from, and reproduces what was published."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from minecalc.checks import warnings
from minecalc.evaluate import MINING, PlanEvaluation, evaluate
from minecalc.loading import load, read
from minecalc.metrics import against_baseline, metrics, quantities
from minecalc.reference import leases
from minecalc.units import KW_PER_MW, MONTHS_PER_YEAR

SCENARIOS = Path(__file__).parents[1] / "scenarios"
FILES = sorted(SCENARIOS.rglob("*.yaml"))
IDS = [file.relative_to(SCENARIOS).as_posix() for file in FILES]
each_file = pytest.mark.parametrize("file", FILES, ids=IDS)

SYSTEMS = {"bit-digital", "northern-data", "hive", "microsoft-openai", "bitwise-vaneck"}
FEWEST = {"archetypes": 6, "leases": 8}
HEADINGS = ("Sources", "Market", "Our judgement")
_GRADE = re.compile(r"\((?:A|B|C|D|calc)[,)]")

#: The published rates are per year of 365 days, also in leap years.
HOURS_PER_YEAR = 8760


def names(folder: str) -> set[str]:
    return {file.stem for file in FILES if file.parent.name == folder}


def test_every_folder_is_filled() -> None:
    assert names("systems") == SYSTEMS
    assert {file.parent.name for file in FILES} == {"systems", *FEWEST}
    for folder, fewest in FEWEST.items():
        assert len(names(folder)) >= fewest


@each_file
def test_no_errors_and_no_warnings(file: Path) -> None:
    reading = read(file)
    assert reading.diagnostics == ()
    assert reading.scenario is not None
    assert warnings(reading.scenario) == []


@each_file
def test_editor_finds_the_schema(file: Path) -> None:
    key, _, schema = file.read_text(encoding="utf-8").splitlines()[0].partition("=")
    assert key == "# yaml-language-server: $schema"
    assert (file.parent / schema).resolve() == SCENARIOS.resolve() / "scenario.schema.json"


def paragraphs(file: Path) -> dict[str, str]:
    """The head of a file below its first line, by heading; the question has none and stands under ``""``."""
    found: dict[str, str] = {"": ""}
    heading = ""
    for line in file.read_text(encoding="utf-8").splitlines()[1:]:
        if not line.startswith("#"):
            break
        start = re.match(r"# ([A-Z][a-z ]+): ", line)
        if start is not None:
            heading = start[1]
        found[heading] = f"{found.get(heading, '')} {line[1:].strip()}"
    return found


@each_file
def test_asks_a_question_and_names_its_sources(file: Path) -> None:
    head = paragraphs(file)
    assert "?" in head[""]
    assert set(HEADINGS) <= set(head)
    assert _GRADE.search(head["Sources"])
    assert re.search(r"\b20[0-9]{2}\b", head["Sources"]), "no source has a date"
    assert "judgement" in head["Market"] or "what bitcoin did" in head["Market"]


@each_file
def test_compares_with_a_named_baseline(file: Path) -> None:
    scenario = load(file)
    assert scenario.baseline in scenario.plans
    assert len(scenario.plans) >= 2
    assert any(use.kind == MINING for _, use in scenario.uses())
    if file.parent.name == "leases":
        assert {use.kind for use in scenario.baseline_plan.uses} == {MINING}


@each_file
def test_every_figure_is_a_number_or_has_a_reason(file: Path) -> None:
    evaluation = evaluate(load(file))
    for name, plan in evaluation.plans.items():
        for figures in (metrics(plan), quantities(plan), against_baseline(evaluation, name)):
            for key, figure in figures.items():
                number = figure.number()
                assert math.isfinite(number) if number is not None else figure.reason(), (name, key)
        assert metrics(plan)["npv_usd"].number() is not None


def contracted_usd(plan: PlanEvaluation, years: float, use_name: str | None = None) -> float:
    """Revenue of the first ``years`` from each use's own ready date, of one use or of all."""
    total = 0.0
    for use in plan.plan.uses:
        if use_name not in (None, use.name):
            continue
        conversion = use.inputs.conversion
        ready = 1 if conversion is None else int(conversion.ready_in(plan.engine.scenario.timeline))
        months = slice(ready - 1, ready - 1 + round(years * MONTHS_PER_YEAR))
        for line in plan.flows.lines:
            if line.category == "revenue" and line.use == use.name and not line.meanwhile:
                total += math.fsum(line.usd[months, 0])
    return total


#: The records of the catalogue behind each lease.
RECORDS = {
    "applied-digital-oracle": ("applied-oracle-pf2",),
    "cipher-fluidstack": ("cipher-fluidstack-1",),
    "core-scientific-coreweave": ("core-scientific-coreweave",),
    "galaxy-helios": ("galaxy-coreweave-helios",),
    "hut8-beacon-point": ("hut8-beacon-point",),
    "hut8-river-bend": ("hut8-river-bend",),
    "iren-microsoft": ("iren-microsoft",),
    "riot-amd": ("riot-amd-rockdale",),
    "terawulf-fluidstack": ("terawulf-fluidstack-cb3-4", "terawulf-fluidstack-cb5"),
    "whitefiber-nscale": ("whitefiber-nscale-nc1",),
}


@pytest.mark.parametrize("name", sorted(names("leases")))
def test_lease_agrees_with_the_catalogue(name: str) -> None:
    """Over the contract's whole term every plan but the baseline earns its value on the megawatts leased."""
    records = [leases()[record] for record in RECORDS[name]]
    (term_years,) = {record.term_years for record in records}
    assert term_years is not None
    evaluation = evaluate(load(SCENARIOS / "leases" / f"{name}.yaml", ["months=240"]))
    for plan in evaluation.plans.values():
        if plan is evaluation.baseline:
            continue
        critical_mw = sum(record.critical_mw or math.nan for record in records)
        value_usd = sum(record.value_usd or math.nan for record in records)
        assert quantities(plan)["critical_mw"].number() == pytest.approx(critical_mw, rel=1e-3)
        assert contracted_usd(plan, term_years) == pytest.approx(value_usd, rel=1e-9)


def metric(plan: PlanEvaluation, name: str) -> float:
    number = {**metrics(plan), **quantities(plan)}[name].number()
    assert number is not None
    return number


def line_usd(plan: PlanEvaluation, name: str, use: str, months: slice) -> float:
    (line,) = (line for line in plan.flows.lines if line.name == name and line.use == use)
    return math.fsum(line.usd[months, 0])


def first_year(name: str) -> Callable[[PlanEvaluation], float]:
    return lambda plan: metric(plan, f"first_year_{name}_usd")


def contract_usd(years: float, use: str | None = None) -> Callable[[PlanEvaluation], float]:
    return lambda plan: contracted_usd(plan, years, use)


def noi_usd_per_year(years: float) -> Callable[[PlanEvaluation], float]:
    """Average of a plan with a single use whose only cost is a share of the rent."""

    def noi(plan: PlanEvaluation) -> float:
        margin = metric(plan, "first_year_gross_profit_usd") / metric(plan, "first_year_revenue_usd")
        return contracted_usd(plan, years) * margin / years

    return noi


def rent_usd_per_kw_per_month(years: float) -> Callable[[PlanEvaluation], float]:
    def rent(plan: PlanEvaluation) -> float:
        kw = metric(plan, "critical_mw") * KW_PER_MW
        return contracted_usd(plan, years) / kw / (years * MONTHS_PER_YEAR)

    return rent


def usd_per_gpu_hour(gpus: int, use: str | None = None) -> Callable[[PlanEvaluation], float]:
    """Revenue of the first year per hour of every GPU owned, sold or not."""
    return lambda plan: contracted_usd(plan, 1, use) / gpus / HOURS_PER_YEAR


@dataclass(frozen=True)
class Published:
    """A published figure, the unit of its last digit, and how a scenario's plan gives it."""

    file: str
    plan: str
    figure: Callable[[PlanEvaluation], float]
    published: float
    last_digit: float
    source: str
    settings: tuple[str, ...] = ()


THIRD_QUARTER = slice(6, 9)
EUR = 1.08  # USD, the scenario's own rate
FLUIDSTACK = 'plans."lease to Fluidstack".uses'

PUBLISHED = (
    Published(
        "leases/terawulf-fluidstack",
        "lease to Fluidstack",
        rent_usd_per_kw_per_month(10),
        155,
        1,
        "$6.7B, 360 MW, 10 years: theminermag.com 2025-10-17 (calc)",
        ("months=160",),
    ),
    Published(
        "leases/terawulf-fluidstack",
        "lease to Fluidstack",
        contract_usd(20, "cb-3 and cb-4"),
        8.7e9,
        1e8,
        "with both extensions: particle.news 2025-08-14 (B)",
        ("months=260", f'{FLUIDSTACK}."cb-3 and cb-4".term_months=240'),
    ),
    Published(
        "leases/terawulf-fluidstack",
        "lease to Fluidstack",
        lambda plan: 0.85 * contracted_usd(plan, 10, "cb-3 and cb-4") / 10,
        315e6,
        1e6,
        "85% NOI: particle.news 2025-08-14 (B)",
        ("months=160",),
    ),
    Published(
        "leases/cipher-fluidstack",
        "lease with both extensions",
        contract_usd(20),
        7e9,
        1e9,
        "with both extensions: coinmela.com Sep 2025 (A)",
        ("months=260",),
    ),
    Published(
        "leases/hut8-beacon-point",
        "lease to a rated tenant",
        contract_usd(30),
        25.1e9,
        1e8,
        "with three extensions: cliffcenter.com May 2026 (B)",
        ("months=400", 'plans."lease to a rated tenant".term_months=360'),
    ),
    Published(
        "leases/hut8-river-bend",
        "lease at guided cost",
        noi_usd_per_year(15),
        454e6,
        1e6,
        "average NOI: press release via 6ix.com 2026-04-30 (A)",
        ("months=200",),
    ),
    Published(
        "leases/riot-amd",
        "lease to AMD",
        contract_usd(25),
        1.0e9,
        1e8,
        "with three extensions: stocktitan.net 2026-01-16 (A)",
        ("months=320", 'plans."lease to AMD".term_months=300'),
    ),
    Published(
        "leases/riot-amd",
        "lease to AMD",
        noi_usd_per_year(10),
        25e6,
        1e6,
        "average NOI: secwatch.observer 2026-01-16 (A)",
        ("months=160",),
    ),
    Published(
        "leases/riot-amd",
        "lease to AMD",
        lambda plan: metric(plan, "capex_usd"),
        89.8e6,
        1e5,
        "retrofit: secwatch.observer 2026-01-16 (A)",
    ),
    Published(
        "leases/core-scientific-coreweave",
        "lease to CoreWeave",
        lambda plan: first_year("revenue")(plan) * 243 / metric(plan, "critical_mw"),
        350e6,
        1e6,
        "243 MW billing: easymarketanalysis.com May 2026 (C)",
    ),
    Published(
        "leases/iren-microsoft",
        "GPU cloud in halls written off",
        lambda plan: contracted_usd(plan, 5) / 5 / metric(plan, "critical_mw"),
        9.7e6,
        1e5,
        "per MW-year: marketchameleon.com 2025-11-03 (calc)",
    ),
    Published(
        "leases/iren-microsoft",
        "GPU cloud in halls written off",
        lambda plan: contracted_usd(plan, 5) / metric(plan, "gpu_hours_sold"),
        2.91,
        0.01,
        "$9.7B for 76,000 GPUs and 5 years: marketchameleon.com 2025-11-03 (calc)",
    ),
    Published(
        "leases/iren-microsoft",
        "GPU cloud in halls written off",
        lambda plan: first_year("gross_profit")(plan) / first_year("revenue")(plan),
        0.85,
        0.01,
        "project EBITDA margin: press release via livenews.co.nz 2025-11-06 (A)",
    ),
    Published(
        "leases/whitefiber-nscale",
        "lease to Nscale",
        lambda plan: math.fsum(line.usd.sum() for line in plan.flows.lines if line.name == "prepayment_received_usd"),
        70.6e6,
        1e5,
        "prepaid: wiredgorilla.com Dec 2025 (C)",
    ),
    Published(
        "systems/bit-digital",
        "as filed, first customer",
        usd_per_gpu_hour(2048, "2048 GPUs"),
        2.79,
        0.01,
        "over $50M a year: sec.gov 6-K Jan 2024 (A, calc)",
    ),
    Published(
        "systems/bit-digital",
        "as filed, 275M",
        first_year("revenue"),
        92e6,
        1e6,
        "4,096 GPUs: theminermag.com 2024-06-25 (B)",
    ),
    Published(
        "systems/bit-digital",
        "as reported, 257M",
        usd_per_gpu_hour(4096),
        2.39,
        0.01,
        "what $257M would mean on 4,096 GPUs (calc)",
    ),
    Published(
        "systems/bit-digital",
        "as filed, first customer",
        lambda plan: 12.15e6 / line_usd(plan, "contract_revenue_usd", "2048 GPUs", THIRD_QUARTER),
        0.97,
        0.01,
        "revenue of Q3 2024, WhiteFiber's 10-Q (A), over the contract's (calc)",
    ),
    Published(
        "systems/bit-digital",
        "as filed, first customer",
        lambda plan: line_usd(plan, "space_rent_usd", "2048 GPUs", THIRD_QUARTER),
        -1.02e6,
        1e4,
        "data-centre lease of Q3 2024: WhiteFiber's 10-Q (A)",
    ),
    Published(
        "systems/bit-digital",
        "as filed, first customer",
        lambda plan: line_usd(plan, "ai_power_usd", "2048 GPUs", THIRD_QUARTER),
        -0.21e6,
        1e4,
        "electricity of Q3 2024: WhiteFiber's 10-Q (A)",
    ),
    Published(
        "systems/northern-data",
        "as filed",
        lambda plan: first_year("revenue")(plan) / EUR,
        121e6,
        1e6,
        "cloud revenue of 2024, EUR: edisongroup.com 2025 (C)",
    ),
    Published(
        "systems/northern-data",
        "as filed",
        lambda plan: usd_per_gpu_hour(22528)(plan) / EUR,
        0.61,
        0.01,
        "EUR per owned GPU-hour of 2024 (calc)",
    ),
    Published(
        "systems/northern-data",
        "as reported, the loan put to work",
        lambda plan: -line_usd(plan, "gpus_bought_usd", "GPUs", slice(None)) / EUR,
        575e6,
        1e6,
        "the loan, EUR: The Block via aicoin, Nov 2023 (B)",
    ),
    Published(
        "systems/hive",
        "best evidence, a revenue of 250,000 a quarter",
        usd_per_gpu_hour(760),
        0.15,
        0.01,
        "2% of 38,000 cards (calc)",
    ),
    Published(
        "systems/microsoft-openai",
        "as reported, 100B",
        lambda plan: metric(plan, "capex_usd"),
        100e9,
        1e9,
        "livemint.com 2024-03-30 (B)",
        ("months=72",),
    ),
    Published(
        "systems/microsoft-openai",
        "at what later programmes cost, 150B",
        lambda plan: metric(plan, "capex_usd") / 3,
        50e9,
        1e9,
        "per GW, here of 3: $500B for 10 GW, moneycheck.com Sep 2025 (B)",
        ("months=72",),
    ),
    Published(
        "systems/bitwise-vaneck",
        "as reported, 13.9B a year",
        contract_usd(1, "AI"),
        13.9e9,
        1e8,
        "1,526 MW at $9.11M: VanEck via coinfea.com Aug 2024 (C)",
    ),
)


@pytest.mark.parametrize("case", PUBLISHED, ids=lambda case: f"{case.file}: {case.source}")
def test_reproduces_what_was_published(case: Published) -> None:
    """The scenario gives the figure that rounds to the published one."""
    plan = evaluate(load(SCENARIOS / f"{case.file}.yaml", case.settings)).plans[case.plan]
    assert case.figure(plan) == pytest.approx(case.published, rel=0, abs=case.last_digit / 2)
