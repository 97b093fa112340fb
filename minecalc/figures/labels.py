"""What a reader calls an input or a figure, for screens; files keep the names that ``--set`` and JSON use."""

from __future__ import annotations

from collections.abc import Sequence

from minecalc.corners import UNLEVERED, WORDS
from minecalc.figures import CATALOGUE
from minecalc.scenario import Scenario
from minecalc.schema.names import split_path
from minecalc.units import unit_of

#: Inputs whose name without its unit would not do.
_INPUTS = {
    "gross_mw": "Gross MW",
    "convertible_fraction": "Convertible share",
    "inflation_fraction_per_year": "Inflation of running costs",
    "fixed_cost_usd_per_year": "Fixed cost of the site",
    "network_difficulty": "Network difficulty",
    "fee_btc_per_block": "Fees per block",
    "fee_fraction": "Fees over subsidy",
    "hash_rate_eh_per_s": "Fleet hash rate",
    "machine_count": "Machines",
    "machine_hash_rate_th_per_s": "Hash rate per machine",
    "efficiency_j_per_th": "Fleet efficiency",
    "opex_usd_per_mw_per_year": "Opex per MW-year",
    "opex_fraction_of_rent": "Opex, share of rent",
    "opex_fraction_of_revenue": "Opex, share of revenue",
    "opex_usd_per_gpu_hour": "Opex per GPU-hour",
    "hosting_usd_per_kwh": "Hosting price",
    "usd_per_kw_per_month": "Hosting price per kW",
    "hosted_fraction": "Hosted share",
    "share_of_mining_profit_fraction": "Host's share of mining profit",
    "sells_fraction": "Share of coins sold at once",
    "stops": "Mining stops",
    "stops.unpaid_months": "Mining stops unpaid after",
    "rent_usd_per_kw_per_month": "Rent, year 1",
    "term_months": "Lease term",
    "free_months": "Rent-free months",
    "leased_fraction": "Leased share",
    "gpu_count": "GPUs",
    "kw_per_gpu": "Power per GPU",
    "lease_usd_per_gpu_hour": "GPU-hour rate",
    "capex_usd_per_gpu": "GPU capex",
    "capex_usd_per_critical_mw": "Building capex",
    "residual_fraction": "GPU residual",
    "conversion.capex_usd_per_critical_mw": "Building capex",
    "conversion.delay_months": "Delay",
    "conversion.tenant_funded_fraction": "Tenant-funded share",
    "contract.gpu_fraction": "Contracted share",
    "prepayment.fraction": "Prepaid share",
    "refresh.every_months": "Refresh interval",
    "financing.every_months": "Months from payment to payment",
    "financing.equity": "Order of equity",
    "financing.dscr_after_tax": "DSCR after tax",
    "financing.reserve_months": "Debt service reserve",
    "financing.reserve_yield_fraction_per_year": "Yield of the reserve",
    "financing.lockup_dscr_ratio": "Lock-up DSCR",
    "financing.default_dscr_ratio": "Default DSCR",
    "financing.dscr_test_months": "Months that DSCR is tested over",
    "financing.equity_rate_fraction_per_year": "Discount rate of equity",
    "tranches.share_of_cost_fraction": "Debt, share of cost",
    "tranches.amount_usd": "Debt amount",
    "tranches.dscr_ratio": "Sizing DSCR",
    "tranches.rate_fraction_per_year": "Interest rate",
    "tranches.draw": "Drawing of the debt",
    "tranches.escrow_yield_fraction_per_year": "Yield of escrow",
    "electricity_price_usd_per_kwh.adder_usd_per_kwh": "Electricity price adder",
    "electricity_price_usd_per_kwh.adder_growth_fraction_per_year": "Electricity price adder growth",
    "tranches.upfront_fee_fraction": "Upfront fee",
    "tranches.discount_fraction": "Issue discount",
    "tranches.commitment_fee_fraction_per_year": "Commitment fee",
    "tranches.interest_in_build": "Interest in the build",
    "tranches.repayment": "Repayment",
    "tranches.allow_negative_amortisation": "Negative amortisation allowed",
    "tranches.balloon_fraction": "Balloon",
    "tranches.first_payment_months": "First repayment after",
    "tranches.term_months": "Term of the debt",
    "tranches.maturity": "Maturity of the debt",
    "tranches.sized_on": "Revenue that sizes the debt",
    "tranches.sweep_fraction": "Cash sweep",
    "tranches.refinance_rate_fraction_per_year": "Interest rate refinanced at",
    "tranches.refinance_term_months": "Term of the refinancing",
    "tax.bonus_fraction": "Bonus depreciation",
    "tax.loss_limit_fraction": "Limit of losses deducted",
    "tax.interest_limit_fraction": "Limit of interest deducted",
    "tax.basis_of_owned_machines_usd": "Tax basis of machines owned",
}
#: Words of the names of lines that a reader sees otherwise.
_LINE_WORDS = {"ai": "AI", "gpu": "GPU", "gpus": "GPUs", "btc": "BTC", "opex": "operating cost"}
_CAPITALS = {word.lower(): word for word in ("BTC", "GPU", "NPV", "IRR", "MIRR", "MOIC", "PUE", "DSCR", "LLCR", "PLCR")}


def input_label(path: str, plan: str = "") -> str:
    """What a reader calls the input at a ``--set`` path; in brackets whose it is, unless that is ``plan``."""
    parts = split_path(path)
    owners = []
    if parts[0] == "plans":
        owners = [parts[1]] if parts[1] != plan else []
        parts = parts[2:]
        if parts[0] == "uses":
            owners.append("all uses" if parts[1] == "*" else parts[1])
            parts = parts[2:]
        if parts[0] == "fleets" and len(parts) > 2:
            owners.append("all fleets" if parts[1] == "*" else parts[1])
            parts = parts[2:]
        elif parts[:2] == ["financing", "tranches"] and len(parts) > 3:
            owners.append("all tranches" if parts[2] == "*" else parts[2])
            parts = ["tranches", *parts[3:]]
    elif parts[0] in ("site", "market"):
        owners = ["site"] if parts[0] == "site" else []
        parts = parts[1:]
    else:
        owners = ["scenario"]
    if parts[1:] == ["growth_fraction_per_year"] or parts[2:] == ["growth_fraction_per_year"]:
        name = f"{_input(parts[:-1])} growth".replace(", year 1", "")
    else:
        name = _input(parts)
    return f"{name} ({', '.join(owners)})" if owners else name


def plan_label(name: str, corner: str = UNLEVERED, *, claim: bool = False) -> str:
    """A plan's name, with what qualifies its worth: that it is a claim, and whose it is after what."""
    told = ["a claim"] if claim else []
    told += [WORDS[corner]] if corner != UNLEVERED else []
    return f"{name} ({'; '.join(told)})" if told else name


def plan_called(scenario: Scenario, name: str) -> str:
    """``plan_label`` of a plan of ``scenario``."""
    plan = scenario.plans[name]
    return plan_label(name, scenario.corner(plan), claim=plan.inputs.evidence == "claim")


def mid_sentence(label: str) -> str:
    """A label as it stands within a sentence: its first letter small, unless it begins with capitals."""
    return label if label[:2].isupper() else label[0].lower() + label[1:]


def _input(parts: list[str]) -> str:
    """The name of an input, perhaps inside a group such as a conversion."""
    return _INPUTS.get(".".join(parts)) or _words("_".join(parts))


def _words(name: str) -> str:
    """A name without its unit, as words: ``exit_cap_rate_fraction`` is ``Exit cap rate``."""
    bare = name.removesuffix(unit_of(name) or "").rstrip("_") or name
    words = [_CAPITALS.get(word, word) for word in bare.split("_")]
    return " ".join([words[0][0].upper() + words[0][1:], *words[1:]])


def rounded_setting(setting: str) -> str:
    """What ``--set`` takes, its number rounded for a reader; a month as it is."""
    path, _, value = setting.rpartition("=")
    try:
        return f"{path}={float(value):.6g}"
    except ValueError:
        return setting


def line_label(name: str) -> str:
    """What a reader calls a line of cash flow, within a sentence: ``gpus_bought_usd`` is ``GPUs bought``."""
    return " ".join(_LINE_WORDS.get(word, word) for word in name.removesuffix("_usd").split("_"))


def figure_label(name: str) -> str:
    """What a reader calls a figure of a plan, within a sentence."""
    if name in CATALOGUE and CATALOGUE[name].label:
        return CATALOGUE[name].label
    return mid_sentence(_words(name))


def figure_unit(name: str) -> str:
    """The unit of a figure of a plan."""
    return CATALOGUE[name].unit if name in CATALOGUE else unit_of(name) or "ratio"


def listed(words: Sequence[str]) -> str:
    """``a, b and c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def capital(label: str) -> str:
    """A label at the beginning of a line."""
    return label[:1].upper() + label[1:]
