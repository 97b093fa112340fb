"""``minecalc breakeven``: from the command line, with its exit codes and every wrong use refused in one line."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.cli.running import HILLTOP, TEXAS, run

KEEP, LEASING, CLOUDY, HALF = "keep mining", "lease to an AI tenant", "rent out GPUs", "half and half"
BTC, POWER = "market.btc_price_usd", "site.electricity_price_usd_per_kwh"
RATE, FLEET = f'plans."{CLOUDY}".lease_usd_per_gpu_hour', f'plans."{KEEP}".hash_rate_eh_per_s'


def test_one_input_against_the_baseline() -> None:
    done = run("breakeven", TEXAS, "--solve", BTC, "--format", "json")
    assert (done.code, done.err) == (0, "")
    data = done.data
    assert (data["format"], data["file"], data["name"], data["baseline"]) == (
        "minecalc.breakeven/1",
        TEXAS,
        "Texas 50 MW",
        KEEP,
    )
    assert [plan["plan"] for plan in data["plans"]] == [LEASING, CLOUDY, HALF]
    assert [len(plan["answers"]) for plan in data["plans"]] == [1, 0, 1]


@pytest.mark.parametrize("plan", [LEASING, HALF])
def test_compare_at_the_answer_shows_no_difference(plan: str) -> None:
    answers = run("breakeven", TEXAS, "--solve", BTC, "--plan", plan, "--format", "json").data["plans"][0]["answers"]
    (record,) = run("compare", TEXAS, "--format", "json", "--set", answers[0]["set"]).scenarios
    found = next(item for item in record["plans"] if item["name"] == plan)
    assert (
        abs(found["vs_baseline"]["npv_difference_at_scenario_rate_usd"]) < 1e-9 * found["metrics"]["capex_usd"] + 1e-3
    )


def test_against_another_plan_and_the_only_plan_there_is() -> None:
    done = run("breakeven", TEXAS, "--solve", RATE, "--plan", CLOUDY, "--against", LEASING, "--format", "json")
    (plan,) = done.data["plans"]
    assert (plan["plan"], plan["against"], len(plan["answers"])) == (CLOUDY, LEASING, 1)
    others = run("breakeven", TEXAS, "--solve", BTC, "--against", HALF, "--format", "json").data
    assert [item["plan"] for item in others["plans"]] == [KEEP, LEASING, CLOUDY]
    assert run("breakeven", HILLTOP, "--solve", BTC, "--format", "json").data["plans"][0]["plan"] == CLOUDY


@pytest.mark.parametrize(
    ("target", "figure"),
    [
        ("npv=1e7", "npv_usd"),
        ("irr=0.12", "irr_fraction_per_year"),
        ("mirr=0.12", "mirr_fraction_per_year"),
        ("moic=1.5", "moic_ratio"),
        ("payback=60", "payback_months"),
        ("yield_on_cost_fraction=0.2", "yield_on_cost_fraction"),
    ],
)
def test_targets_are_met_in_compare(target: str, figure: str) -> None:
    done = run("breakeven", TEXAS, "--solve", RATE, "--plan", CLOUDY, "--target", target, "--format", "json")
    assert done.code == 0
    (plan,) = done.data["plans"]
    (answer,) = plan["answers"]
    (record,) = run("compare", TEXAS, "--format", "json", "--set", answer["set"]).scenarios
    found = next(item for item in record["plans"] if item["name"] == CLOUDY)
    assert found["metrics"][figure] == pytest.approx(float(target.partition("=")[2]), rel=1e-9)
    assert plan["target"] == float(target.partition("=")[2])


def test_a_target_is_asked_of_every_plan_but_the_baseline_or_of_the_only_one(tmp_path: Path) -> None:
    found = run("breakeven", TEXAS, "--solve", POWER, "--target", "npv=0", "--format", "json").data
    assert KEEP not in [plan["plan"] for plan in found["plans"]]
    alone = tmp_path / "alone.yaml"
    alone.write_text(
        "name: x\nsite: {gross_mw: 40, electricity_price_usd_per_kwh: 0.05}\n"
        "plans: {mine: {kind: bitcoin_mining, hash_rate_eh_per_s: 1.9, uptime_fraction: 1, pool_fee_fraction: 0, "
        "opex_usd_per_mw_per_year: 0}}\n"
    )
    done = run("breakeven", alone, "--solve", BTC, "--target", "npv=0", "--format", "json")
    assert [plan["plan"] for plan in done.data["plans"]] == ["mine"]
    assert run("breakeven", alone, "--solve", BTC, "--format", "json").data == done.data
    refused = run("breakeven", alone, "--against", "mine")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == "minecalc: mine would be set against itself; name another plan with --plan or --against\n"


def test_without_an_input_every_one_that_meets_the_target(tmp_path: Path) -> None:
    alone = tmp_path / "alone.yaml"
    alone.write_text(
        "name: x\nsite: {gross_mw: 40, electricity_price_usd_per_kwh: 0.05}\n"
        "plans: {mine: {kind: bitcoin_mining, hash_rate_eh_per_s: 1.9, opex_usd_per_mw_per_year: 0}}\n"
    )
    data = run("breakeven", alone, "--format", "json").data
    rows = {row["path"]: row for row in data["plans"][0]["break_evens"]}
    assert rows[BTC]["value"] == pytest.approx(data["fleets"][0]["shutdown_btc_price_usd"], rel=1e-12)
    assert rows[POWER]["value"] == pytest.approx(data["fleets"][0]["break_even_usd_per_kwh"], rel=1e-12)
    words = " ".join(run("breakeven", alone, "--full").out.split())
    assert words.startswith("The NPV of mine is $5.18M; nearest to bringing it to $0: BTC price at $47,431 (0.75x now)")
    assert "The NPV of mine meets its target at Input" in words
    assert "mine: these bring it there at no value they may take: " in words
    target = run("breakeven", TEXAS, "--plan", CLOUDY, "--target", "irr=0.12", "--format", "json").data["plans"][0]
    rate = next(row for row in target["break_evens"] if row["path"] == RATE)
    wanted = run("breakeven", TEXAS, "--plan", CLOUDY, "--target", "irr=0.12", "--solve", RATE, "--format", "json").data
    assert rate["value"] == pytest.approx(wanted["plans"][0]["answers"][0]["value"], rel=1e-9)


def test_no_answer_exits_3_with_the_values_at_both_ends() -> None:
    done = run("breakeven", TEXAS, "--solve", BTC, "--plan", CLOUDY)
    assert (done.code, done.err) == (3, "")
    words = " ".join(done.out.split())
    assert "no break-even in BTC price: rent out GPUs stays behind keep mining from 0 to 1,000,000 USD" in words
    assert "(-$331M at one end, -$1.09B at the other)" in words
    refused = run("breakeven", TEXAS, "--solve", FLEET, "--plan", CLOUDY, "--quiet")
    assert refused.code == 3
    assert "level at 16.85 EH per s, which is refused" in " ".join(refused.out.split())
    nowhere = run("breakeven", TEXAS, "--solve", BTC, "--plan", CLOUDY, "--by", f"{POWER}=0.04:0.05:3")
    assert nowhere.code == 3
    assert "no break-even in BTC price at any Electricity price (site) looked at" in " ".join(nowhere.out.split())


def test_a_frontier_in_every_format() -> None:
    arguments = ("breakeven", TEXAS, "--solve", BTC, "--plan", LEASING, "--by", f"{POWER}=0.02:0.08:13")
    data = run(*arguments, "--format", "json").data
    points = data["plans"][0]["frontier"]
    assert [point["by"] for point in points] == pytest.approx([0.02 + 0.005 * k for k in range(13)])
    rows = list(csv.DictReader(io.StringIO(run(*arguments, "--format", "csv").out)))
    assert [float(row["value"]) for row in rows] == [point["value"] for point in points]
    screen = run(*arguments)
    assert screen.code == 0
    assert "BTC price (up) by Electricity price (site) (across), where level" in screen.out
    assert "●" in screen.out
    assert "# Texas 50 MW: break" in run(*arguments, "--format", "markdown").out


def test_a_frontier_over_dates_and_over_a_path_that_is_scaled() -> None:
    ready = f'plans."{CLOUDY}".conversion.ready'
    dates = run(
        "breakeven", TEXAS, "--solve", RATE, "--plan", CLOUDY, "--by", f"{ready}=2028-01:2028-12:12", "--format", "json"
    )
    points = dates.data["plans"][0]["frontier"]
    assert [point["by"] for point in points] == [f"2028-{month:02}" for month in range(1, 13)]
    assert points[5]["by_set"] == f"{ready}=2028-06"
    scaled = run(
        "breakeven", TEXAS, "--solve", POWER, "--plan", LEASING, "--by", f"{BTC}=30000:63001:2", "--format", "json"
    )
    first, now = scaled.data["plans"][0]["frontier"]
    assert (first["by"], first["by_set"]) == (30_000, f"{BTC}.scale={30_000 / 63_001!r}")
    assert now["by_set"] == f"{BTC}.scale=1"
    wanted = run("breakeven", TEXAS, "--solve", POWER, "--plan", LEASING, "--format", "json").data["plans"][0][
        "answers"
    ]
    assert now["value"] == pytest.approx(wanted[0]["value"], rel=1e-12)


def test_everything_that_matters() -> None:
    done, full = (run("breakeven", TEXAS, "--plan", LEASING, *words) for words in ((), ("--full",)))
    assert (done.code, done.err) == (full.code, full.err) == (0, "")
    for text in ("lease to an AI tenant is worth as much as keep mining at", "Fleets of this scenario"):
        assert text in done.out
        assert text in full.out
    assert "antminer-s21 " in full.out
    assert "antminer-s21 " not in done.out
    quiet = run("breakeven", TEXAS, "--plan", LEASING, "--quiet").out
    assert len(quiet.split("\n\n")) == 1
    assert "nearest to turning that round" in " ".join(quiet.split())
    data = run("breakeven", TEXAS, "--format", "json", "--plan", LEASING).data
    assert [plan["plan"] for plan in data["plans"]] == [LEASING]
    assert [fleet["name"] for fleet in data["fleets"]] == [KEEP, "half and half: mining"]
    assert len(data["machines"]) > 40


def test_settings_and_standard_input(tmp_path: Path) -> None:
    dear = run("breakeven", TEXAS, "--solve", BTC, "--plan", LEASING, "--set", f"{POWER}=0.06", "--format", "json").data
    cheap = run("breakeven", TEXAS, "--solve", BTC, "--plan", LEASING, "--format", "json").data
    assert dear["plans"][0]["answers"][0]["value"] > cheap["plans"][0]["answers"][0]["value"]
    read = run("breakeven", "-", "--solve", BTC, "--plan", LEASING, "--format", "json", stdin=Path(TEXAS).read_bytes())
    assert read.data["plans"] == cheap["plans"]
    target = tmp_path / "answer.csv"
    assert run("breakeven", TEXAS, "--solve", BTC, "--output", target).code == 0
    assert target.read_text().startswith("file,scenario,plan,against,")
    wrong = run("breakeven", TEXAS, "--solve", BTC, "--set", "site.gross_mw=-1")
    assert (wrong.code, wrong.out) == (2, "")
    assert "out-of-range" in wrong.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--by", "a=1:2:3"), "--by needs an input to solve for; add --solve PATH"),
        (("--solve", ""), "--solve names no input; write a path such as market.btc_price_usd"),
        (
            ("--solve", "market.btc_pric"),
            "market.btc_pric is no number or date of this scenario; did you mean market.btc_price_usd?",
        ),
        (("--solve", BTC, "--target", "ir=0.1"), "--target: there is no figure ir; did you mean irr?"),
        (("--solve", BTC, "--target", "irr=x"), "--target: x is not a number; write irr=0.12, say"),
        (("--solve", BTC, "--target", "irr=nan"), "--target: nan is not a number; write irr=0.12, say"),
        (("--solve", BTC, "--target", "irr"), "--target: nothing is not a number; write irr=0.12, say"),
        (
            ("--solve", BTC, "--target", "zzz=1"),
            "--target: there is no figure zzz; it is one of npv, irr, mirr, payback, moic, dscr or a figure of compare",
        ),
        (
            ("--solve", BTC, "--target", "npv=0", "--against", KEEP),
            "--against and --target are two questions; give one of them",
        ),
        (
            ("--solve", BTC, "--plan", "keep minin"),
            "--plan: there is no plan keep minin; did you mean keep mining? minecalc compare lists them",
        ),
        (
            ("--solve", BTC, "--against", "x"),
            f"--against: there is no plan x; it is one of {KEEP}, {LEASING}, {CLOUDY}, {HALF}",
        ),
        (
            ("--solve", BTC, "--plan", KEEP),
            "keep mining would be set against itself; name another plan with --plan or --against",
        ),
        (
            ("--solve", BTC, "--by", f"{BTC}=1:2:3"),
            "--by: market.btc_price_usd is the input that is solved for; name another",
        ),
        (
            ("--solve", BTC, "--by", f"{POWER}=1:2"),
            f"--by: {POWER}=1:2 is not PATH=LOW:HIGH:N, such as market.btc_price_usd=40000:150000:12",
        ),
        (
            ("--solve", BTC, "--by", "1:2:3"),
            "--by: 1:2:3 is not PATH=LOW:HIGH:N, such as market.btc_price_usd=40000:150000:12",
        ),
        (("--solve", BTC, "--by", f"{POWER}=a:2:3"), f"--by: a is not a number; give {POWER} as numbers"),
        (("--solve", BTC, "--by", f"{POWER}=0.1:0.2:x"), "--by: x is not a number; N is how many values to look at"),
        (("--solve", BTC, "--by", f"{POWER}=0.1:0.2:2.5"), "--by: N is 2.5; it must be a whole number in 2..1,000"),
        (("--solve", BTC, "--by", f"{POWER}=0.1:0.2:1001"), "--by: N is 1001; it must be a whole number in 2..1,000"),
        (("--solve", BTC, "--by", f"{POWER}=0.1:3:5"), f"{POWER} lies in -1..2"),
        (
            ("--solve", BTC, "--by", f"{POWER}=0.2:0.1:5"),
            f"{POWER} takes low:high:n with low below high and at least 2 points",
        ),
        (
            ("--solve", BTC, "--by", f'plans."{CLOUDY}".conversion.ready=2028-13:2029-01:4'),
            "--by: '2028-13' is not a month such as 2027-01",
        ),
        (("--solve", BTC, "--format", "xml"), None),
    ],
)
def test_a_wrong_use_is_one_line(arguments: tuple[str, ...], message: str | None) -> None:
    done = run("breakeven", TEXAS, *arguments)
    assert (done.code, done.out) == (2, "")
    assert message is None or done.err == f"minecalc: {message}\n"
    assert done.err.count("\n") == 1
