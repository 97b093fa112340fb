"""One made-up document for every format: missing numbers, hostile names, charts, sections, warnings, estimates."""

import pytest

from minecalc.document import Band, Bins, Chart, Column, Document, Histogram, Note, Series, Table, Text, Value

HOSTILE = "[bold red]alert[/bold red]\x1b[31m|`x`<b>\n\u202eevil"
NEVER = "the flows never change sign"
NOTHING = "nothing was put in"

METRICS = (
    ("npv_usd", "NPV at the plan's own discount rate"),
    ("irr_fraction_per_year", "IRR"),
    ("payback_months", "Payback"),
    ("revenue_usd_per_gross_mwh", "Revenue per gross MWh"),
    ("electricity_price_usd_per_kwh", "Electricity"),
    ("energy_mwh", "Energy"),
    ("gpu_count", "GPUs"),
)
PLANS: dict[str, tuple[Value, ...]] = {
    "keep mining": (
        Value(12_345_678.9, "usd"),
        Value(None, "fraction_per_year", NEVER),
        Value(None, "months", NOTHING),
        Value(84.123, "usd_per_gross_mwh"),
        Value(0.045, "usd_per_kwh"),
        Value(4_123_456.0, "mwh"),
        Value(0.0, "count", tone="muted"),
    ),
    "lease to an AI tenant": (
        Value(-3_104_000.0, "usd", tone="bad"),
        Value(0.12345, "fraction_per_year", tone="good"),
        Value(41.3, "months"),
        Value(130.0, "usd_per_gross_mwh", error=0.4),
        Value(0.0455, "usd_per_kwh"),
        Value(12.5, "mwh"),
        Value(-0.0, "count"),
    ),
    "日本のGPUクラウド": (
        Value(1.2e9, "usd", tone="strong"),
        Value(-0.2, "fraction_per_year"),
        Value(60.0, "months"),
        Value(2.65, "usd_per_gross_mwh"),
        Value(0.0, "usd_per_kwh"),
        Value(412_000.0, "mwh"),
        Value(17_000.0, "count"),
    ),
    HOSTILE: (
        Value(63_001.0, "usd"),
        Value(None, "fraction_per_year", NEVER),
        Value(None, "months"),
        Value(-0.004, "usd_per_gross_mwh"),
        Value(1.0, "usd_per_kwh"),
        Value(1e-9, "mwh"),
        Value(1.0, "count"),
    ),
    "=half and half, with a name that nobody would choose and that goes on and on and on": (
        Value(-0.3, "usd"),
        Value(2.5, "fraction_per_year"),
        Value(119.96, "months"),
        Value(1234.5, "usd_per_gross_mwh"),
        Value(-0.0123, "usd_per_kwh"),
        Value(999.9996, "mwh"),
        Value(8192.0, "count"),
    ),
}


@pytest.fixture(scope="session")
def document() -> Document:
    comparison = Table(
        "Plans side by side",
        [Column("metric", "", "left"), *(Column(f"plan_{n}", name) for n, name in enumerate(PLANS))],
        [
            [Text(title, "strong" if row == 0 else "plain"), *(values[row] for values in PLANS.values())]
            for row, (_, title) in enumerate(METRICS)
        ],
        sections=(3,),
        caption="NPV counts the residual value.",
    )
    defaulted = Table(
        "Inputs not given",
        [Column("path", "Input", "left"), Column("value", "Value"), Column("source", "Source", "left")],
        [
            [
                Text("market.btc_price_usd"),
                Value(63_001.0, "usd"),
                Text("made up for this test on 2026-06-14, the mean over four exchanges that do not exist"),
            ],
            [Text("plans.'rent out GPUs'.utilisation_fraction"), Value(1.0, "fraction"), Text("no loss")],
        ],
    )
    cash = Chart(
        "Cumulative net cash",
        [str(2027 + year) for year in range(10)],
        [
            Series("keep mining", [9e6 * year for year in range(10)]),
            Series("lease to an AI tenant", [-50e6 + 14e6 * year for year in range(10)]),
            Series(HOSTILE, [None, None, None, -20e6, -30e6, None, 10e6, 40e6, 20e6, 0.0]),
        ],
        "usd",
    )
    swing = Chart(
        "NPV when one input moves by a tenth",
        ["BTC price", "electricity price", "lease rate 日本"],
        [Series("down", [-12e6, 4e6, None]), Series("up", [14e6, -5.2e6, 100.0])],
        "usd",
        "bar",
    )
    simulated = Table(
        "Simulated",
        [
            Column("figure", "", "left"),
            Column("mining", "keep mining", errors=True),
            Column("lease", "lease", errors=True),
            Column("rounded", "lease, rounded"),
        ],
        [
            [
                Text("mean"),
                Value(41.23e6, "usd", error=0.42e6),
                *(Value(2.1e5, "usd", error=3.2e6, tone="good"),) * 2,
            ],
            [
                Text("probability of loss"),
                Value(0.0, "fraction", error=0.001, bound=0.0038),
                *(Value(0.1234, "fraction", error=0.0123),) * 2,
            ],
            [Text("payback"), Value(None, "months", "no path has one"), *(Value(60.0, "months", error=0.2),) * 2],
        ],
        caption="± is one Monte Carlo standard error.",
    )
    fan = Chart(
        "Hash price",
        [str(2027 + year) for year in range(10)],
        [
            Series("median", [38.0 - year for year in range(10)]),
            Series("without uncertainty", [38.0] * 9 + [None]),
        ],
        "usd_per_ph_per_day",
        bands=[
            Band("P5 to P95", [38.0 - 3.5 * y for y in range(10)], [38.0 + 7 * y for y in range(10)]),
            Band("P25 to P75", [38.0 - 2 * y for y in range(9)] + [None], [38.0 + 2 * y for y in range(10)]),
        ],
    )
    shares = [0.01, 0.02, 0.05, 0.2, 0.3, 0.2, 0.1, 0.05, 0.03, 0.02, 0.01, 0.005]
    histogram = Histogram(
        "NPV: shares of 1,000 paths",
        -20e6,
        5e6,
        [Bins("keep mining", shares, above=0.005), Bins(HOSTILE, [0.0] * 5 + [0.9, 0.098] + [0.0] * 5, 0.002)],
        "usd",
    )
    records = Table(
        "records",
        [Column("plan", "Plan", "left"), *(Column(key, title) for key, title in METRICS)],
        [[Text(name), *values] for name, values in PLANS.items()],
    )
    plans = [
        {"name": name, **{key: value.number for (key, _), value in zip(METRICS, values, strict=True)}}
        for name, values in PLANS.items()
    ]
    return Document(
        "Made-up site",
        [
            Note(("Mining is worth ", Value(15.45e6, "usd"), " more than ", HOSTILE, "."), "headline"),
            Note(
                "The implied hash price falls below the hash cost of the best machine from 2029 on.",
                "warning",
            ),
            Note("12 MW are idle.", "warning", bullets=("site 50 MW", ("uses ", Value(38.0, "mw")))),
            comparison,
            cash,
            swing,
            simulated,
            histogram,
            fan,
            defaulted,
            Note(
                ("It loses in ", Value(0.0, "fraction", bound=0.004), " and brings ", Value(8e6, "usd", error=3e5), ".")
            ),
            Note(("The IRR is ", Value(None, "fraction_per_year", NEVER), "."), bullets=("# no heading",)),
        ],
        records,
        {"format": "minecalc.made-up/1", "plans": plans, "surrogate": "\ud800"},
    )
