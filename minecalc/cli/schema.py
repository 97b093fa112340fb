"""``minecalc schema``: the JSON Schema of scenario files, for editors."""

from __future__ import annotations

from minecalc.analysis.questions import QuestionError
from minecalc.cli import _completion as complete
from minecalc.cli._options import option
from minecalc.cli._shared import Shared, shares

ANSWERS = "What can a file say, and is it right?"


@shares("format_", "output")
def schema(
    format_: str | None = option("NAME", "json; there is no other.", complete.one_of("json"), spelt="--format"),
    *,
    shared: Shared,
) -> None:
    """Print the JSON Schema of scenario files; an editor's YAML plug-in completes and checks keys with it.

    Example: minecalc schema --output scenario.schema.json
    """
    import json

    from minecalc.cli._output import output_file, write_text
    from minecalc.scenario import Scenario
    from minecalc.schema.file_schema import file_schema

    chosen = "json" if output_file(shared.output) is None and format_ is None else shared.chosen_format()
    if chosen != "json":
        raise QuestionError(f"a JSON Schema is no {chosen}; use --format json or a file name that ends in .json")
    text = json.dumps(file_schema(Scenario, "minecalc scenario", "urn:minecalc:scenario:1"), indent=2) + "\n"
    write_text(text, shared.output)
