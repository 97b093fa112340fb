"""Roots of many functions at once: where to look, what depends on what, and where it crosses."""
