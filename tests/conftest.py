"""Settings for all tests: random examples are the same in every run, none is timed; Ctrl-C reaches what is started."""

from __future__ import annotations

import gc
import os
import signal
import sys

from tests.randomly import register

register()

# ten thousand tests are made and kept: looking for garbage that often is in vain
gc.set_threshold(100_000, 20, 20)

# a shell's job in the background ignores it, and whatever it starts would too
signal.signal(signal.SIGINT, signal.default_int_handler)

# else each of the many processes that tests start would compile all that it reads, and each worker all tests
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# nothing is written into anybody's home, nor taken from there
os.environ["MINECALC_CACHE"] = "off"
