"""What a shell is offered for each word of a command line; how shells take it is tested in ``test_shells``."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from minecalc import load
from minecalc.analysis.explain.explanation import targets, trace_plans
from minecalc.cli import commands
from minecalc.figures import names_of
from minecalc.reports import formats
from minecalc.scenario.movables import movables
from tests.cli.completing import fish, offered
from tests.cli.running import HILLTOP, ROOT, TEXAS, process

PLANS = ["keep\\ mining", "lease\\ to\\ an\\ AI\\ tenant", "rent\\ out\\ GPUs", "half\\ and\\ half"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder with two scenarios, a third in a folder inside, and what is no scenario."""
    for name in ("a.yaml", "b c.yml", "notes.txt", ".hidden.yaml", "inner/deep/d.yaml", "inner/e.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(Path(HILLTOP).read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_commands_and_options() -> None:
    assert set(offered("")) == set(commands())
    assert offered("sw") == ["sweep"]
    always = {"--set", "--confined", "--market", "--format", "--output", "--quiet", "--chart", "--color", "--help"}
    assert set(offered("compare", "--")) == always | {"--sort", "--columns", "--full"}


def test_columns_of_the_league_one_after_the_other(folder: Path) -> None:
    assert offered("compare", "--sort", "best") == ["best_rival"]
    assert offered("compare", "--columns", "name,moic") == ["name,moic_ratio"]


def test_files_and_folders(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert offered("compare", "") == ["inner/", "a.yaml", "b\\ c.yml", "-"]
    assert offered("compare", "a.yaml", "b") == ["b\\ c.yml"]
    assert offered("explain", "a") == ["a.yaml"]
    assert offered("diff", "a.yaml", "b") == ["b\\ c.yml"]
    assert offered("check", ".hi") == [".hidden.yaml"]
    assert offered("compare", "no/such") == offered("compare", "notes") == []
    assert offered("compare", f"{folder}/a") == [f"{folder}/a.yaml"]
    monkeypatch.setenv("HOME", str(folder))
    assert offered("compare", "~/a") == ["~/a.yaml"]


def test_a_single_folder_comes_with_what_it_holds(folder: Path) -> None:
    """A shell ends the word after a single offer; two begin alike and let it go on."""
    assert offered("compare", "inn") == ["inner/", "inner/deep/", "inner/deep/d.yaml"]
    assert offered("compare", "inner/") == ["inner/deep/", "inner/deep/d.yaml"]
    assert (folder / "inner").is_dir()


def test_plan_names() -> None:
    assert offered("cashflow", TEXAS, "--plan", "") == PLANS
    assert offered("cashflow", "--plan", "") == [], "no file is named yet"
    assert offered("breakeven", TEXAS, "--against", "h") == offered("sweep", TEXAS, "--plan", "h") == PLANS[3:]
    assert offered("sensitivity", TEXAS, "--plan", "l") == offered("explain", TEXAS, "--plan", "l") == PLANS[1:2]
    assert offered("explain", TEXAS, "npv_usd", "--plan", "l") == PLANS[1:2]
    assert offered("diff", TEXAS, HILLTOP, "--plan", "") == ["keep\\ mining", "rent\\ out\\ GPUs"]
    assert offered("diff", TEXAS, "--plan", "") == PLANS
    new = "plans.new={kind: colocation, gross_mw: 5, rent_usd_per_kw_per_month: 100}"
    assert offered("cashflow", TEXAS, "--set", f"'{new}'", "--plan", "n") == ["new"]
    assert offered("cashflow", TEXAS, "--set", "wrong=1", "--plan", "k") == PLANS[:1]


def test_inputs_to_set() -> None:
    paths = offered("compare", TEXAS, "--set", "")
    assert {"months=", "site.gross_mw=", "market.btc_price_usd=", "market.btc_price_usd.scale="} <= set(paths)
    assert "plans.keep\\ mining.refresh.every_months=" in paths
    assert all(path.endswith("=") for path in paths)
    assert offered("compare", TEXAS, "--set", "site.gro") == ["site.gross_mw=", "site.gross_mw=50"]
    assert offered("compare", TEXAS, "--set", "site.gross_mw", "=") == ["50"]
    assert offered("compare", TEXAS, "--set", "site.gross_mw", "=", "6") == []
    assert offered("compare", TEXAS, "--set", "plans.lease\\ to\\ an\\ AI\\ tenant.exit_basis", "=", "re") == [
        *("relet", "remaining_term"),
    ]
    machines = offered("compare", TEXAS, "--set", "plans.keep\\ mining.machine", "=", "antminer-s21-x")
    assert {"antminer-s21-xp", "antminer-s21-xp-hyd"} <= set(machines)
    assert all(machine.startswith("antminer-s21-x") for machine in machines)
    assert offered("compare", TEXAS, "--set", "site.gross_megawatt") == []
    assert offered("check", str(ROOT / "tests" / "examples"), "--set", "site.gross") != []


def test_inputs_of_the_second_file() -> None:
    tenant = "plans.lease\\ to"
    assert offered("diff", TEXAS, HILLTOP, "--set-a", tenant) != []
    assert offered("diff", TEXAS, HILLTOP, "--set-b", tenant) == []
    assert offered("diff", TEXAS, "--set-b", tenant) != []
    assert offered("diff", TEXAS, HILLTOP, "--set-b", "site.gro") == ["site.gross_mw=", "site.gross_mw=40"]


def test_inputs_that_move() -> None:
    paths = [path.replace("\\", "") for path in offered("breakeven", TEXAS, "--solve", "")]
    assert paths == [path.replace('"', "") for path in movables(load(TEXAS))]
    ranges = offered("breakeven", TEXAS, "--by", "market.")
    assert ranges == offered("sensitivity", TEXAS, "--range", "market.")
    assert "market.btc_price_usd.growth_fraction_per_year=" in ranges
    assert offered("breakeven", TEXAS, "--by", "site.gro") == ["site.gross_mw=", "site.gross_mw=50"]
    ready = "plans.rent\\ out\\ GPUs.conversion.ready"
    assert offered("sensitivity", TEXAS, "--range", ready) == [f"{ready}=", f"{ready}=2028-06"]


def test_inputs_that_vary_take_lists() -> None:
    flag = "plans.lease\\ to\\ an\\ AI\\ tenant.tenant_pays_power"
    assert offered("sweep", TEXAS, "--vary", flag) == [f"{flag}=", f"{flag}=true", f"{flag}=false"]
    assert offered("sweep", TEXAS, "--vary", flag, "=", "true,f") == ["true,false"]
    assert offered("sweep", TEXAS, "--vary", "site.gross_mw", "=", "40,") == []


def test_figures() -> None:
    names = offered("sweep", TEXAS, "--metric", "")
    assert {"npv_usd", "npv_difference_usd", "incremental_irr_fraction_per_year", "btc_mined"} <= set(names)
    assert offered("sensitivity", TEXAS, "--metric", "payb") == ["payback_months"]
    of_a_plan = names_of("plan", "corner", "debt")
    assert {"npv=", "irr=", "mirr=", "moic=", "payback=", "dscr=", *(f"{name}=" for name in of_a_plan)} == set(
        offered("breakeven", TEXAS, "--target", "")
    )


def test_what_can_be_explained() -> None:
    evaluation = trace_plans(load(TEXAS))
    tenant = [name.replace(" ", "\\ ") for name in targets(evaluation, "lease to an AI tenant")]
    assert offered("explain", TEXAS, "--plan", "lease\\ to\\ an\\ AI\\ tenant", "") == tenant
    assert set(tenant) < set(offered("explain", TEXAS, ""))
    assert offered("explain", TEXAS, "rent_u") == ["rent_usd", "rent_usd@"]
    assert offered("explain", TEXAS, "rent_usd", "@", "2036-1") == ["2036-10", "2036-11", "2036-12"]
    assert len(offered("explain", TEXAS, "rent_usd", "@")) == 120
    assert offered("explain", TEXAS, "npv_usd", "@") == []


def test_years_of_hourly_prices() -> None:
    assert "caiso-np15-2024" in offered("init", "x", "--power", "")
    path = "site.electricity_price_usd_per_kwh.duration_curve="
    assert f"{path}ercot-hub-average-2024" in offered("compare", "texas-by-the-hour", "--set", path)


def test_the_catalogue() -> None:
    assert offered("catalog", "") == ["machines", "gpus", "leases", "financing", "tax", "power"]
    assert offered("catalog", "machines", "--where", "coo") == ["cooling="]
    assert offered("catalog", "machines", "--where", "cooling", "=") == ["air", "hydro", "immersion"]
    assert offered("catalog", "gpus", "--sort", "kw_") == [
        name for name in offered("catalog", "gpus", "--sort", "") if name.startswith("kw_")
    ]
    assert {"kw_per_gpu", "kw_basis"} <= set(offered("catalog", "gpus", "--sort", ""))
    assert offered("catalog", "--sort", "") == offered("catalog", "nothing", "--where", "") == []


def test_topics_of_the_manual() -> None:
    assert offered("help", "st") == ["start"]
    assert {"compare", "colocation", "glossary"} <= {*offered("help", "")}


def test_what_a_scenario_may_begin_from() -> None:
    assert {"lease", "gpu", "phases", "miner", "retrofit"} <= {*offered("init", "--from", "")}
    assert {"antminer-s21-hyd", "antminer-s21-pro"} <= {*offered("init", "--machine", "antminer-s21-")}
    assert "h100" in offered("init", "--gpu", "")


def test_lists_of_machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("rigs.csv", "rigs.json", "rigs.yaml"):
        (tmp_path / name).touch()
    (tmp_path / "more").mkdir()
    for words in (("import-fleet", ""), ("init", "--fleet", "")):
        assert {*offered(*words)} == {"more/", "rigs.csv", "rigs.json"}


def test_formats() -> None:
    for command in {*commands()} - {"help", "init", "import-fleet", "workbook"}:
        expected = ["json"] if command == "schema" else list(formats())
        assert offered(command, "--format", "") == expected


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"name: x\nsite: {gross_mw: [\n",
        b"\xff\xfe\x00",
        b"name: x\nsite: {gross_mw: -1}\nplans: {a: {kind: colocation}}\n",
        b"plans:\n  keep min",
    ],
)
@pytest.mark.parametrize(
    "words",
    [
        ("compare", "FILE", "--set", "site."),
        ("cashflow", "FILE", "--plan", ""),
        ("breakeven", "FILE", "--solve", ""),
        ("breakeven", "FILE", "--by", "site.x="),
        ("sweep", "FILE", "--vary", "site.x=1,"),
        ("explain", "FILE", ""),
        ("diff", "FILE", "FILE", "--set-b", ""),
    ],
)
def test_a_file_that_cannot_be_used_offers_nothing(text: bytes, words: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "half.yaml"
    file.write_bytes(text)
    assert offered(*(str(file) if word == "FILE" else word for word in words)) == []


def test_what_cannot_be_read_twice_is_not_read_at_all(tmp_path: Path) -> None:
    fifo = tmp_path / "pipe.yaml"
    os.mkfifo(fifo)
    for place in ("-", str(fifo), str(tmp_path), str(tmp_path / "none.yaml")):
        assert offered("cashflow", place, "--plan", "") == []


def test_names_that_no_line_can_hold_are_left_out(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(Path(HILLTOP).read_text(encoding="utf-8").replace("rent out GPUs", '"two\\nlines"'))
    assert offered("cashflow", str(file), "--plan", "") == ["keep\\ mining"]


def test_explanations_are_short() -> None:
    for line in fish(f"compare {TEXAS} --set ").out.splitlines():
        assert len(line.partition("\t")[2]) <= 60


def test_a_shell_waits_for_nothing_that_it_does_not_need() -> None:
    asked = {"_MINECALC_COMPLETE": "complete_bash", "COMP_WORDS": "minecalc\ncompare\nscen", "COMP_CWORD": "2"}
    done = process(environment=asked | {"PYTHONPROFILEIMPORTTIME": "1"})
    assert done.out.startswith("scenarios/\n")
    assert "typer" in done.err
    assert {"numpy", "pandas", "yaml"} & {line.rpartition("|")[2].strip() for line in done.err.splitlines()} == set()
