"""``python -m minecalc``."""

from minecalc.cli import main

if __name__ == "__main__":
    main()
