"""Sourced reference records: mining machines, GPUs, published leases and loans, the market snapshot, ranges, history.

Each table is a CSV file in this folder, read once when it is first asked for, by the module of its name, or by
``snapshot`` and ``bitcoin_history``; importing reads nothing. The README.md beside it explains columns and how to add a
record, the manual grades. An empty figure is ``None``.
"""
