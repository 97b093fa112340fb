"""``python -m minecalc`` and the ``minecalc`` script: the command line as a process of its own."""

from __future__ import annotations

import gc
import os
from typing import NoReturn

#: A command builds most of its objects while modules load and keeps them: looking for garbage that often is in vain.
_OBJECTS_PER_COLLECTION = 200_000

#: Of a process that Ctrl-C ends before it has begun.
_INTERRUPTED = 130


def run() -> NoReturn:
    """Run the command line and end the process at once.

    Taking a hundred modules apart at exit would cost a sixth of a command's time; files are closed and streams flushed
    by then, so nothing is lost without it.
    """
    gc.set_threshold(_OBJECTS_PER_COLLECTION, 20, 20)
    code: object = 0
    try:
        from minecalc.cli import main
        from minecalc.cli._process import flushed, prepare

        prepare()
        try:
            main()
        except SystemExit as stop:
            code = stop.code
        code = flushed(code if isinstance(code, int) else int(code is not None))
    except KeyboardInterrupt:
        code = _INTERRUPTED
    os._exit(code)


if __name__ == "__main__":
    run()
