"""Fleets of mining machines, whoever earns with them: what a file says of them, how they age, stop and run."""
