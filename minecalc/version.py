"""The version, which every answer names."""

from __future__ import annotations

VERSION = "0.13.0"
