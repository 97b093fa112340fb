"""A second, independent calculation of `compare`: one case, plain Python, month by month.

It shares no code with the package and exists only to disagree with it.
"""

from .engine import calculate

__all__ = ["calculate"]
