"""Work as bytes that any process can unpack with ``pickle.loads``, on this machine or another that has minecalc."""

from __future__ import annotations

import io
import pickle
from typing import Any

from minecalc.businesses import kinds
from minecalc.scenario import UseTerms, use_model


def packed(work: object) -> bytes:
    """``work`` pickled; scenarios may be in it, whose classes of inputs are put together when a kind is first used."""
    data = io.BytesIO()
    _Pickler(data, pickle.HIGHEST_PROTOCOL).dump(work)
    return data.getvalue()


class _Pickler(pickle.Pickler):
    def reducer_override(self, part: Any) -> Any:
        if isinstance(part, type) and issubclass(part, UseTerms):
            for kind in kinds():
                if use_model(kind) is part:
                    return use_model, (kind,)
        return NotImplemented
