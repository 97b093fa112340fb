"""``minecalc schema``: the JSON Schema of scenario files, for editors."""

from __future__ import annotations

from typing import Annotated

from minecalc.cli import _completion as complete
from minecalc.cli._options import Output, option

ANSWERS = "What can a file say, and is it right?"
#: Its answer is in words and tables.
HAS_CHARTS = False


def schema(
    format_: Annotated[
        str | None,
        option("--format", "NAME", "json; there is no other.", complete.one_of("json")),
    ] = None,
    output: Output = None,
) -> None:
    """Print the JSON Schema of scenario files; an editor's YAML plug-in completes and checks keys with it.

    Example: minecalc schema --output scenario.schema.json
    """
    import json

    from minecalc.cli._output import chosen_format, write_text
    from minecalc.cli._usage import UsageError
    from minecalc.scenario import Scenario
    from minecalc.schema.file_schema import file_schema

    on_screen = output is None or str(output) == "-"
    chosen = "json" if on_screen and format_ is None else chosen_format(format_, output)
    if chosen != "json":
        raise UsageError(f"a JSON Schema is no {chosen}; use --format json or a file name that ends in .json")
    text = json.dumps(file_schema(Scenario, "minecalc scenario", "urn:minecalc:scenario:1"), indent=2) + "\n"
    write_text(text, output)
