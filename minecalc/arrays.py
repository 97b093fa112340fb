"""Arrays over time: the first axis is months, the last is cases.

A quantity is a float or a column of shape ``(cases,)``; a quantity over time has shape ``(months, 1)`` or
``(months, cases)``; numpy broadcasts one against the other. Month numbers count from 1 and may themselves be columns.
Everything here gives the same bits for one case alone and for that case as one column of many.
"""

import itertools
from collections.abc import Callable, Sequence
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from minecalc.trace import Traced, is_traced, operations, plain, primitive, recorded
from minecalc.trace.joint_rows import Quiet as Quiet
from minecalc.trace.joint_rows import joint_rows
from minecalc.trace.operations import LOOSE, OPERAND, OPERATIONS, SUM, Operation

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

#: Up to this many cases numpy's cumsum, which also adds in order, is faster than a loop over the months.
_FEW_CASES = 128

if TYPE_CHECKING:
    Number = float | FloatArray
    Count = float | FloatArray
else:  # what the input classes validate; ``vary`` puts columns in afterwards
    Number = float
    Count = int


def cases_in(*quantities: Number) -> int:
    """The number of cases that these quantities (floats, columns or arrays over time) describe together."""
    widths = [q.shape[-1] for q in quantities if isinstance(q, np.ndarray) and q.ndim]
    return max(widths) if widths else 1


#: So many columns are added to as fast as zeros are found in one.
_FEW_TO_ADD = 32

#: The share of months up to which those that are not zero are added one by one to the many cases of each.
_FEW_ROWS = 0.25

#: Numbers that differ by less than this share are the same but for rounding.
_SAME = 1e-9


def of_case(values: Any, case: int) -> Any:
    """One case of a sequence or an array whose first axis is the cases, or is one for all of them."""
    return values[case if len(values) > 1 else 0]


@primitive("{0}", reads="same")
def as_row(quantity: ArrayLike) -> FloatArray:
    """A float or column as an array over time of one row, which stands for every month: ``(1, 1|cases)``."""
    return np.asarray(quantity, dtype=np.float64).reshape(1, -1)


@primitive("{0}", reads="same")
def as_column(amounts: Sequence[float]) -> FloatArray:
    """Plain amounts, one a row, as ``(rows, 1)``."""
    return np.array(amounts, dtype=np.float64).reshape(-1, 1)


@primitive("{0}", reads="same")
def as_cases(quantity: Number) -> FloatArray:
    """A float or column as an array with one number a case: ``(1|cases,)``."""
    return np.asarray(quantity, dtype=np.float64).reshape(-1)


@primitive("{0}", reads="same")
def truth(condition: Number | BoolArray | bool) -> FloatArray:
    """1.0 where a condition holds, else 0.0, of its shape."""
    return np.asarray(condition, dtype=np.float64)


@primitive("the sum of {1} ..", reads="others", cell="{1+}")
def added(months: int, *parts: FloatArray) -> FloatArray:
    """The sum, month by month, of arrays over time: ``(months, 1|cases)``."""
    total = np.zeros((months, cases_in(*parts)))
    for part in parts:
        _add(part, total)
    return total


@primitive("the sum of {2} .. at points in time", reads="others")
def at_points(months: int, at_start: Sequence[bool], *parts: FloatArray) -> FloatArray:
    """The sum of monthly money at time points 0..months: each part at its month's start or end, ``(months + 1, ·)``."""
    return added_at_points(np.zeros((months + 1, 1)), at_start, parts)


def added_at_points(before: FloatArray, at_start: Sequence[bool], parts: Sequence[FloatArray]) -> FloatArray:
    """``before (months + 1, ·)`` and then, in order, monthly money at its start or end: of as many months, ``·``."""
    total = np.empty((before.shape[0], cases_in(before, *parts)))
    total[:] = before
    earlier, later = total[:-1], total[1:]
    for part, early in zip(parts, at_start, strict=True):
        _add(part, earlier if early else later)
    return total


def _add(part: FloatArray, total: FloatArray) -> None:
    """Add ``part (1|rows, 1|cases)`` to ``total (rows, cases)``, which holds no -0.0, in place.

    Zeros for all cases need not be added to each of many; to few they are added sooner than looked for.
    """
    if part.shape[1] > 1 or total.shape[1] <= _FEW_TO_ADD:
        total += part
        return
    rows = np.flatnonzero(part)
    if rows.size and (len(part) == 1 or rows.size > _FEW_ROWS * len(part)):
        total += part
    elif rows.size:
        total[rows] += part[rows]


def kept_where(holds: BoolArray, values: FloatArray) -> FloatArray:
    """``values`` where ``holds``, else 0.0, of both shapes broadcast: what ``np.where`` gives, to the last bit.

    Where a condition comes and goes ``np.where`` guesses at every number; a mask of bits takes a third of its time.
    """
    return recorded("where", _masked(plain(values), np.negative(plain(holds).view(np.int8))), holds, values, 0.0)


def dropped_where(holds: BoolArray, values: FloatArray) -> FloatArray:
    """0.0 where ``holds``, else ``values``; as ``kept_where``."""
    return recorded("where", _masked(plain(values), plain(holds).view(np.int8) - np.int8(1)), holds, 0.0, values)


def _masked(values: FloatArray, mask: NDArray[np.int8]) -> FloatArray:
    """``values`` where ``mask`` is -1, all of whose bits are ones; 0.0 where it is 0."""
    found: FloatArray = np.bitwise_and(values.view(np.int64), mask).view(np.float64)
    return found


@primitive(
    "the month in which {0} is largest, the last of equals",
    least=(OPERAND,),
    reads="all",
    cell="MAX({at:all})",
    working=(("most", "MAX({0:all})"), ("at[]", "IF({0}={most},{row},0)")),
)
def last_largest(values: FloatArray) -> FloatArray:
    """The row (from 1) of the largest of ``values (rows, cases)``, the last of equals: ``(cases,)``."""
    row: FloatArray = (values.shape[0] - np.argmax(values[::-1], axis=0)).astype(np.float64)
    return row


@primitive(
    "the first month in which {0} holds",
    least=(OPERAND,),
    reads="all",
    cell="IF(SUM({0:all})=0,{rows}+1,MATCH(1,{0:all},0))",
)
def first_true(holds: FloatArray | BoolArray) -> FloatArray:
    """The row (from 1) of the first that is not zero of ``holds (rows, cases)``, rows + 1 if all are: ``(cases,)``."""
    left = np.arange(len(holds), 0, -1)[:, None].astype(np.min_scalar_type(len(holds)))  # rows from each to the last
    true = holds if holds.dtype == np.bool_ else holds != 0.0  # which would make numbers of truths first
    found: FloatArray = len(holds) + 1.0 - np.max(true * left, axis=0, initial=0)
    return found


@primitive("the sum of {0} over time", least=(OPERAND,), reads="all", cell="SUM({0:all})")
def accumulate(values: FloatArray) -> FloatArray:
    """Sum ``(months, cases)`` over time, strictly first month to last, to ``(cases,)``.

    numpy's own ``sum`` adds one case pairwise and many cases in order, so its last bits depend on the batch; only rows
    of several cases that lie side by side are left to it.
    """
    if values.shape[0] == 0:
        return np.zeros(values.shape[1])
    side_by_side = values.shape[1] > 1 and values.strides[1] == values.itemsize
    total: FloatArray = np.add.reduce(values, axis=0) if side_by_side else np.cumsum(values, axis=0)[-1]
    return total


@primitive("its value of the month before + {0}", binds=SUM, least=(SUM,), reads="others", cell="{self:before}+{0}")
def running_total(values: FloatArray) -> FloatArray:
    """Cumulative sum of ``(months, cases)`` over time, in order, of the same shape."""
    if values.shape[1] <= _FEW_CASES:
        in_order: FloatArray = np.cumsum(values, axis=0)
        return in_order
    total = np.empty_like(values)
    total[:1] = values[:1]
    for k in range(1, values.shape[0]):
        np.add(total[k - 1], values[k], out=total[k])
    return total


@primitive(
    "the sum of {0} from each of the ends before to the next",
    least=(OPERAND,),
    reads="others",
    cell='SUMIFS({0:all},{0:numbers},">"&{1:before}+0,{0:numbers},"<="&{1})',
)
def stretches(values: FloatArray, ends: tuple[int, ...]) -> FloatArray:
    """Sums of ``values (1|rows, ·)`` up to each of ``ends``, row numbers that rise, from the one before, in order.

    One row counts for every one; the result is ``(ends, ·)``.
    """
    rows = np.broadcast_to(values, (ends[-1], values.shape[1])) if len(values) == 1 else values
    total, begins, lengths = np.empty((len(ends), values.shape[1])), (0, *ends[:-1]), set(np.diff(ends[:-1]).tolist())
    several = len(values) > 1 and len(lengths) == 1  # all but the first and the last are of one length: in step
    if several:
        each = rows[ends[0] : ends[-2]].reshape(len(ends) - 2, *lengths, -1)
        total[1:-1] = each[:, 0]
        for place in range(1, each.shape[1]):
            total[1:-1] += each[:, place]
    for stretch in (0, len(ends) - 1) if several else range(len(ends)):
        total[stretch] = accumulate(rows[begins[stretch] : ends[stretch]])
    return total


@primitive(
    "{2} in the rows {1}, else 0",
    least=(LOOSE, LOOSE, SUM),
    reads="others",
    cell="IF(COUNTIF({1:all},{row}-1)=0,0,INDEX({2:all},1,MATCH({row}-1,{1:all},0)))",
)
def placed(length: int, rows: tuple[int, ...], amounts: FloatArray) -> FloatArray:
    """``amounts (rows, ·)`` in these rows (counted from 0) of so many, zero in the others: ``(length, ·)``."""
    values = np.zeros((length, amounts.shape[1]))
    values[list(rows)] = amounts
    return values


def power(base: Number, exponent: Number) -> FloatArray:
    """``base ** exponent`` broadcast, with bits that do not depend on the layout; see ``minecalc.trace.operations``."""
    return cast("FloatArray", recorded("power", operations.power(plain(base), plain(exponent)), base, exponent))


_in_a_month = primitive(
    "{0} of month {1}",
    binds=OPERAND,
    least=(OPERAND,),
    reads="others",
    cell="INDEX({0:all},1,MAX(1,MIN({rows},{1})))",
)


@_in_a_month
def at_month(path: FloatArray, month: Number) -> FloatArray:
    """The value of ``path (months, ·)`` in ``month`` (1-based, clipped to the path), as ``(·,)`` or ``(cases,)``."""
    row: FloatArray = rows_at(path, as_row(month))[0]
    return row


@_in_a_month
def rows_at(path: FloatArray, months: FloatArray) -> FloatArray:
    """``path (T, ·)`` read in ``months (rows, 1|cases)`` (1-based, clipped to the path): ``(rows, ·)``."""
    if months.size == 1:  # one month of all cases, which most are asked for
        row = int(min(max(months[0, 0], 1), path.shape[0]))
        return path[row - 1 : row]
    index = np.clip(months, 1, path.shape[0]).astype(np.intp) - 1
    if index.shape[1] == 1:
        rows: FloatArray = path[index[:, 0]]
        return rows
    return np.take_along_axis(np.broadcast_to(path, (path.shape[0], index.shape[1])), index, axis=0)


@primitive(
    "{0} of the month before, {1} before the first",
    binds=OPERAND,
    least=(OPERAND,),
    reads="others",
    cell="IF({row}=1,{1},{0:before})",
)
def month_before(values: FloatArray, first: Number) -> FloatArray:
    """The row before of each row of ``values (months, ·)``; before the first ``first``, a float or column."""
    earlier = np.empty((values.shape[0], cases_in(values, first)))
    earlier[:1] = first
    earlier[1:] = values[:-1]
    return earlier


@primitive("the smallest of {0} over time", least=(OPERAND,), reads="all", cell="MIN({0:all})")
def smallest(values: FloatArray) -> FloatArray:
    """The least of the rows of ``values (rows, cases)``: ``(cases,)``."""
    least: FloatArray = values.min(axis=0)
    return least


def row_of_smallest(values: FloatArray) -> int:
    """The row (from 0) of the least of ``values (rows,)``, NaN left out; of those that differ by rounding, the first.

    There must be one that is a number.
    """
    least = float(np.nanmin(values))
    most = least + _SAME * abs(least) if np.isfinite(least) else least
    return int(np.flatnonzero(values <= most)[0])


@primitive("{2} in month {1}, else 0", least=(LOOSE, LOOSE, SUM), reads="others", cell="IF({row}={1},{2},0)")
def lump(months: int, month: Number, amount: Number) -> FloatArray:
    """``amount`` in ``month`` (1-based), zero in the others and if ``month`` is outside: ``(months, 1|cases)``."""
    width = cases_in(month, amount)
    values = np.zeros((months, width))
    place, there = _lump_at(months, width, month, amount)
    values[place] = there
    return values


def _lump_at(months: int, width: int, month: Number, amount: Number) -> tuple[Any, Number]:
    """Where in ``(months, width)`` an amount of ``month`` goes, nowhere if that is outside, and what goes there."""
    if isinstance(month, np.ndarray) and month.size > 1:
        inside = np.flatnonzero((month >= 1) & (month <= months))
        return (month[inside].astype(np.intp) - 1, inside), np.broadcast_to(amount, (width,))[inside]
    k = int(np.asarray(month).reshape(-1)[0])
    return k - 1 if 1 <= k <= months else slice(0), amount


def lumps(months: int, parts: Sequence[tuple[Number, Number]]) -> FloatArray:
    """The sum of what ``lump`` makes of each month and amount of ``parts``, in order: ``(months, 1|cases)``.

    Rows in which an amount is not are left alone, so that it takes no longer than the parts have cases. Traced, it is
    the lumps, added.
    """
    numbers = [number for part in parts for number in part]
    if is_traced(*numbers):
        return added(months, *(lump(months, *part) for part in parts))
    width = cases_in(*numbers)
    total = np.zeros((months, width))
    for month, amount in parts:
        place, there = _lump_at(months, width, month, amount)
        total[place] += there
    return total


def recurrence(
    step: Callable[..., Any], start: Number, *series: NDArray[Any], moves: FloatArray | None = None
) -> FloatArray:
    """Rows of which each is ``step(row before, row of each series)``, the one before the first ``start``.

    Where ``moves (months, 1|cases)`` is 0 in every case a row is the one before, as ``step`` would say as well.

    ``series`` are ``(1|months, 1|cases)``, one row counting for every month; the result is ``(months, 1|cases)``.
    ``step`` computes one row for all cases by numpy's elementwise functions, from nothing but plain numbers and what it
    is given; traced, it raises TypeError where it does anything else. It is called once a month, and once to be traced.
    """
    rows = _recurred(step, plain(start), *map(plain, series), moves=plain(moves))
    found: Any = recorded("recurrence", rows, start, *series)
    if type(found) is Traced:
        from minecalc.trace.replay import body_of

        found.rest = (body_of(step, start, rows, series),)
    return cast("FloatArray", found)


def _recurred(
    step: Callable[..., Any], start: Number, *series: NDArray[Any], moves: FloatArray | None = None
) -> FloatArray:
    months = max(len(values) for values in series)
    width = cases_in(start, *series)
    rows = np.empty((months, width))
    row: Any = np.broadcast_to(np.asarray(start, dtype=np.float64), (width,))
    moved: BoolArray = np.ones(months, dtype=np.bool_) if moves is None else np.logical_or.reduce(moves, axis=1)
    if width == 1:  # a number takes a fraction of the time that a row of one does
        row = row[0]
    narrow = (values[:, 0] if values.shape[1] == 1 else values for values in series)
    one_a_month = (itertools.repeat(values[0], months) if len(values) == 1 else values for values in narrow)
    stood = 0  # the first of the rows that are the one before
    for k, (moving, given) in enumerate(zip(moved.tolist(), zip(*one_a_month, strict=True), strict=True)):
        if moving:
            if stood < k:
                rows[stood:k] = row
            row = rows[k] = step(row, *given)
            stood = k + 1
    rows[stood:] = row
    return rows


OPERATIONS["recurrence"] = Operation(
    lambda *operands: _recurred(operands[-1], *operands[:-1]), "a row from the row before", LOOSE, reads="others"
)


def recurrences(
    step: Callable[..., tuple[Any, ...]],
    starts: Sequence[Number],
    *series: NDArray[Any],
    shown: int = 0,
    quiet: Quiet | None = None,
    guess: Callable[[], Sequence[FloatArray]] | None = None,
) -> tuple[FloatArray, ...]:
    """Several rows at once of which each is made of all the rows before, such as cash, a debt and a reserve.

    ``step(*rows before, *row of each series)`` answers with as many rows as there are ``starts``, the rows before the
    first, and then with ``shown`` more that no later row is made of; a number counts for every case, and ``step`` is
    given a number for the row of one column. Otherwise it is as in ``recurrence``. The results, one a row of the
    answer, are ``(months, 1|cases)`` each; those of ``starts`` are parts of one array, and what is shown is one column
    where it is zero throughout. ``quiet`` rows are done together, to the same bits. Traced, ``step`` computes what is
    shown from all rows together. Raises ValueError for another number of rows or months.
    """
    of_traced = is_traced(*starts, *series)
    stacked, beside = joint_rows(
        step,
        [plain(start) for start in starts],
        [plain(values) for values in series],
        width=cases_in(*starts, *series),
        shown=shown,
        quiet=None if quiet is None else Quiet(plain(quiet.happens), quiet.step),
        guess=None if of_traced else guess,
    )
    found: Any = recorded("recurrences", stacked, *starts, *series)
    months = len(stacked) // len(starts)
    states = tuple(found[place * months : (place + 1) * months] for place in range(len(starts)))
    if type(found) is not Traced:
        return (*states, *beside)
    from minecalc.trace.replay import joint_body_of

    body = joint_body_of(lambda *given: step(*given)[: len(starts)], starts, [plain(state) for state in states], series)
    found.rest, body.states = (body,), states
    if not shown:
        return states
    before = (month_before(state, start) for state, start in zip(states, starts, strict=True))
    together = step(*before, *series)[len(starts) :]
    rows = (months, 1)
    return (*states, *(row if type(row) is Traced else np.broadcast_to(np.float64(row), rows) for row in together))


def _replayed(operands: Sequence[Any], body: Any) -> FloatArray:
    """The rows of several recurrences by their body (see ``minecalc.trace.replay``), after their starts and series."""
    count = len(body.befores)
    return joint_rows(body.after, operands[:count], operands[count:], width=cases_in(*operands))[0]


OPERATIONS["recurrences"] = Operation(
    lambda *operands: _replayed(operands[:-1], operands[-1]),
    "rows made of the rows before, from {0} on",
    LOOSE,
    reads="others",
)


def nowhere(flag: Any) -> bool:
    """Whether a row of a flag is 0 in every case, so that what it brings about need not be computed.

    Never of a traced one: a trace tells of all rows at once.
    """
    if type(flag) is float:
        return not flag
    return type(flag) is not Traced and not flag.any()


def sum_of(*parts: FloatArray) -> FloatArray:
    """The sum of arrays over time, in order, without those that are one column of zeros; traced, of all.

    Nothing is copied where one alone counts, so that none may be changed in place.
    """
    counting = [part for part in parts if part.shape[1] > 1 or not nowhere(part)]
    has_all_rows = max(map(len, counting), default=0) == max(map(len, parts))
    return reduce(add, counting if has_all_rows else parts)


def narrowed(values: FloatArray) -> FloatArray:
    """``values (rows, ·)``, or one column where they are 0.0 throughout; a traced one as it is.

    Most of what a loan may cost is nothing, and whatever reads it has the less to do.
    """
    if is_traced(values) or values.shape[1] == 1 or values.view(np.int64).any():  # of which -0.0 is not zero
        return values
    return np.zeros((len(values), 1))


def everywhere(flag: Any) -> bool:
    """Whether a row of a flag holds in every case, so that its opposite need not be computed; never of a traced one."""
    return type(flag) is not Traced and bool(np.all(flag))


def in_a_row(holds: FloatArray) -> FloatArray:
    """How many rows of ``holds (months, cases)``, 1 or 0, up to each, without a break, are 1: of the same shape."""
    return recurrence(lambda count, holds: (count + 1.0) * holds, 0.0, holds)


def first_in_a_row(holds: BoolArray, least: Number) -> FloatArray:
    """The first row (from 1) that ends ``least`` rows in a row which all hold, rows + 1 if there is none: ``(·,)``.

    ``holds`` is ``(rows, ·)``. The same as ``first_true`` of ``in_a_row``, by doubling what is known to hold, which is
    quicker, and with no steps that a trace could name.
    """
    if isinstance(least, np.ndarray) and least.size > 1:
        found = np.empty(least.shape)
        for number in np.unique(least).tolist():
            which = least == number
            found[which] = first_in_a_row(holds[:, which] if holds.shape[1] > 1 else holds, number)
        return found
    rows, ends = int(np.ceil(np.asarray(least).reshape(-1)[0])), holds.copy()
    ended = 1  # so many rows in a row are known to hold
    while ended < rows:
        more = min(ended, rows - ended)
        ends[more:] = ends[more:] & ends[:-more]
        ends[:more] = False
        ended += more
    return first_true(ends)
