"""Statistics of samples: estimates with their errors, and what sampling does to these."""
