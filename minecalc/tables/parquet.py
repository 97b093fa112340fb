"""Apache Parquet: typed columns, a null where there is no number, texts kept once a batch.

Arrays are handed over as buffers: ``pyarrow.array`` would import all of pandas to see whether it is given a part of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from minecalc.arrays import FloatArray
from minecalc.tables import Batch, Column

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIXES = (".parquet", ".pq")


def write(file: BinaryIO, columns: Sequence[Column], batches: Iterable[Batch]) -> None:
    """One row group a batch: numbers as ``double``, whole numbers as ``int64``, texts as dictionaries of strings."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"number": pa.float64(), "whole": pa.int64(), "text": pa.dictionary(pa.int32(), pa.string())}
    schema = pa.schema([pa.field(column.name, types[column.kind]) for column in columns])
    with pq.ParquetWriter(file, schema) as writer:
        for batch in batches:
            arrays = [_array(column, values) for column, values in zip(columns, batch, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _array(column: Column, values: FloatArray) -> pa.Array:
    import pyarrow as pa

    if column.kind == "whole":
        return _numbers(pa.int64(), values.astype(np.int64))
    known = np.packbits(~np.isnan(values), bitorder="little")
    if column.kind == "text":
        indices = np.where(np.isnan(values), 0.0, values).astype(np.int32)
        return pa.DictionaryArray.from_arrays(_numbers(pa.int32(), indices, known), _strings(column.texts))
    return _numbers(pa.float64(), values + 0.0, known)  # adding 0 turns -0.0 into 0.0


def _numbers(
    kind: pa.DataType, values: np.typing.NDArray[Any], known: np.typing.NDArray[np.uint8] | None = None
) -> pa.Array:
    """An array of a type as wide as ``values``; ``known`` has a bit for each, 0 for a null."""
    import pyarrow as pa

    validity = None if known is None else pa.py_buffer(known)
    return pa.Array.from_buffers(kind, values.size, [validity, pa.py_buffer(np.ascontiguousarray(values))])


def _strings(texts: Sequence[str]) -> pa.Array:
    import pyarrow as pa

    encoded = [text.encode() for text in texts]
    ends = np.array([0, *accumulate(map(len, encoded))], dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), len(texts), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))])
