"""Settings for all tests: random examples are the same in every run, and none is timed."""

from __future__ import annotations

from tests.randomly import register

register()
