"""Memory of arrays that is used again: what the allocator gives back to the system costs more than sums on it."""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import cache

#: What glibc's ``mallopt`` calls its limits, and their megabytes: blocks up to the first come from the heap, which
#: keeps up to the second of what is freed. By itself it learns to keep 64 MB; a batch of plans with debt needs more.
_LIMITS = ((-3, 32), (-1, 512))


@cache
def keep_freed_memory() -> None:
    """Have this process keep what its arrays free for those that follow, before a large batch.

    Else every batch of many cases would fetch its pages anew from the system, which takes as long as the arithmetic on
    them. Other C libraries than glibc decide for themselves.
    """
    if sys.platform == "linux":
        import ctypes

        with suppress(AttributeError, OSError):  # another C library
            mallopt = ctypes.CDLL(None).mallopt
            for limit, megabytes in _LIMITS:
                mallopt(limit, megabytes << 20)
