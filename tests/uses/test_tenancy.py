"""What businesses say of their contracts: where a default is written, at which market and for how long they are."""

from __future__ import annotations

from typing import Any

import pytest

from minecalc.uses.tenancy import Tenancy
from tests.by_hand import CLOUD, LEASE, MINER, run

RENT, RATE = "rent_usd_per_kw_per_month", "lease_usd_per_gpu_hour"
TERM: dict[str, Any] = {"term_months": 24, "renewal": {RENT: 100}}
CONTRACT: dict[str, Any] = {"contract": {"value_usd": 1e6, "term_months": 12}}


def tenancy(use: dict[str, Any]) -> Tenancy | None:
    found: Tenancy | None = run(use).plan.uses[0].inputs.tenancy()
    return found


def test_who_has_none() -> None:
    assert tenancy(MINER) is None
    assert tenancy(CLOUD) is None


@pytest.mark.parametrize(("more", "renews"), [({}, None), ({"term_months": 24}, None), (TERM, 24)])
def test_a_lease_is_signed_at_the_markets_rent(more: dict[str, Any], renews: float | None) -> None:
    found = tenancy(LEASE | more)
    assert found == Tenancy("tenant_default", None, market=RENT, signed=RENT, renews_after_months=renews)


def test_a_contracts_value_is_settled() -> None:
    given = {key: value for key, value in LEASE.items() if key != RENT}
    found = tenancy(given | {"contract": {"value_usd": 1e7, "term_years": 2}})
    assert found is not None
    assert (found.market, found.signed) == (RENT, "")


def test_gpus_of_a_contract_are_let_again_at_the_market_if_they_have_one() -> None:
    found = tenancy(CLOUD | CONTRACT)
    assert found is not None
    assert (found.default_at, found.market, found.signed) == ("contract.tenant_default", RATE, "")
    unsold = {key: value for key, value in CLOUD.items() if key != RATE}
    alone = tenancy(unsold | CONTRACT)
    assert alone is not None
    assert alone.market == ""
