"""Settings for all tests: random examples are the same in every run, and none is timed."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("gate", derandomize=True, deadline=None)
settings.load_profile("gate")
