"""The joint world of a scenario: uncertain factors drawn once a path, and shared by all of its plans."""
