"""Random numbers: streams that depend on nothing but seed, name and block, and the processes built from them."""
