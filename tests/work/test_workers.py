"""Batches in order, a few at a time, of a size that takes about as long as it should."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import pytest

from minecalc.work.workers import BATCH_MOST, Batch, batch, in_order


def done(items: Sequence[int], seconds: float) -> Batch[int]:
    """A batch that is there already, of items that took so many seconds each."""
    return Batch([-item for item in items], seconds * len(items))


class Log:
    """What was submitted, and how many batches were on their way at the most."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.batches = seconds, list[Sequence[int]]()

    def submit(self, items: Sequence[int]) -> Callable[[], Batch[int]]:
        self.batches.append(items)
        return partial(done, items, self.seconds)

    @property
    def sizes(self) -> list[int]:
        return [len(items) for items in self.batches]


def test_a_batch_is_done_in_order_and_timed() -> None:
    ticking: Iterator[int] = iter(range(10))
    found = batch(lambda item: (item, next(ticking)), [5, 7, 6])
    assert found.answers == [(5, 0), (7, 1), (6, 2)]
    assert 0.0 <= found.seconds < 1.0


@pytest.mark.parametrize("seconds", [0.0, 0.1, 0.3, 2.0])
@pytest.mark.parametrize("count", [0, 1, 7, 1000])
def test_answers_come_in_order_whatever_they_take(seconds: float, count: int) -> None:
    log = Log(seconds)
    assert list(in_order(log.submit, range(count), lambda: 4, 0.7)) == [-item for item in range(count)]
    assert [item for items in log.batches for item in items] == list(range(count))


@pytest.mark.parametrize(("seconds", "size"), [(0.0, BATCH_MOST), (0.1, 7), (0.3, 2), (0.7, 1), (2.0, 1)])
def test_batches_grow_to_the_time_that_they_should_take(seconds: float, size: int) -> None:
    log = Log(seconds)
    list(in_order(log.submit, range(1000), lambda: 4, 0.7))
    assert log.sizes[:4] == [1, 1, 1, 1]
    assert set(log.sizes[4:20]) == {size}


def test_the_last_items_are_for_all() -> None:
    log = Log(0.0)
    list(in_order(log.submit, range(40), lambda: 4, 0.7))
    assert log.sizes == [1, 1, 1, 1, 9, 7, 5, 4, 3, 2, 2, 1, 1, 1, 1]


def test_so_many_are_on_their_way_and_the_number_may_change() -> None:
    log, most = Log(1.0), [3]
    found = in_order(log.submit, range(100), lambda: most[0], 0.7)
    assert next(found) == 0
    assert len(log.batches) == 3
    most[0] = 10
    assert [next(found), next(found)] == [-1, -2]
    assert len(log.batches) == 12


def test_what_the_work_raises_is_raised_and_nothing_is_held() -> None:
    def fails() -> Batch[int]:
        raise ValueError("no")

    held: list[Sequence[int]] = []

    def submit(items: Sequence[int]) -> Callable[[], Batch[int]]:
        held.append(items)
        return fails

    with pytest.raises(ValueError, match="no") as raised:
        list(in_order(submit, range(9), lambda: 3, 0.7))
    assert len(held) == 3
    frame = raised.traceback[-2].frame
    assert list(frame.f_locals["waiting"]) == []
