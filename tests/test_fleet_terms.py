"""Several fleets of one mine: what each of them says, and that together they earn what each earns alone."""

from __future__ import annotations
