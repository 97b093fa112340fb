"""Market files: what lies under a scenario, how it is listed, and every complaint about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from minecalc.loading import Reading, load, loads, read, read_again
from minecalc.loading.origins import Origins, defaulted
from minecalc.scenario import Scenario
from minecalc.schema.diagnostics import render

EXAMPLES = Path(__file__).parents[1] / "examples"
HILLTOP = EXAMPLES / "hilltop.yaml"

MARKET = """\
market:
  btc_price_usd: 70000
  network_hash_rate_eh_per_s: {start: 900, growth_fraction_per_year: 0.1}
"""


def files(folder: Path, **texts: str) -> list[str]:
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text)
    return [str(folder / f"{name}.yaml") for name in texts]


def first(scenario: Scenario, name: str) -> float:
    return float(getattr(scenario.market, name).values(scenario.timeline)[0, 0])


def sources(scenario: Scenario) -> dict[str, str]:
    """What each input of the market that is not given was taken from; the snapshot's by its date."""
    found = (item.record() for item in defaulted(scenario))
    return {
        item["path"].removeprefix("market."): item["source"] if item["file"] else item["as_of"]
        for item in found
        if item["path"].startswith("market.")
    }


def test_a_market_file_lies_under_the_scenario_and_over_the_snapshot(tmp_path: Path) -> None:
    (file,) = files(tmp_path, m=MARKET)
    scenario = load(HILLTOP, markets=[file])
    assert first(scenario, "btc_price_usd") == 70000
    assert first(scenario, "network_hash_rate_eh_per_s") == 900
    assert sources(scenario) == {
        "btc_price_usd": f"{file}:2:18",
        "network_hash_rate_eh_per_s": f"{file}:3:31",
        "fee_btc_per_block": "2026-06",
    }
    assert load(HILLTOP, markets=[]) == load(HILLTOP)


def test_what_is_taken_is_listed_for_programs(tmp_path: Path) -> None:
    (file,) = files(tmp_path, m=MARKET)
    found = {item.path: item.record() for item in defaulted(load(HILLTOP, markets=[file]))}
    price, network = found["market.btc_price_usd"], found["market.network_hash_rate_eh_per_s"]
    assert (price["value"], price["file"], price["line"], price["as_of"]) == (70000, file, 2, "")
    assert network["value"] == "{start: 900, growth_fraction_per_year: 0.1}"
    assert found["market.fee_btc_per_block"]["file"] is None


def test_the_scenario_has_the_last_word_input_by_input(tmp_path: Path) -> None:
    (file,) = files(tmp_path, m=MARKET)
    scenario = load(HILLTOP, ["market.btc_price_usd=1e5"], markets=[file])
    assert (first(scenario, "btc_price_usd"), first(scenario, "network_hash_rate_eh_per_s")) == (1e5, 900)
    own = loads(HILLTOP.read_text() + "market: {network_difficulty: 1.2e14}\n", markets=[file])
    assert own.market.network_difficulty is not None
    assert sources(own) == {"btc_price_usd": f"{file}:2:18", "fee_btc_per_block": "2026-06"}
    direct = loads(HILLTOP.read_text() + "market: {hash_price_usd_per_ph_per_day: 40}\n", markets=[file])
    assert (direct.market.hash_price_is_given, sources(direct)) == (True, {})


def test_a_scale_moves_what_the_market_file_gives(tmp_path: Path) -> None:
    (file,) = files(tmp_path, m=MARKET)
    scaled = loads(HILLTOP.read_text() + "market: {btc_price_usd: {scale: 1.1}}\n", markets=[file])
    assert first(scaled, "btc_price_usd") == pytest.approx(77000, rel=1e-12)
    assert sources(scaled)["btc_price_usd"] == f"{file}:2:18"


def test_of_two_files_the_first_lies_on_top(tmp_path: Path) -> None:
    upper, lower = files(tmp_path, upper="market: {btc_price_usd: 8e4}", lower=MARKET)
    scenario = load(HILLTOP, markets=[upper, lower])
    assert (first(scenario, "btc_price_usd"), first(scenario, "network_hash_rate_eh_per_s")) == (8e4, 900)


def test_a_start_before_the_snapshot_takes_history_for_what_no_file_gives(tmp_path: Path) -> None:
    (file,) = files(tmp_path, m="market: {btc_price_usd: 70000}")
    scenario = load(HILLTOP, ["start=2022-01"], markets=[file])
    assert first(scenario, "btc_price_usd") == 70000
    assert first(scenario, "network_hash_rate_eh_per_s") == first(
        load(HILLTOP, ["start=2022-01"]), "network_hash_rate_eh_per_s"
    ), "a given price does not bring its own network"


def test_an_answer_knows_the_file_and_reads_it_once(tmp_path: Path) -> None:
    (file,) = files(tmp_path, m=MARKET)
    reading = read(HILLTOP, markets=[file])
    assert reading.scenario is not None
    assert Origins(reading).of("market.btc_price_usd").text == f"{file}:2:18"
    assert [one["file"] for one in reading.identity["files"]] == [file]
    Path(file).unlink()
    again = read_again(reading.scenario.source, ["months=60"])
    assert again.scenario is not None
    assert first(again.scenario, "btc_price_usd") == 70000


def test_csv_files_are_looked_up_from_the_folder_of_the_market_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "p.csv").write_text("usd\n" + "50000\n" * 120)
    files(tmp_path / "inner", m="market: {btc_price_usd: {csv: p.csv, column: usd}}")
    monkeypatch.chdir(tmp_path)
    assert first(load(HILLTOP, markets=["inner/m.yaml"]), "btc_price_usd") == 50000


def refused(reading: Reading) -> str:
    assert reading.scenario is None
    return render(reading.diagnostics)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("btc_price_usd: 5", 'm.yaml:1:1: error[unknown-key]: unknown key "btc_price_usd"'),
        ("market: {}\nmarkt: {}", 'm.yaml:2:1: error[unknown-key]: unknown key "markt"'),
        ("market: 5", "m.yaml:1:9: error[wrong-type]: market is 5; a mapping is needed"),
        ("market: {btc_price_usd: -5}", "m.yaml:1:25: error[out-of-range]: btc_price_usd is -5"),
        ("market: {btc_price: 5}", "= help: did you mean btc_price_usd?"),
        ("market: {fee_fraction: 0, fee_btc_per_block: 0}", "error[conflict]"),
        ("market: [", "m.yaml:1:9: error[syntax]"),
        ("", "error[empty]"),
    ],
)
def test_a_wrong_market_file_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    (file,) = files(tmp_path, m=text)
    assert said in refused(read(HILLTOP, ["market.btc_price_usd=5"], markets=[file]))


def test_a_market_file_that_is_not_there(tmp_path: Path) -> None:
    said = refused(read(HILLTOP, markets=[str(tmp_path / "none.yaml")]))
    assert "none.yaml: error[unreadable]: cannot be read: No such file or directory" in said
    assert "= help: --market, or MINECALC_MARKET in the environment, names it" in said
