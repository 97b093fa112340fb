"""How many random examples a test tries, and whether they are the same in every run.

The gate tries the same examples each time, so that it fails for nothing but a change. To look for what they miss, try
twenty-five times as many, other ones in each run (``-k`` and a folder choose among the tests):

    pytest -m hypothesis --hypothesis-profile search

No example is timed, and none is refused because it was slow to make: both depend on the machine.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

#: What the profiles are measured in: the examples of a test that says nothing of its own.
EXAMPLES = 100
SEARCHES = 25


def register() -> None:
    """Make both profiles known, and the gate's the one that holds unless the command line names another."""
    by_luck = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    patient = settings(deadline=None, suppress_health_check=by_luck, max_examples=EXAMPLES)
    settings.register_profile("gate", patient, derandomize=True)
    settings.register_profile("search", patient, max_examples=SEARCHES * EXAMPLES, print_blob=True)
    settings.load_profile("gate")


def randomly(examples: int) -> settings:
    """So many examples for the gate, as many times more in a search as for other tests."""
    return settings(max_examples=examples * settings().max_examples // EXAMPLES)
