"""The main job from the command line: which files, which inputs, which format, where to, and with what exit code."""

from __future__ import annotations

import array
import csv
import fcntl
import io
import json
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import HANGS_SECONDS, HILLTOP, ROOT, TEXAS, Run, process, run
from tests.reports.reading import read

BROKEN = "name: Broken\nsite: {gross_mw: 40}\nplans: {keep mining: {kind: bitcoin_mining, hash_rate_eh_per_s: 1.9}}\n"
BROKEN_MESSAGE = """\
{file}:2:1: error[missing-key]: site.electricity_price_usd_per_kwh is missing
     2 | site: {{gross_mw: 40}}
       | ^^^^
       = help: give it, or electricity_price_usd_per_mwh
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three scenarios, one of them below and one broken, and a file of another kind."""
    (tmp_path / "below").mkdir()
    shutil.copy(TEXAS, tmp_path / "b.yaml")
    shutil.copy(HILLTOP, tmp_path / "below" / "a.yml")
    (tmp_path / "broken.yaml").write_text(BROKEN)
    (tmp_path / "notes.txt").write_text("no scenario")
    return tmp_path


def record(*arguments: str | Path, stdin: bytes = b"") -> dict[str, Any]:
    """The only record of ``compare --format json``."""
    done = run("compare", "--format", "json", *arguments, stdin=stdin)
    assert (done.code, done.err) == (0, "")
    (found,) = done.scenarios
    return found


def npv_usd(found: dict[str, Any]) -> list[float]:
    return [plan["metrics"]["npv_usd"] for plan in found["plans"]]


def test_one_scenario_fills_a_screen() -> None:
    done = process("compare", TEXAS)
    assert (done.code, done.err) == (0, "")
    assert "\x1b" not in done.out, "a pipe gets no colours"
    headline = done.out.split("\n\n")[0].replace("\n", " ")
    assert headline == (
        "lease to an AI tenant beats keep mining by $249M NPV at 12.0% (at its own rate of 9.00%: $362M ahead); "
        "without what the halls are worth after the lease keep mining is ahead by $15.1M; they draw level at hash "
        "price 6.35x the path ($29.4 to $187 in 2027-01; $68.0 if flat) or BTC $400k with the network as it is."
    )
    assert "One world, no probabilities; minecalc simulate asks how often it holds.\n" in done.out
    for part in ("Plans side by side", "Worth the same as keep mining at", "Implied hash price"):
        assert part in done.out
    assert done.out.endswith("\n24 defaults, none of them deciding: --full lists them.\n")
    assert max(map(len, done.out.splitlines())) <= 100


def test_in_full_the_defaults_stand_with_their_sources() -> None:
    short, full = run("compare", TEXAS).out.splitlines(), run("compare", TEXAS, "--full").out.splitlines()
    assert full[: len(short) - 1] == short[:-1]
    assert full[len(short) - 1] == "Defaults"
    assert any("median of published leases" in line for line in full)
    assert "Also not given somewhere (json has each place): " in " ".join(full)
    kept = run("compare", TEXAS, "--format", "markdown").out
    assert "## Defaults" in kept
    assert "--full lists them" not in kept


def test_in_process_and_on_its_own_give_the_same() -> None:
    assert run("compare", HILLTOP) == process("compare", HILLTOP)


def test_quiet_is_the_headline_alone_and_leaves_other_formats_whole() -> None:
    whole = run("compare", HILLTOP)
    quiet = run("compare", HILLTOP, "--quiet")
    assert whole.out.startswith(quiet.out.rstrip() + "\n")
    assert len(quiet.out.splitlines()) == 2
    for name in ("json", "csv", "markdown"):
        assert run("compare", HILLTOP, "-q", "--format", name) == run("compare", HILLTOP, "--format", name)


#: Every key of the documented record; ``*`` stands for each member.
KEYS = {
    "": "format version scenarios",
    "scenarios.*": (
        "file sha256 name start months baseline discount_rate_fraction_per_year defaulted warnings plans "
        "headline headline_plan deciding_defaults machines_off costs_stand_still"
    ),
    "scenarios.*.defaulted.*": "path value as_of source",
    "scenarios.*.plans.*": (
        "name kinds evidence discount_rate_fraction_per_year metrics reasons quantities annual vs_baseline "
        "worth_at_the_end"
    ),
    "scenarios.*.plans.*.metrics": (
        "npv_usd npv_at_scenario_rate_usd npv_without_residual_usd irr_fraction_per_year irr_roots "
        "mirr_fraction_per_year payback_months moic_ratio npv_at_best_stop_usd best_stop "
        "residual_share_of_npv_fraction capex_usd peak_funding_usd yield_on_cost_fraction revenue_usd_per_gross_mwh "
        "gross_profit_usd_per_gross_mwh first_year_revenue_usd first_year_gross_profit_usd"
    ),
    "scenarios.*.plans.*.quantities": "btc_mined energy_mwh gpu_hours_sold critical_mw",
    "scenarios.*.plans.*.annual.*": "year revenue_usd power_usd opex_usd capex_usd sale_usd residual_usd net_usd",
    "scenarios.*.plans.*.vs_baseline": (
        "npv_difference_usd npv_difference_at_scenario_rate_usd incremental_irr_fraction_per_year "
        "incremental_payback_months break_evens"
    ),
    "scenarios.*.plans.*.vs_baseline.break_evens.*": "value scale reason low high is_path flat flat_set",
}


def nodes(data: Any, path: str) -> list[Any]:
    """All that a dotted path with ``*`` finds."""
    found = [data]
    for part in filter(None, path.split(".")):
        members = (node if isinstance(node, list) else list(node.values()) for node in found)
        found = [m for some in members for m in some] if part == "*" else [node[part] for node in found]
    return found


def test_json_has_every_documented_key() -> None:
    done = run("compare", TEXAS, "--format", "json")
    assert done.data["format"] == "minecalc.compare/1"
    for path, keys in KEYS.items():
        found = nodes(done.data, path)
        assert found, path
        for node in found:
            assert set(keys.split()) <= set(node), path
    assert re.fullmatch("[0-9a-f]{64}", done.scenarios[0]["sha256"])
    assert done.scenarios[0]["file"] == TEXAS


def test_what_has_no_answer_is_null_with_a_reason() -> None:
    for plan in record(TEXAS)["plans"]:
        figures = plan["metrics"] | plan["quantities"] | plan["vs_baseline"]
        missing = {name for name, value in figures.items() if value is None}
        assert set(plan["reasons"]) == missing
        assert all(isinstance(reason, str) and reason for reason in plan["reasons"].values())
        for found in plan["vs_baseline"]["break_evens"].values():
            assert (found["value"] is None) == bool(found["reason"])


def test_yearly_statements_add_up() -> None:
    found = record(TEXAS)
    for plan in found["plans"]:
        assert [year["year"] for year in plan["annual"]] == list(range(1, 11))
        for year in plan["annual"]:
            parts = sum(value for name, value in year.items() if name not in ("year", "net_usd"))
            assert math.isclose(parts, year["net_usd"], rel_tol=1e-12, abs_tol=1e-3)
            assert min(-year["power_usd"], -year["opex_usd"], -year["capex_usd"], year["revenue_usd"]) >= 0
        spent = -sum(year["capex_usd"] for year in plan["annual"])
        assert math.isclose(spent, plan["metrics"]["capex_usd"], abs_tol=1e-3)


def test_table_csv_and_markdown_show_the_figures_of_the_json() -> None:
    plans = record(TEXAS)["plans"]
    rows = list(csv.DictReader(io.StringIO(run("compare", TEXAS, "--format", "csv").out, newline="")))
    markdown = run("compare", TEXAS, "--format", "markdown").out.replace("\\", "").splitlines()
    terminal = process("compare", TEXAS, environment={"COLUMNS": "150"}).out.splitlines()
    assert [row["plan"] for row in rows] == [plan["name"] for plan in plans]
    for plan, row in zip(plans, rows, strict=True):
        figures = plan["metrics"] | plan["quantities"] | plan["memo"] | plan["vs_baseline"]
        for name, value in figures.items():
            if name not in ("irr_roots", "incremental_irr_roots", "break_evens"):
                assert row[name] == ("" if value is None else str(value)), name
    shown_names = {"npv_usd": "NPV", "capex_usd": "Capex", "irr_fraction_per_year": "IRR", "payback_months": "Payback"}
    shown_names |= {"moic_ratio": "MOIC", "npv_without_residual_usd": "NPV without residual"}
    for key, label in shown_names.items():
        (cells,) = [re.split(" {2,}", line)[1:] for line in terminal if re.match(f"{label}  ", line)]
        (marked,) = [line.strip("| ").split(" | ")[1:] for line in markdown if line.startswith(f"| {label} |")]
        assert cells == marked
        for plan, text in zip(plans, cells, strict=True):
            value = plan["metrics"][key]
            if value is None:
                assert text.startswith("n/a [")
            else:
                figure, half = read(text)
                assert abs(Fraction(value) - figure) <= half


def test_the_suffix_of_the_output_picks_the_format(tmp_path: Path) -> None:
    for suffix, name in ((".json", "json"), (".csv", "csv"), (".md", "markdown")):
        file = tmp_path / f"out{suffix}"
        done = run("compare", HILLTOP, "--output", file)
        assert (done.code, done.out, done.err) == (0, "", "")
        assert file.read_bytes().decode() == run("compare", HILLTOP, "--format", name).out
    done = run("compare", HILLTOP, "--format", "csv", "-o", tmp_path / "out.txt")
    assert (tmp_path / "out.txt").read_bytes() == (tmp_path / "out.csv").read_bytes()
    assert len(list(tmp_path.iterdir())) == 4


def test_an_output_that_cannot_be_is_refused_before_the_work(tmp_path: Path) -> None:
    assert run("compare", HILLTOP, "-o", tmp_path / "out.docx").err.startswith(
        f"minecalc: {tmp_path}/out.docx ends in none of"
    )
    assert run("compare", HILLTOP, "--format", "pdf").err == (
        "minecalc: 'pdf' is not a format; use csv, html, json, markdown, parquet, png, svg, terminal\n"
    )
    done = run("compare", HILLTOP, "-o", tmp_path / "no such" / "out.json")
    assert (done.code, done.out) == (2, "")
    assert done.err == f"minecalc: cannot write {tmp_path}/no such/out.json: No such file or directory\n"
    assert list(tmp_path.iterdir()) == []


def test_standard_input_is_a_scenario() -> None:
    text = Path(HILLTOP).read_bytes()
    found = record("-", stdin=text)
    assert found["file"] == "-"
    assert found["plans"] == record(HILLTOP)["plans"]
    assert process("compare", "-", "--quiet", stdin=text) == run("compare", HILLTOP, "--quiet")


def test_standard_input_may_stand_among_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Worker processes have no standard input of their own."""
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    for number in range(70):
        (tmp_path / f"{number}.yaml").symlink_to(HILLTOP)
    done = run("compare", tmp_path, "-", stdin=Path(HILLTOP).read_bytes())
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("In 71 of 71 scenarios a plan beats the baseline at the scenario's rate.")


def test_set_replaces_and_adds_inputs(tmp_path: Path) -> None:
    assignments = {
        "site.electricity_price_usd_per_kwh": 0.03,
        "market.btc_price_usd.start": 90_000,
        'plans."lease to an AI tenant".rent_usd_per_kw_per_month': 150,
        "plans.'rent out GPUs'.conversion.delay_months": 3,
        "plans.keep mining.opex_usd_per_mw_per_year": 80_000,
        'plans."half and half".uses.lease.opex_fraction_of_rent': 0.1,
        "months": 96,
    }
    options = [part for path, value in assignments.items() for part in ("--set", f"{path}={value}")]
    changed = Path(TEXAS).read_text()
    for old, new in (
        ("electricity_price_usd_per_kwh: 0.045", "electricity_price_usd_per_kwh: 0.03"),
        ("start: 63001", "start: 90_000"),
        ("rent_usd_per_kw_per_month: 130\n    escalator", "rent_usd_per_kw_per_month: 150\n    escalator"),
        ("opex_usd_per_mw_per_year: 92000", "opex_usd_per_mw_per_year: 80000"),
        (
            "gross_mw: 25, rent_usd_per_kw_per_month: 130",
            "gross_mw: 25, rent_usd_per_kw_per_month: 130, opex_fraction_of_rent: 0.1",
        ),
        ("months: 120", "months: 96"),
    ):
        assert changed.count(old) == 1 or old.startswith("months"), old
        changed = changed.replace(old, new, 1)
    gpus = changed.index("rent out GPUs")
    changed = changed[:gpus] + changed[gpus:].replace("ready: 2028-06,", "ready: 2028-06, delay_months: 3,", 1)
    file = tmp_path / "changed.yaml"
    file.write_text(changed)
    assert npv_usd(record(TEXAS, *options)) == npv_usd(record(file))
    assert npv_usd(record(TEXAS)) != npv_usd(record(file))


def test_a_scale_is_the_value_times_it() -> None:
    scaled = record(TEXAS, "--set", "market.btc_price_usd.scale=1.5")
    assert npv_usd(scaled) == npv_usd(record(TEXAS, "--set", "market.btc_price_usd.start=94501.5"))
    constant = record(HILLTOP, "--set", "site.electricity_price_usd_per_kwh.scale=0.5")
    assert npv_usd(constant) == npv_usd(record(HILLTOP, "--set", "site.electricity_price_usd_per_kwh=0.025"))
    default = record(HILLTOP, "--set", "market.btc_price_usd.scale=2")
    assert npv_usd(default) == npv_usd(record(HILLTOP, "--set", "market.btc_price_usd=126002"))


def test_a_wrong_assignment_is_shown_where_it_is_wrong() -> None:
    done = run("compare", HILLTOP, "--set", "site.gross_mw=-50", "--set", "site.gross_megawatts=50")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "--set:1:15: error[out-of-range]: gross_mw is -50; it must lie in 1e-06..100000\n"
        "     1 | site.gross_mw=-50\n"
        "       |               ^^^\n"
        "\n"
        '--set:2:6: error[unknown-key]: unknown key "gross_megawatts"\n'
        "     2 | site.gross_megawatts=50\n"
        "       |      ^^^^^^^^^^^^^^^\n"
        "       = help: did you mean gross_mw?\n"
    )


def test_one_broken_file_does_not_hide_the_others(folder: Path) -> None:
    done = run("compare", folder)
    assert done.code == 2
    assert done.err == BROKEN_MESSAGE.format(file=folder / "broken.yaml")
    assert " ".join(done.out.split()).startswith(
        "In 2 of 2 scenarios a plan beats the baseline at the scenario's rate; 1 file is left out, see the errors. "
    )
    assert "Texas 50 MW" in done.out
    assert "Hilltop" in done.out
    as_json = run("compare", folder, "--format", "json")
    assert (as_json.code, as_json.err) == (2, done.err)
    assert [item["code"] for item in as_json.data["diagnostics"]] == ["missing-key"]
    assert [found["name"] for found in as_json.scenarios] == ["Texas 50 MW", "Hilltop"]


def test_files_come_in_the_order_given_and_folders_sorted(folder: Path) -> None:
    (folder / "broken.yaml").unlink()
    below, texas = str(folder / "below" / "a.yml"), str(folder / "b.yaml")

    def files(*arguments: str | Path) -> list[str]:
        return [found["file"] for found in run("compare", "--format", "json", *arguments).scenarios]

    assert files(folder) == [texas, below]
    assert files(below, texas) == [below, texas]
    assert files(below, folder, texas) == [below, texas], "each once"
    league = run("compare", folder).out
    assert league.index("Texas 50 MW") < league.index("Hilltop"), "ranked by what the best plan adds"


def test_a_failing_requirement_is_told_beside_the_answer_and_exits_3() -> None:
    require = "require=[site.gross_mw > 10, plans.'rent out GPUs'.npv_usd > 1e12, months < 60]"
    done = run("compare", HILLTOP, "--set", require)
    assert done.code == 3
    assert done.err.count("error[requirement-failed]") == 2
    assert "plans.'rent out GPUs'.npv_usd > 1e12 does not hold: plans.'rent out GPUs'.npv_usd is " in done.err
    assert done.out.startswith(run("compare", HILLTOP).out.rpartition("\n\n")[0])
    assert "! Requirement not met: months < 60 (months is 120)." in done.out
    data = run("compare", HILLTOP, "--set", require, "--format", "json")
    assert (data.code, data.err) == (3, done.err)
    assert [verdict["holds"] for verdict in data.scenarios[0]["requirements"]] == [True, False, False]
    assert [item["code"] for item in data.data["diagnostics"]] == ["requirement-failed"] * 2


def test_requirements_that_hold_are_a_line_and_cost_no_exit_code() -> None:
    done = run("compare", HILLTOP, "--set", "require=[site.gross_mw > 10, months > 60]")
    assert (done.code, done.err) == (0, "")
    assert "\nAll 2 requirements hold.\n" in done.out
    assert "\nThe requirement holds.\n" in run("compare", HILLTOP, "--set", "require=[months > 60]").out


def test_requirements_of_many_files_are_all_told_and_a_broken_file_outweighs_them(folder: Path) -> None:
    options = ("--set", "require=[site.gross_mw > 45, plans.'keep mining'.npv_usd > 1e9]")
    (folder / "broken.yaml").rename(folder / "broken.txt")
    done = run("compare", folder, *options)
    assert done.code == 3
    told = re.findall(r"does not hold: .*\(in (.*)\)", done.err)
    assert [Path(file).name for file in told] == ["b.yaml", "a.yml", "a.yml"]
    assert "! Requirements not met: Texas 50 MW: 1 of 2, Hilltop: 2 of 2; see the errors." in done.out.replace(
        "\n  ", " "
    )
    (folder / "broken.txt").rename(folder / "broken.yaml")
    assert run("compare", folder, *options).code == 2


def test_all_files_broken_is_no_answer_on_standard_output(tmp_path: Path) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text(BROKEN)
    done = run("compare", tmp_path, "--format", "json", "--output", tmp_path / "out.json")
    assert (done.code, done.out, done.err) == (2, "", BROKEN_MESSAGE.format(file=file))
    assert list(tmp_path.iterdir()) == [file]


def test_a_folder_without_scenarios_and_a_file_that_is_not_there(tmp_path: Path) -> None:
    empty = run("compare", tmp_path)
    assert (empty.code, empty.out) == (2, "")
    assert empty.err == f"minecalc: {tmp_path} holds no scenario files (.yaml or .yml)\n"
    missing = run("compare", tmp_path / "texas.yaml")
    assert (missing.code, missing.out) == (2, "")
    assert missing.err == f"{tmp_path}/texas.yaml: error[unreadable]: cannot be read: No such file or directory\n"


def test_no_color_and_dumb_terminals_get_plain_text() -> None:
    for name, value in (("NO_COLOR", "1"), ("TERM", "dumb")):
        done = process("compare", HILLTOP, "--quiet", environment={name: value, "FORCE_COLOR": "1"})
        assert "\x1b" not in done.out + done.err


def test_a_bug_of_ours_exits_1_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("minecalc.analysis.compare.record.evaluate", fail)
    done = run("compare", HILLTOP)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("minecalc: this is a bug in minecalc, not in your input: ZeroDivisionError")
    assert "Traceback" not in done.err


def interrupted(output: Path, *files: Path | str, at_work: Callable[[subprocess.Popen[bytes]], bool]) -> Run:
    """``compare`` of ``files`` into ``output``, interrupted as by Ctrl-C once it is ``at_work``."""
    command = [sys.executable, "-m", "minecalc", "compare", *map(str, files), "--output", str(output)]
    pipe = subprocess.PIPE
    running = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, cwd=ROOT, start_new_session=True)
    assert running.stdin is not None
    running.stdin.write(b"name: endless\n")
    running.stdin.flush()
    until = time.monotonic() + HANGS_SECONDS
    while not at_work(running) and time.monotonic() < until:
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGINT)
    try:
        out, err = running.communicate(timeout=HANGS_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        raise
    return Run(running.returncode, out.decode(), err.decode())


def has_read_what_was_written(running: subprocess.Popen[bytes]) -> bool:
    """Whether the pipe into standard input is empty, so that its reader waits for more."""
    assert running.stdin is not None
    unread = array.array("i", [0])
    fcntl.ioctl(running.stdin, termios.FIONREAD, unread)
    return unread[0] == 0


def has_started_processes(running: subprocess.Popen[bytes]) -> bool:
    return bool(Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text())


def test_an_interrupt_leaves_no_half_file(tmp_path: Path) -> None:
    output = tmp_path / "league.json"
    output.write_text("before")
    assert interrupted(output, HILLTOP, "-", at_work=has_read_what_was_written) == Run(130, "", "")
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {"league.json": "before"}


@pytest.mark.skipif(os.cpu_count() == 1, reason="one core starts no processes")
def test_an_interrupt_ends_all_processes_quietly(tmp_path: Path) -> None:
    """The work is more than a run may take before it counts as hanging."""
    (tmp_path / "many").mkdir()
    for number in range(5000):
        (tmp_path / "many" / f"{number}.yaml").symlink_to(TEXAS)
    output = tmp_path / "league.json"
    assert interrupted(output, tmp_path / "many", at_work=has_started_processes) == Run(130, "", "")
    assert [file.name for file in tmp_path.iterdir()] == ["many"]


def test_json_goes_to_a_program_that_stops_reading() -> None:
    command = f"{sys.executable} -m minecalc compare {TEXAS} --format json | head -c 10; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, cwd=ROOT, timeout=HANGS_SECONDS, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b'{\n  "forma', b"")


def test_records_are_valid_json_text_for_other_tools() -> None:
    text = run("compare", TEXAS, HILLTOP, "--format", "json").out
    assert text.endswith("}\n")
    assert json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n" == text


def test_the_league_is_sorted_and_cut_as_asked_for_in_every_format(folder: Path) -> None:
    (folder / "broken.yaml").unlink()
    asked = ("compare", folder, "--columns", "name,gross_mw", "--sort")
    for sort, first, second in (("gross_mw", "40.0 MW", "50.0 MW"), ("-gross_mw", "50.0 MW", "40.0 MW")):
        shown = run(*asked, sort).out
        assert shown.index(first) < shown.index(second)
    rows = list(csv.DictReader(io.StringIO(run(*asked, "-gross_mw", "--format", "csv").out, newline="")))
    assert rows == [{"name": "Texas 50 MW", "gross_mw": "50.0"}, {"name": "Hilltop", "gross_mw": "40.0"}]
    data = run(*asked, "gross_mw:desc", "--format", "json").data
    assert data["league"] == [{"name": "Texas 50 MW", "gross_mw": 50.0}, {"name": "Hilltop", "gross_mw": 40.0}]
    markdown = run(*asked, "gross_mw", "--format", "markdown").out
    assert markdown.index("Hilltop") < markdown.index("Texas 50 MW")
    assert "Best alternative" not in markdown


def test_the_league_of_one_file_is_shown_when_asked_for() -> None:
    done = run("compare", HILLTOP, "--columns", "name,moic_ratio")
    assert (done.code, done.err) == (0, "")
    assert "League table" in done.out
    assert "Plans side by side" not in done.out


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--sort", "gros_mw", "--sort: there is no column gros_mw; did you mean gross_mw?"),
        ("--columns", "name,irr_fraction", "--columns: there is no column irr_fraction; did you mean "),
    ],
)
def test_a_column_that_is_not_there_ends_with_the_nearest(option: str, value: str, told: str) -> None:
    done = run("compare", HILLTOP, option, value)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"minecalc: {told}")
    assert len(done.err.splitlines()) == 1
