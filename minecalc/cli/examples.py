"""``minecalc examples``: the scenarios that are shipped."""

from __future__ import annotations

from minecalc.cli._shared import OF_OUTPUT, Shared, shares

ANSWERS = "Begin with"


@shares(*OF_OUTPUT)
def examples(shared: Shared) -> None:
    """List the scenarios that come with minecalc, each a question about a real deal, system or kind of site.

    Example: minecalc examples --format markdown
    """
    from minecalc import __version__
    from minecalc.document import Block, Column, Document, Note, Table, Text
    from minecalc.examples import examples as shipped

    found = list(shipped().values())
    rows = [[Text(one.name), Text(one.kind), Text(one.question)] for one in found]
    table = Table("Examples", [Column(key, key.title(), align="left") for key in ("name", "kind", "question")], rows)
    blocks: list[Block] = [table, Note("minecalc init --from NAME copies one here.")]
    entries = [{"name": one.name, "kind": one.kind, "title": one.title, "question": one.question} for one in found]
    data = {"format": "minecalc.examples/1", "version": __version__, "examples": entries}
    shared.show(Document("Examples", blocks, table, data))
