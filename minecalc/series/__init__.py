"""Columns of numbers from files: by month, and by the hour as markets publish them."""
