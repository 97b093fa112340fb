"""A plan's debt and tax: the blocks of a file, the deal as it closes, and what it then costs month by month."""
