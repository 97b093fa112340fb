"""Where work is done: what processes of this machine and workers of a cluster have in common."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import Generic, NamedTuple, Protocol, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")

#: Items of one batch at the most, for the answers of a batch are in memory together.
BATCH_MOST = 16


class Workers(Protocol):
    """Whoever does the work; no answer depends on which of them gave it."""

    def share_out(self, work: Callable[[Item], Answer], items: Sequence[Item]) -> Iterator[Answer]:
        """``work`` done on each of ``items``, the answers in order.

        Some items are worked on ahead of the answer that is asked for; what is unfinished when no more answers are
        asked for is dropped. ``work``, items and answers must be picklable. What ``work`` raises is raised here;
        WorkersError if it cannot go on.
        """


class WorkersError(Exception):
    """The work cannot be done there, or not to the end; the message says why, in one line."""


class Batch(NamedTuple, Generic[Answer]):
    """The answers to some consecutive items, and the seconds that they took."""

    answers: Sequence[Answer]
    seconds: float


def batch(work: Callable[[Item], Answer], items: Sequence[Item]) -> Batch[Answer]:
    """``work`` done on each of ``items``, here and now."""
    begun = perf_counter()
    return Batch([work(item) for item in items], perf_counter() - begun)


def in_order(
    submit: Callable[[Sequence[Item]], Callable[[], Batch[Answer]]],
    items: Sequence[Item],
    ahead: Callable[[], int],
    seconds: float,
) -> Iterator[Answer]:
    """The answers to ``items``, submitted in batches of about ``seconds`` each, ``ahead()`` of them at a time.

    ``submit`` gives what waits for the batch and gives it, or raises what the work raised.
    A batch is forgotten before its answers are given, so that no more are held than are on their way.
    """
    waiting, size, place = deque[Callable[[], Batch[Answer]]](), 1, 0
    try:
        while waiting or place < len(items):
            most = ahead()
            while len(waiting) < most and place < len(items):
                share = -(-(len(items) - place) // most)  # the last items are for all workers
                some = items[place : place + min(size, share)]
                waiting.append(submit(some))
                place += len(some)
            done = waiting.popleft()()
            size = max(1, min(BATCH_MOST, round(seconds * len(done.answers) / max(done.seconds, 1e-9))))
            yield from done.answers
    finally:
        waiting.clear()  # an exception may keep this frame
