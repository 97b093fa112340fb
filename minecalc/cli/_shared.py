"""The options that commands share, and how a command comes by them."""

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from minecalc.cli import _completion as complete
from minecalc.cli._options import FILE, flag, option, with_parameters
from minecalc.cli._process import finish
from minecalc.cli._progress import progress

if TYPE_CHECKING:
    from minecalc.analysis.questions import Answer
    from minecalc.document import Document
    from minecalc.scenario import Scenario

Command = Callable[..., None]

#: How scenarios are read, and how an answer is shown.
OF_SCENARIO, OF_OUTPUT = ("set_", "confined", "market"), ("format_", "output", "quiet")


class Shared(NamedTuple):
    """What the options say that commands share, in the order in which every help ends in them."""

    full: bool = flag("--full", "On the screen also defaults and assumptions with their sources, and settings to try.")
    set_: list[str] | None = option(
        "PATH=VALUE", "Set an input, e.g. site.gross_mw=60; repeat for more.", complete.assignments, spelt="--set"
    )
    confined: bool = flag("--confined", "Read CSV files and files that are extended only inside the scenario's folder.")
    market: str | None = option(
        "FILE", "Market inputs for what the scenario does not say; also MINECALC_MARKET.", complete.files
    )
    format_: str | None = option(
        "NAME",
        "terminal (default), html, json, csv, markdown, parquet, svg or png.",
        complete.formats,
        spelt="--format",
    )
    output: Path | None = option("FILE", "Write to a file; its suffix picks the format.", spelt="--output -o")
    quiet: bool = flag("--quiet -q", "Only the headline on the terminal.")
    chart: str = option("N|TITLE", "Of svg and png: which chart, by its number or a part of its title.", default="")

    def reads(self) -> dict[str, Any]:
        """How files are read, as ``loading.read`` takes it; the command ends if a market file cannot be used."""
        from minecalc.cli._inputs import market_files

        return {"assignments": self.set_ or (), "confined": self.confined, "markets": market_files(self.market)}

    def scenario(self, file: str) -> "Scenario":
        """The scenario in ``file`` (``-``: standard input, or a shipped example's name); see ``_inputs.usable``."""
        from minecalc.cli._inputs import named_file, usable
        from minecalc.loading import read

        file = named_file(file)
        return usable(read(file, **self.reads()))

    def chosen_format(self) -> str:
        """The format of the answer. QuestionError, before any work is done, for one that cannot be had."""
        from minecalc.cli._output import chosen_format

        return chosen_format(self)

    def show(self, document: "Document") -> None:
        """Write what people or programs read to where it is wanted."""
        from minecalc.cli._output import show

        show(document, self)

    def emit(self, answer: "Answer") -> None:
        """Show an answer; the exit code is 3 if the question has none, 1 if it contradicts itself."""
        self.show(answer.document())
        finish(fault=answer.fault, exists=answer.exists)


#: What they say where none is given.
UNSAID = Shared._make(about.default for about in Shared._field_defaults.values())


def shares(*names: str) -> Callable[[Command], Command]:
    """A command that has these of the shared options behind its own, and takes what they say as ``shared``.

    One that the command declares itself stands in its own words, in the same place.
    """

    def command(function: Command) -> Command:
        own = dict(inspect.signature(function, eval_str=True).parameters)
        del own["shared"]
        kinds, defaults = Shared.__annotations__, Shared._field_defaults
        common = [
            own.get(name)
            or inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kinds[name], default=defaults[name])
            for name in Shared._fields
            if name in names
        ]

        @wraps(function)
        def run(**options: Any) -> None:
            shared = UNSAID._replace(**{name: options[name] for name in names})
            function(shared=shared, **{name: value for name, value in options.items() if name in own})

        return with_parameters(run, [*(one for name, one in own.items() if name not in names), *common])

    return command


def asks(
    *,
    of_scenario: bool = True,
    has_details: bool = False,
    has_charts: bool = True,
    before: Callable[[dict[str, Any], Path | None], None] | None = None,
) -> Callable[[Command], Command]:
    """Make a command of a function that only declares options, in the names of those that the question takes.

    The question is the function of its name in ``minecalc``. Behind its options come those that commands share, and
    before them the file, if the question is ``of_scenario``. What is not given is left to the question. ``before`` sees
    the options and the output before any work is done, to refuse.
    """

    def command(declares: Command) -> Command:
        @wraps(declares)
        def answer(shared: Shared, file: str = "", **options: Any) -> None:
            import minecalc

            shared.chosen_format()
            if before is not None:
                before(options, shared.output)
            question = getattr(minecalc, declares.__name__)
            given = {name: value for name, value in options.items() if value is not None}
            if "watch" in inspect.signature(question).parameters:
                given["watch"] = progress
            about = (shared.scenario(file),) if of_scenario else ()
            shared.emit(question(*about, **given))

        own = list(inspect.signature(declares, eval_str=True).parameters.values())
        named = inspect.Parameter.POSITIONAL_OR_KEYWORD
        first = [inspect.Parameter("file", named, annotation=str, default=FILE)] if of_scenario else []
        last = inspect.Parameter("shared", inspect.Parameter.KEYWORD_ONLY, annotation=Shared)
        about = (*(OF_SCENARIO if of_scenario else ()), *OF_OUTPUT)
        names = (*(("full",) if has_details else ()), *about, *(("chart",) if has_charts else ()))
        return shares(*names)(with_parameters(answer, [*first, *own, last]))

    return command
