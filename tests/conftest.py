"""Settings for all tests: random examples are the same in every run, none is timed; Ctrl-C reaches what is started."""

from __future__ import annotations

import signal

from tests.randomly import register

register()

# a shell's job in the background ignores it, and whatever it starts would too
signal.signal(signal.SIGINT, signal.default_int_handler)
