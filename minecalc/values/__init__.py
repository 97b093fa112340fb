"""Values over time: what a file may write for an input, and what it is in each month."""
