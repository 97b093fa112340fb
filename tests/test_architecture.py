"""What holds for the source as a whole: who imports whom, what an import costs, names, sizes, tests of its own."""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ForwardRef, get_args, get_origin

import pytest

from minecalc.schema.fields import Inputs
from minecalc.units import unit_of
from minecalc.values.paths import ValueOverTime

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "minecalc"
FILES = sorted(PACKAGE.rglob("*.py"))
IDS = [str(file.relative_to(PACKAGE)) for file in FILES]

#: Parts of the package, a folder or a module each, from the ground up. A part may import what stands in a line
#: above it and itself, never its neighbours in the line.
LAYERS = (
    ("units", "visible", "version", "frozen"),
    ("files", "trace", "work"),
    ("arrays",),
    ("randomness",),
    ("timeline", "document", "cashflows", "corners", "schema", "reference", "tables"),
    ("series", "looks", "statistics"),
    ("values",),
    ("market", "power", "fleets", "distribution", "finance"),
    ("factor",),
    ("uses",),
    ("deals", "mining"),
    ("businesses",),
    ("uncertainty",),
    ("scenario",),
    ("engine",),
    ("figures", "simulation", "frames"),
    ("checks",),
    ("loading",),
    ("solving",),
    ("analysis",),
    ("spreadsheet",),
    ("reports", "manual", "examples", "templates"),
    ("cli",),
)
LEVEL = {part: level for level, parts in enumerate(LAYERS) for part in parts}
#: Parts that see less than what stands above them.
ONLY = {
    "reports": {"document", "looks", "units", "visible"},
    "schema": {"units", "visible", "files"},
    "finance": {"arrays", "trace", "frozen"},
}
#: The name that stands for ``minecalc/__init__.py``: it fetches its public names when they are first used.
TOP = "__init__"

#: The one place that may reach the network.
NETWORK_PART = "feeds"
NETWORK = {"socket", "ssl", "urllib", "http", "ftplib", "smtplib", "asyncio", "requests", "httpx", "aiohttp"}

LINES_MOST = 500
VAGUE = {"utils", "util", "helpers", "helper", "common", "models", "core", "misc", "base", "lib"}

#: Public modules whose test file has another name than theirs, and why.
TESTED_ELSEWHERE = {
    "power/charge_lines": "power/test_power_charges.py",
    "reference/records": "reference/test_reference_reading.py",
    "reference/bitcoin_history": "reference/test_reference_figures.py",
    "reference/financings": "reference/test_reference_figures.py",
    "reference/gpus": "reference/test_reference_figures.py",
    "reference/leases": "reference/test_reference_figures.py",
    "reference/machines": "reference/test_reference_figures.py",
    "reference/snapshot": "reference/test_reference_figures.py",
    "reference/tax_regimes": "deals/test_taxation.py",
    **{
        str(file.relative_to(PACKAGE).with_suffix("")): "test_public_questions.py"
        for file in PACKAGE.glob("analysis/*/question.py")
        if not (ROOT / "tests" / "analysis" / file.parent.name / "test_question.py").exists()
    },
    "version": "cli/test_commands.py",
}


def part_of(file: Path) -> str:
    """The part of the package that a source file belongs to."""
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def imports(file: Path) -> Iterator[str]:
    """The full name of everything that ``file`` imports, wherever in it the import stands."""
    for node in ast.walk(tree(file)):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield from (f"{module}.{name.name}" for name in names)
            case ast.ImportFrom():
                raise AssertionError(f"{file}: import by the full name")


def parts_imported(file: Path) -> set[str]:
    """The parts of the package that ``file`` imports."""
    below = (name.split(".")[1] for name in imports(file) if name.startswith("minecalc."))
    return {name if name in LEVEL else TOP for name in below}


def test_the_layers_name_every_part_once() -> None:
    parts = {part_of(file) for file in FILES} - {TOP, "__main__"}
    assert sorted(part for layer in LAYERS for part in layer) == sorted(parts)


@pytest.mark.parametrize("file", FILES, ids=IDS)
def test_imports_go_one_way(file: Path) -> None:
    part = part_of(file)
    imported = parts_imported(file) - {part}
    if part == TOP:
        assert imported <= {
            "version",
            "engine",
            "frames",
            "loading",
            "figures",
            "scenario",
            "solving",
            "analysis",
            "spreadsheet",
        }
    elif part == "__main__":
        assert imported == {"cli"}
    elif part == "cli":
        assert imported <= {*LEVEL, TOP}
    else:
        assert TOP not in imported, "a module imports from modules, not from the package"
        assert imported <= ONLY.get(part, {*LEVEL})
        assert {name for name in imported if LEVEL[name] >= LEVEL[part]} == set()


def test_only_feeds_may_reach_the_network() -> None:
    found = {file: {name for name in imports(file) if name.split(".")[0] in NETWORK} for file in FILES}
    assert {file: names for file, names in found.items() if names and part_of(file) != NETWORK_PART} == {}


def test_importing_the_package_costs_nothing() -> None:
    """It opens nothing but source and bytecode, imports nothing heavy, connects nowhere, changes nothing."""
    code = """
import importlib, json, os, signal, sys, threading, warnings
seen = []
def watch(event, args):
    if event == "open" and not str(args[0]).endswith((".py", ".pyc")):
        seen.append(f"open {args[0]}")
    if event.startswith(("socket.", "subprocess.", "os.system", "os.putenv", "signal.")):
        seen.append(event)
before = dict(os.environ), list(warnings.filters), sys.excepthook, signal.getsignal(signal.SIGINT)
sys.addaudithook(watch)
importlib.import_module("minecalc")
after = dict(os.environ), list(warnings.filters), sys.excepthook, signal.getsignal(signal.SIGINT)
print(json.dumps([seen, before == after, threading.active_count(), sorted(sys.modules)]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT, timeout=60)
    seen, unchanged, threads, modules = ast.literal_eval(done.stdout.decode().replace("true", "True"))
    assert seen == []
    assert unchanged
    assert threads == 1
    assert {name for name in modules if name.startswith("minecalc")} == {"minecalc", "minecalc.version"}
    heavy = {"numpy", "pandas", "pydantic", "pydantic_core", "yaml", "rich", "typer", "socket", "asyncio"}
    assert heavy & set(modules) == set()


def test_public_names_are_what_they_say_whatever_was_imported_before() -> None:
    """A module of the same name would take the place of the function once anything has imported it."""
    package: Any = importlib.import_module("minecalc")
    assert set(package.__all__) <= set(dir(package))
    assert set(package._HOMES) == set(package.__all__)
    assert {name for name in package.__all__ if (PACKAGE / f"{name}.py").exists()} == set()
    for name in package.__all__:
        assert getattr(package, name) is getattr(package, name)
        assert inspect.isfunction(getattr(package, name)) or inspect.isclass(getattr(package, name))
    with pytest.raises(AttributeError, match="no attribute 'evaluation_of'"):
        _ = package.evaluation_of


def modules_imported_by(*arguments: str) -> set[str]:
    """The modules that a run of the command line imports."""
    command = [sys.executable, "-X", "importtime", "-m", "minecalc", *arguments]
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, timeout=60, text=True)
    assert done.stdout
    return {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}


def imported_by(*arguments: str) -> set[str]:
    """The packages of these modules."""
    return {name.split(".")[0] for name in modules_imported_by(*arguments)}


def test_help_needs_no_numpy() -> None:
    imported = imported_by("--help")
    assert "typer" in imported
    assert {"numpy", "pandas", "pydantic", "yaml", "scipy"} & imported == set()


def test_comparing_needs_neither_pandas_nor_scipy() -> None:
    imported = imported_by("compare", "tests/examples/texas.yaml")
    assert "numpy" in imported
    assert {"pandas", "scipy", "matplotlib", "ssl", "http"} & imported == set()


def test_comparing_reads_no_module_of_what_the_file_has_nothing_of() -> None:
    imported = modules_imported_by("compare", "tests/bench/three_plans.yaml")
    assert {"minecalc.analysis.compare.record", "minecalc.finance.returns"} <= imported
    accounts = {
        "minecalc.deals.financing",
        "minecalc.deals.taxation",
        "minecalc.finance.depreciation",
        "minecalc.power.charge_lines",
        "minecalc.finance.integrity",
        "minecalc.finance.statements",
        "minecalc.engine.stated",
    }
    contracts = {"minecalc.mining.hedges", "minecalc.uses.prepayment", "minecalc.uses.tenant_default"}
    draws = {"minecalc.factor", "minecalc.distribution", "minecalc.uses.ai_rates", "minecalc.uncertainty"}
    language = {"minecalc.loading.requirements", "minecalc.analysis.requirements", "minecalc.schema.expressions"}
    assignments = {"minecalc.schema.assignments", "minecalc.schema.overrides", "minecalc.schema.layers"}
    shapes = {"minecalc.series.sorted_hours", "minecalc.fleets.profiles"}
    assert (accounts | contracts | draws | language | assignments | shapes) & imported == set()
    assert {"numpy.ma", "rich.console"} & imported == set()
    read = {name for name in imported if name.startswith("minecalc.reference.")}
    named = {f"minecalc.reference.{table}" for table in ("machines", "records", "snapshot")}
    assert read == named, "of a record that no file names not even the class is made"


def input_classes() -> list[type[Inputs]]:
    """Every class of inputs in the package."""
    for file in FILES:
        if file.stem != "__main__":
            importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
    found: list[type[Inputs]] = []
    waiting: list[type[Inputs]] = [Inputs]
    while waiting:
        below = waiting.pop().__subclasses__()
        waiting += below
        found += [model for model in below if model.__module__.startswith("minecalc.")]
    return list(dict.fromkeys(found))


def types_in(annotation: Any) -> set[Any]:
    """The plain types that an annotation is made of."""
    if get_origin(annotation) is None:
        return {annotation}
    return {kind for argument in get_args(annotation) for kind in types_in(argument)}


def test_annotations_of_what_a_comparison_loads_are_no_text() -> None:
    """typing and pydantic compile each that is, whenever a command starts, and those of inputs for each class below."""
    loaded = modules_imported_by("compare", "tests/bench/three_plans.yaml") | {"minecalc.cli"}
    declared = {
        thing
        for name in loaded
        if name.startswith("minecalc") and name != "minecalc.__main__"
        for thing in vars(importlib.import_module(name)).values()
        if isinstance(thing, type) and thing.__module__ == name
        if issubclass(thing, Inputs) or hasattr(thing, "_fields")
    }
    assert {ValueOverTime, Inputs} <= declared
    of_text = {thing for thing in declared for kind in declared_types(thing) if isinstance(kind, str | ForwardRef)}
    assert of_text == set()


def declared_types(declared: type) -> list[Any]:
    """What a class says of its own names."""
    return list(inspect.get_annotations(declared).values())


def test_every_numeric_input_ends_in_its_unit() -> None:
    numeric = [
        (model, name)
        for model in input_classes()
        for name, field in model.model_fields.items()
        if {int, float, ValueOverTime} & types_in(field.annotation)
    ]
    assert len(numeric) > 100
    without = {(model.__name__, name) for model, name in numeric if unit_of(name) is None}
    shares = {("Conversion", "spend"), ("HallConversion", "spend"), ("Shares", "shares")}
    assert without == shares | {("FleetTerms", "deliveries")}, "shares of the whole, one a month or a date; counts"


def test_files_are_small_and_say_what_they_are_for() -> None:
    lines = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in FILES}
    assert {file: count for file, count in lines.items() if count >= LINES_MOST} == {}
    names = {file: {part.strip("_").removesuffix(".py") for part in file.relative_to(PACKAGE).parts} for file in FILES}
    assert [file for file, parts in names.items() if VAGUE & parts] == []
    assert [file for file in FILES if not ast.get_docstring(tree(file))] == []


def test_every_public_module_has_its_own_test() -> None:
    """One whose name begins with an underscore is tested by whatever it serves."""
    names = {str(file.relative_to(PACKAGE).with_suffix("")) for file in FILES if not file.stem.startswith("_")}
    tests = {str(file.relative_to(ROOT / "tests")) for file in (ROOT / "tests").rglob("test_*.py")}

    def own(name: str) -> str:
        folder, _, module = name.rpartition("/")
        return f"{folder}/test_{module}.py".lstrip("/")

    missing = {name for name in names if own(name) not in tests}
    assert missing <= set(TESTED_ELSEWHERE), "write a test named like the module, or say what tests it"
    assert set(TESTED_ELSEWHERE) <= missing, "it has a test of its own now"
    assert set(TESTED_ELSEWHERE.values()) <= tests


#: What adds over the months in an order that depends on the batch; ``arrays`` has the two that do not.
ADDING = {"sum", "nansum", "cumsum", "mean", "average", "dot", "vdot", "inner", "matmul", "einsum", "tensordot"}
ADDING |= {"trapezoid", "prod", "cumprod", "convolve", "add.reduce", "add.accumulate", "add.reduceat"}
#: The mean of one case, for a reader.
ADDING_ALLOWED = {("checks", "np.mean")}


def additions(file: Path) -> Iterator[str]:
    """Every call and operator in ``file`` that numpy may use to add along an axis."""
    for node in ast.walk(tree(file)):
        match node:
            case ast.BinOp(op=ast.MatMult()) | ast.AugAssign(op=ast.MatMult()):
                yield "@"
            case ast.Call(func=ast.Attribute() as function):
                called = ast.unparse(function)
                if any(called.endswith(f".{name}") for name in ADDING):
                    yield called
            case ast.ImportFrom(module="numpy", names=names):
                yield from (name.name for name in names if name.name in ADDING)


def test_money_is_added_over_time_in_one_place() -> None:
    found = {(part_of(file), call) for file in FILES for call in additions(file) if part_of(file) != "arrays"}
    assert found - ADDING_ALLOWED == set()


def test_the_search_for_additions_finds_them(tmp_path: Path) -> None:
    file = tmp_path / "some.py"
    file.write_text("a @ b\nx[:].sum(axis=0)\nnp.add.reduce(x)\nnp.maximum.reduce(x)\nfrom numpy import dot\nsum(x)\n")
    assert set(additions(file)) == {"@", "dot", "x[:].sum", "np.add.reduce"}


def public_without_docstring(file: Path) -> Iterator[str]:
    """Public functions, classes and methods of ``file`` that do not say what they do."""
    waiting: list[tuple[str, ast.Module | ast.ClassDef]] = [("", tree(file))]
    while waiting:
        prefix, owner = waiting.pop()
        for node in owner.body:
            if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
                continue
            if not ast.get_docstring(node):
                yield f"{prefix}{node.name}"
            if isinstance(node, ast.ClassDef):
                waiting.append((f"{node.name}.", node))


def test_everything_public_is_documented() -> None:
    found = {file: list(public_without_docstring(file)) for file in FILES}
    assert {file: names for file, names in found.items() if names} == {}
