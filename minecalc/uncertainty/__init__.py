"""What a scenario says of its own uncertainty: factors with their models, distributions of inputs, correlations."""
