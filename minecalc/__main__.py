"""``python -m minecalc`` and the ``minecalc`` script: the command line as a process of its own."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from minecalc.cli import main


def run() -> NoReturn:
    """Run the command line and end the process at once.

    Taking a hundred modules apart at exit would cost a sixth of a command's time; files are closed and streams flushed
    by then, so nothing is lost without it.
    """
    code: object = 0
    try:
        main()
    except SystemExit as stop:
        code = stop.code
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # a reader that went away; nobody is left to tell
        code = code or 1
    os._exit(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    run()
