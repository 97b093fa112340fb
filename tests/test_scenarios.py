"""The shipped scenarios: each is sound, says where its figures come from, and reproduces what was published."""

from __future__ import annotations

import csv
import math
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from minecalc.checks import warnings
from minecalc.engine import PlanEvaluation, evaluate
from minecalc.figures import against_baseline, plan_metrics, quantities
from minecalc.loading import load, read
from minecalc.reference.leases import leases
from minecalc.timeline import parse_month
from minecalc.units import MONTHS_PER_YEAR

SCENARIOS = Path(__file__).parents[1] / "scenarios"
FILES = sorted(SCENARIOS.rglob("*.yaml"))
IDS = [file.relative_to(SCENARIOS).as_posix() for file in FILES]
each_file = pytest.mark.parametrize("file", FILES, ids=IDS)

SYSTEMS = {"bit-digital", "northern-data", "hive", "microsoft-openai", "bitwise-vaneck"}
FEWEST = {"archetypes": 6, "leases": 8}
HEADINGS = ("Sources", "Market", "Our judgement")
_GRADE = re.compile(r"\((?:A|B|C|D|calc)[,)]")


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
    told = warnings(reading.scenario)
    held = [text for text in told if "the last value of the file" in text]
    beyond = [text for text in told if "runs beyond the horizon" in text]
    assert {*told} == {*held, *beyond}
    assert bool(held) == (b"outside: hold" in file.read_bytes()), "what is asked for"
    assert bool(beyond) == ("at the horizon is paid there" in paragraphs(file).get("Financing", "")), "as filed"


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
    assert scenario.earns_hash_price
    if file.parent.name == "leases":
        assert all(use.inputs.mines for use in scenario.baseline_plan.uses)


@each_file
def test_every_figure_is_a_number_or_has_a_reason(file: Path) -> None:
    evaluation = evaluate(load(file))
    for name, plan in evaluation.plans.items():
        for figures in (plan_metrics(plan), quantities(plan), against_baseline(evaluation, name)):
            for key, figure in figures.items():
                number = figure.number()
                assert math.isfinite(number) if number is not None else figure.reason(), (name, key)
        assert plan_metrics(plan)["npv_usd"].number() is not None


def contracted_usd(plan: PlanEvaluation, years: float) -> float:
    """Revenue of the first ``years`` from each use's own ready date."""
    total = 0.0
    for use in plan.plan.uses:
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
    "cipher-fluidstack": ("cipher-barber-lake",),
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


@dataclass(frozen=True)
class Published:
    """A row of ``scenario_figures.csv``: the sum of ``lines`` of one use (or all) over ``months``, over ``per``."""

    file: str
    plan: str
    use: str
    lines: tuple[str, ...]
    first: int
    months: int
    per: float
    published: float
    last_digit: float
    settings: tuple[str, ...]
    source: str

    def figure(self) -> float:
        scenario = load(SCENARIOS / f"{self.file}.yaml", self.settings)
        plan = evaluate(scenario).plans[self.plan]
        begin = scenario.timeline.number(self.first) - 1
        chosen = [
            line
            for line in plan.flows.lines
            if line.name in self.lines and self.use in ("", line.use) and not line.meanwhile
        ]
        assert {line.name for line in chosen} == set(self.lines)
        return math.fsum(math.fsum(line.usd[begin : begin + self.months, 0]) for line in chosen) / self.per


def published() -> list[Published]:
    with (Path(__file__).parent / "scenario_figures.csv").open(encoding="utf-8", newline="") as file:
        return [
            Published(
                file=row["file"],
                plan=row["plan"],
                use=row["use"],
                lines=tuple(row["lines"].split()),
                first=parse_month(row["from"]),
                months=int(row["months"]),
                per=float(row["per"]),
                published=float(row["published"]),
                last_digit=float(row["last_digit"]),
                settings=tuple(row["settings"].split("; ")) if row["settings"] else (),
                source=row["source"],
            )
            for row in csv.DictReader(file)
        ]


@pytest.mark.parametrize("case", published(), ids=lambda case: f"{case.file}: {case.source}")
def test_reproduces_what_was_published(case: Published) -> None:
    """The scenario gives a figure that rounds to the published one."""
    assert case.figure() == pytest.approx(case.published, rel=0, abs=case.last_digit / 2)


def test_texas_by_the_hour_says_what_other_prices_give() -> None:
    """The figures that its head states, each worked out from the settings that the head names."""
    file = SCENARIOS / "archetypes" / "texas-by-the-hour.yaml"
    head = " ".join(paragraphs(file)["Other year"].split())
    price, plan = "site.electricity_price_usd_per_kwh", "let 10 MW to AI"
    other = f"{price}.duration_curve=ercot-hub-average-2024"
    pays = f'plans."{plan}".uses.halls.tenant_pays_power=false'

    def ahead_musd(*settings: str) -> float:
        evaluation = evaluate(load(file, settings))
        return float(evaluation.plans[plan].npv_usd[0] - evaluation.baseline.npv_usd[0]) / 1e6

    assert f"AI is ${ahead_musd():.1f}M ahead by the hours of 2023, ${ahead_musd(other):.1f}M by those of 2024" in head
    assert f"AI is ${-ahead_musd(pays):.2f}M behind by 2023 and ${ahead_musd(pays, other):.1f}M ahead by 2024" in head
    flat, hourly = (evaluate(load(file, given)).baseline for given in ([f"{price}=0.0639"], []))
    assert f"worth ${flat.npv_usd[0] / 1e6:.2f}M; by the hour it is worth ${hourly.npv_usd[0] / 1e6:.2f}M" in head
    assert not flat.flows.quantities["energy_mwh"].any()


def test_every_system_reproduces_something() -> None:
    assert {Path(case.file).name for case in published() if case.file.startswith("systems/")} == SYSTEMS
