"""What a mine earns with its machines: by fleet, with the coins it keeps and the hedges it holds."""
