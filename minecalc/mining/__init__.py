"""What a mine earns with its machines: by fleet, with the coins it keeps and the hedges it holds."""

FORWARD, SWAP = "hash_price_forward_usd", "power_swap_usd"
#: The lines of hedges, which go on where machines have stopped.
HEDGE_LINES = frozenset({FORWARD, SWAP})
