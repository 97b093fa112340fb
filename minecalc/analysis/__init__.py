"""Questions about a scenario: one module each."""
