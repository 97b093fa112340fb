"""``minecalc check``: are these scenarios right?"""

from __future__ import annotations

from minecalc.cli._options import FILES
from minecalc.cli._process import finish, tell
from minecalc.cli._progress import progress
from minecalc.cli._shared import OF_OUTPUT, OF_SCENARIO, Shared, shares

ANSWERS = "What can a file say, and is it right?"


@shares(*OF_SCENARIO, *OF_OUTPUT)
def check(files: list[str] = FILES, *, shared: Shared) -> None:
    """Say all that is wrong with scenarios, with line and column, and which of their requirements fail.

    Exit code 2 if a file is wrong, else 3 if a requirement fails, so that a repository of scenarios can run it.

    Example: minecalc check retrofit
    """
    import minecalc
    from minecalc import reports
    from minecalc.cli._inputs import wanted_files

    chosen = shared.chosen_format()
    found = minecalc.check(*wanted_files(files), **shared.reads(), watch=progress)
    if reports.shows(chosen) != "data":
        tell(found.diagnostics)
    usable = [item.usable for item in found.files]
    if chosen != "terminal" or any(usable):
        shared.show(found.document())
    finish(wrong=not all(usable), exists=found.exists)
