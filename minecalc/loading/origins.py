"""Where each input of a scenario came from: a line of the file, the command line, a record, or a default."""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any, NamedTuple

from minecalc.loading import Reading
from minecalc.scenario import Scenario
from minecalc.scenario.places import Path, Place, places
from minecalc.schema.alternatives import MODIFIERS
from minecalc.schema.diagnostics import COMMAND_LINE
from minecalc.schema.names import dotted, split_path
from minecalc.schema.node import Node
from minecalc.timeline import Timeline, parse_month
from minecalc.values.paths import Sourced, ValueOverTime
from minecalc.values.shapes import Constant

Record = dict[str, Any]


class Origin(NamedTuple):
    """One source: a place in a text (``file``, ``line``, ``column``), or what stands for an input that is not given.

    ``source`` at a place is what it refers to: the CSV file and its column, or what was set. Elsewhere it names the
    publication, ``as_of`` a date; ``from_record``: the record of a machine, GPU or lease that the file names, and so no
    default.
    """

    file: str | None
    line: int | None
    column: int | None
    source: str
    as_of: str = ""
    from_record: bool = False

    @property
    def text(self) -> str:
        """The source in a phrase."""
        if self.file == COMMAND_LINE:
            return f"--set {self.source}"
        if self.file is not None:
            return f"{self.file}:{self.line}:{self.column}" + (f" ({self.source})" if self.source else "")
        return f"{self.kind}, {self.as_of}: {self.source}" if self.as_of else f"{self.kind}: {self.source}"

    @property
    def kind(self) -> str:
        """The file, ``--set``, ``record`` or ``default``."""
        return self.file or ("record" if self.from_record else "default")


#: What stands behind a value in a file, for people, and a line that goes on with it.
_REMARK, _MORE = re.compile(r"\s(#+)\s*(\S.*)$"), re.compile(r"\s*(#+)\s*(\S.*)$")


def remark(root: Node | None, origin: Origin) -> str:
    """What stands behind a value on its line of the scenario's own file, and on in the same column below it."""
    if root is None or root.source.name != origin.file or origin.line is None:
        return ""
    line = origin.line
    found = _REMARK.search(root.source.line(line))
    column, parts = found.start(1) if found else -1, []
    while found and found.start(1) == column:
        parts.append(found[2].strip())
        line += 1
        found = _MORE.fullmatch(root.source.line(line))
    return " ".join(parts)


def written(node: Node, source: str = "") -> Origin:
    """The origin of what ``node`` states; ``source`` is what that refers to."""
    return Origin(node.source.name, node.mark.line, node.mark.column, source)


def supplied(figure: Sourced) -> Origin:
    """The origin of a figure of a record, of a market file, or of a snapshot or history."""
    file, line, column = figure.at or (None, None, None)
    return Origin(file, line, column, figure.source, figure.as_of, figure.from_record)


class Defaulted(NamedTuple):
    """An input that plays a part and that the file does not give: its value, and what that was taken from.

    ``published`` are the lowest and the highest value on record, of a default that was chosen from several.
    """

    path: str
    value: Any
    origin: Origin
    published: tuple[float, float] | None = None

    def record(self) -> Record:
        """As files have it."""
        of = self.origin
        return {
            "path": self.path,
            "value": self.value,
            "as_of": of.as_of,
            "source": of.source or of.text,
            "file": of.file,
            "line": of.line,
            "from_record": of.from_record,
            "published": None if self.published is None else list(self.published),
        }


def defaulted(scenario: Scenario) -> list[Defaulted]:
    """Every input that plays a part in ``scenario`` and was not given, in the order of the file format.

    Of a use what records supply comes first, and what stands in a group inside it last.
    """
    found, timeline = list[Defaulted](), scenario.timeline
    for group, several in groupby(places(scenario), _group):
        ours = [(len(place.path) > len(group) + 1, item) for place in several for item in _of(place, timeline)]
        found += [item for _, item in sorted(ours, key=lambda pair: (not pair[1].origin.from_record, pair[0]))]
    return found


def _group(place: Place) -> Path:
    """The path of the site, the market, the plan or the use that an input belongs to."""
    path = place.path
    return path[:1] if path[0] != "plans" else path[:4] if path[2:3] == ("uses",) else path[:2]


def _of(place: Place, timeline: Timeline) -> Iterator[Defaulted]:
    """What stands for one input that is not given."""
    figures = place.owner.supplied(place.name, timeline) if place.sourced is None else (place.sourced,)
    yield from (Defaulted(place.dotted, figure.value, supplied(figure)) for figure in figures)
    if not figures and not place.given and not place.idle:
        meta, value = place.meta, place.meta.default
        if isinstance(value, ValueOverTime) and isinstance(value.shape, Constant):
            value = float(value.shape.value)
        if isinstance(value, bool | int | float | str):
            source = meta.default_source or "convention"
            yield Defaulted(place.dotted, value, Origin(None, None, None, source, meta.default_as_of), meta.published)


class Origins:
    """The sources of everything in one file that was read."""

    def __init__(self, reading: Reading) -> None:
        if reading.scenario is None or reading.node is None:
            raise ValueError(f"{reading.file} holds no scenario")
        self._node = reading.node
        self._defaults = {item.path: item.origin for item in defaulted(reading.scenario)}

    def of(self, path: str, row: int | None = None) -> Origin:
        """The source of the input at ``path``; of its ``row``-th amount where it has several."""
        parts = split_path(path)
        node = _written(self._node, parts, row)
        if node is not None:
            source = node.source
            text = source.line(node.mark.line).strip() if source.name == COMMAND_LINE else _table(self._node, parts)
            return written(node, text)
        return self._defaults.get(dotted(parts), Origin(None, None, None, "convention"))


def _table(root: Node, parts: list[str]) -> str:
    """The file of an input over time, with its column, or the record of hours; "" for one that is neither."""
    *above, form = parts
    beside = root.members_at(above)
    if form not in ("csv", "hourly", "duration_curve") or form not in beside:
        return ""
    return f"{beside[form].value}" + (f", column {beside['column'].value}" if "column" in beside else "")


#: Parts of a value over time.
_OVER_TIME = ("start", "csv", "hourly", "duration_curve", "steps", "points", "scale", "shift")


def _written(root: Node, parts: list[str], row: int | None) -> Node | None:
    """The node that states an input, or None where the file does not."""
    *above, last = parts
    node, owner = root.at(tuple(parts)), root.at(tuple(above))
    if node is None:
        is_part = owner is not None and last in _OVER_TIME and not isinstance(owner.value, dict)
        return owner if is_part else None
    if row is not None and isinstance(node.value, list):
        return node.value[row]
    members = node.members_at()
    if row is not None and last in ("steps", "points") and members:
        return members[sorted(members, key=parse_month)[row]]
    return members.get("value") or (None if members.keys() & MODIFIERS else node)
