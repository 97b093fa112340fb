"""All that is asked of a scenario before a decision, on one page: what other questions say, put together."""
