"""``python -m minecalc``."""

from minecalc.cli import main

main()
