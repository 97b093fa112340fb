"""Rows of several recurrences at once, each row made of all the rows before: one after the other, or many together.

A row takes a hundred operations on arrays of a few columns, each of which costs what it takes to call it. Where rows
come in stretches of one length, all stretches are computed together from a guess of the states before them, some
times over until what comes out is what was put in. Then it is what one after the other comes to, to the last bit: the
first stretch has the true start, and each later one the true end of the stretch before.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

Step = Callable[..., tuple[Any, ...]]

#: Up to how many columns, and from how many stretches on, it is quicker to compute all of them some times over; and how
#: often it is tried.
_COLUMNS_MOST, _STRETCHES_LEAST, _TIMES_MOST = 256, 4, 6


class Quiet(NamedTuple):
    """Rows that ``recurrences`` may compute together: neighbours whose ``happens (rows, 1|cases)`` is 0 in all cases.

    ``step`` is as that of one row, with all of these rows of each series that has several, and answers with as many
    rows, or one for all; None where one has to be done after the other.
    """

    happens: FloatArray
    step: Callable[..., tuple[Any, ...] | None]


class _Written:
    """The rows of all states ``(states, months, width)``, and those of what is shown, which most often is nothing."""

    def __init__(self, starts: Sequence[Any], months: int, width: int, shown: int) -> None:
        self.states = np.empty((len(starts), months, width))
        self.before: tuple[Any, ...] = tuple(
            np.broadcast_to(np.asarray(start, np.float64), (width,)) for start in starts
        )
        self._beside: list[FloatArray | None] = [None] * shown

    def put(self, rows: Any, answer: tuple[Any, ...]) -> None:
        """What a step answered with for these rows. ValueError unless it has a row a state and one of each shown."""
        for state, value in zip(self.states, answer[: len(self.states)], strict=True):
            state[rows] = value
        for place, value in zip(range(len(self._beside)), answer[len(self.states) :], strict=True):
            if type(value) is float and not value:
                continue
            values = self._beside[place]
            if values is None and (type(value) is float or value.any()):
                values = self._beside[place] = np.zeros(self.states.shape[1:])
            if values is not None:
                values[rows] = value

    def goes_on_from(self, row: int) -> None:
        """The row before the next one."""
        self.before = tuple(self.states[:, row])

    def shown(self) -> list[FloatArray]:
        """What is shown, one column where it is nothing."""
        none = np.zeros((self.states.shape[1], 1))
        return [none if values is None else values for values in self._beside]


def joint_rows(
    step: Step,
    starts: Sequence[Any],
    series: Sequence[Any],
    *,
    width: int,
    shown: int = 0,
    quiet: Quiet | None = None,
    guess: Callable[[], Sequence[FloatArray]] | None = None,
) -> tuple[FloatArray, list[FloatArray]]:
    """The rows of all states one after the other, ``(states * months, width)``, and those of what is ``shown``.

    ``guess`` are rows of the states ``(1|months, 1|width)`` that are hoped to be right; ``step`` then has to work on
    several rows as on one. What is shown is a number 0.0 in most months, which is not written.
    """
    months = max(len(values) for values in series)
    if any(len(values) not in (1, months) for values in series):
        raise ValueError(f"series of {sorted({len(values) for values in series})} months")
    written = _Written(starts, months, width, shown)
    busy = np.ones(months, dtype=np.bool_) if quiet is None else np.broadcast_to(quiet.happens.any(axis=1), (months,))
    narrow = [values[:, 0].astype(np.float64).tolist() if values.shape[1] == 1 else values for values in series]
    one_a_month = [[values[0]] * months if len(values) == 1 else values for values in narrow]
    begins = 0
    blocks = _blocks(busy) if guess is not None and width <= _COLUMNS_MOST else []
    guessed = guess() if guess is not None and blocks else ()
    for block in [*blocks, None]:
        ends = months if block is None else block.begins
        changes = [begins, *(np.flatnonzero(np.diff(busy[begins:ends])) + begins + 1).tolist(), ends]
        for first, last in itertools.pairwise(changes if begins < ends else ()):
            together = None
            if quiet is not None and not busy[first]:
                rows = (values[first:last] if len(values) > 1 else values[0] for values in series)
                together = quiet.step(*written.before, *rows)
            if together is not None:
                written.put(slice(first, last), together)
                written.goes_on_from(last - 1)
                continue
            for row in range(first, last):
                written.put(row, step(*written.before, *(values[row] for values in one_a_month)))
                written.goes_on_from(row)
        if block is not None:
            begins = block.ends if _put_together(step, written, block, series, guessed) else block.begins
    return written.states.reshape(-1, width), written.shown()


class _Block(NamedTuple):
    """Stretches of ``length`` rows each, of which something happens in the last, from row ``begins`` to ``ends``."""

    begins: int
    ends: int
    length: int


def _blocks(busy: NDArray[np.bool_]) -> list[_Block]:
    """Neighbouring stretches of one length that are worth computing together; not the last row, which often differs.

    Where rows in which something happens come in pairs, as those of two calendars do, a stretch has two of them.
    """
    last = np.flatnonzero(busy[:-1])
    return _of_one_length(last) or _of_one_length(last[1::2])


def _of_one_length(last: NDArray[np.intp]) -> list[_Block]:
    """The blocks of stretches that end at the rows ``last``."""
    lengths = np.diff(last, prepend=-1)
    changes = [0, *(np.flatnonzero(np.diff(lengths)) + 1).tolist(), lengths.size]
    found = []
    for first, after in itertools.pairwise(changes):
        if after - first >= _STRETCHES_LEAST:
            ends, length = int(last[after - 1]) + 1, int(lengths[first])
            found.append(_Block(ends - length * (after - first), ends, length))
    return found


def _put_together(
    step: Step, written: _Written, block: _Block, series: Sequence[Any], guess: Sequence[FloatArray]
) -> bool:
    """Write the rows of a block, whose stretches are all computed at once; False if that takes too many times."""
    begins, ends, length = block
    states, shape = len(written.states), ((ends - begins) // length, written.states.shape[2])
    at = [[_at(values, slice(begins + place, ends, length)) for values in series] for place in range(length)]
    last = slice(begins + length - 1, ends, length)
    stretch = [np.broadcast_to(rows if len(rows) == 1 else rows[last], shape) for rows in guess]
    for _ in range(_TIMES_MOST):
        before = tuple(
            np.concatenate([first[None], rows[:-1]]) for first, rows in zip(written.before, stretch, strict=True)
        )
        answers = list[tuple[Any, ...]]()
        for given in at:
            answers.append(step(*before, *given))
            before = tuple(np.broadcast_to(rows, shape) for rows in answers[-1][:states])
        if all(new.tobytes() == old.tobytes() for new, old in zip(before, stretch, strict=True)):
            for place, answer in enumerate(answers):
                written.put(slice(begins + place, ends, length), answer)
            written.goes_on_from(ends - 1)
            return True
        stretch = list(before)
    return False


def _at(values: Any, rows: slice) -> Any:
    """These rows of a series; one number where all of them are that in every case."""
    if len(values) == 1:
        return float(values[0, 0]) if values.shape[1] == 1 else values[0]
    found = values[rows]
    if found.shape[1] == 1 and (found == found[0]).all():
        return float(found[0, 0])
    return found
