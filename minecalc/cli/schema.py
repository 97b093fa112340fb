"""``minecalc schema``: the JSON Schema of scenario files, for editors."""

from __future__ import annotations

from minecalc.cli._options import Output


def schema(output: Output = None) -> None:
    """Print the JSON Schema of scenario files; an editor's YAML plug-in completes and checks keys with it.

    Example: minecalc schema --output scenarios/scenario.schema.json
    """
    import json

    from minecalc.cli._output import write_text
    from minecalc.scenario import Scenario
    from minecalc.schema.jsonschema import json_schema

    text = json.dumps(json_schema(Scenario, "minecalc scenario", "urn:minecalc:scenario:1"), indent=2) + "\n"
    write_text(text, output)
