"""What any use of megawatts may say, and that every business takes it."""

from __future__ import annotations

import pytest

from minecalc.businesses import business, kinds
from minecalc.uses.use_terms import UseTerms


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_takes_what_any_use_may_say(kind: str) -> None:
    model = business(kind).Inputs
    assert list(UseTerms.model_fields) == list(model.model_fields)[: len(UseTerms.model_fields)]
    assert all(one in model.alternatives for one in UseTerms.alternatives)
