"""One tree of several texts: a file laid over the one that it ``extends``, and what it defines once written out.

``extends: other.yaml`` at the top of a file lays it over another, which may extend a third. ``define`` at the top
holds mappings by name; ``extends: NAME`` in any other mapping lays that over the definition. A mapping is laid over one
thing: the definition that it names, or else the same mapping of the extended file. Definitions of all files are one
table, in which the extending file has the last word. A CSV file is looked up from the folder of the text that names it.
How one thing is laid over another is told in ``layers``; whoever gets the tree sees neither key.
"""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, NoReturn

from minecalc.schema.alternatives import KIND, AlternativesAt
from minecalc.schema.diagnostics import DiagnosedError, Diagnostic, cut, in_file_order, shown
from minecalc.schema.names import nearest, unknown_name
from minecalc.schema.node import Node
from minecalc.schema.parsing import DEEPEST, MOST_VALUES, parse
from minecalc.schema.reading import FileRead, read_file

CODES = {
    "bad-extends": "extends names no file or definition by a text, or define holds no mappings by name",
    "circle": "a file or a definition extends itself, directly or by way of others",
    "outside-folder": "a file outside the scenario's folder is extended, and --confined keeps them inside",
}

#: The key of a mapping that names what it is laid over, and that of the mappings that others name.
EXTENDS, DEFINE = "extends", "define"

#: Files that may stand in a row, each extending the next.
MOST_FILES = 10


class Surroundings(NamedTuple):
    """Where a text is read: the folder it stands in, whether what it extends must stand there too.

    ``known`` are files by name that need not be read again; ``below`` lie under everything, the first topmost.
    """

    folder: Path
    confined: bool = False
    known: Mapping[str, bytes] = {}
    below: Sequence[Node] = ()


class Composed(NamedTuple):
    """The tree, or None if it cannot be put together, with the problems and the files that were read for it."""

    node: Node | None
    problems: Sequence[Diagnostic]
    files: Sequence[FileRead] = ()


def composed(root: Node, file: str, around: Surroundings, alternatives_at: AlternativesAt) -> Composed:
    """The mapping that ``file`` holds with all that it extends and is defined; ``alternatives_at`` as for ``apply``."""
    files = list[FileRead]()
    problems = list[Diagnostic]()
    try:
        layers = _layers(root, file, around, files, problems)
        if len(layers) == 1 and root.child(DEFINE) is None and not _extends(root):
            return Composed(root, problems)
        node = _Writer(layers, alternatives_at).written_out()
    except DiagnosedError as refused:
        return Composed(None, in_file_order([*problems, *refused.diagnostics]), files)
    return Composed(node, in_file_order(problems), files)


def _refuse(node: Node, code: str, message: str, advice: str = "") -> NoReturn:
    raise DiagnosedError(node.source.error(node.mark, code, message, advice))


def _extends(node: Node) -> bool:
    """Whether ``node`` or a mapping inside it extends anything."""
    match node.value:
        case dict() as members:
            return EXTENDS in members or any(map(_extends, members.values()))
        case list() as items:
            return any(map(_extends, items))
        case _:
            return False


def _layers(
    root: Node, file: str, around: Surroundings, files: list[FileRead], problems: list[Diagnostic]
) -> list[Node]:
    """The text, the one that it extends, and so on, and what lies under everything; ``files`` gets those read."""
    layers, chain = [root], {os.path.realpath(file): file}
    inner = Path()  # the folder of the last text, seen from that of the first
    while (named := layers[-1].child(EXTENDS)) is not None:
        relative = inner / _text(named, "the file that this one is laid over, such as base.yaml")
        name = _plain(around.folder / relative)
        real = os.path.realpath(name)
        if real in chain:
            told = " extends ".join([*list(chain.values())[list(chain).index(real) :], name])
            _refuse(named, "circle", f"{cut(named.text)} extends itself: {told}", "leave out one of them")
        if len(chain) >= MOST_FILES:
            _refuse(named, "too-deep", f"more than {MOST_FILES} files extend each other", "put some into one")
        if around.confined and not Path(real).is_relative_to(around.folder.resolve()):
            advice = "with --confined only files inside it are read"
            _refuse(named, "outside-folder", f"{cut(named.text)} lies outside the scenario's folder", advice)
        data = around.known.get(name)
        data = _data(named, name) if data is None else data
        files.append(FileRead(name, hashlib.sha256(data).hexdigest(), data))
        parent, wrong = parse(data, name)
        if parent is None:
            raise DiagnosedError(*wrong)
        problems += wrong
        inner, chain[real] = relative.parent, name
        layers.append(with_csv_from(parent, inner))
    return [*layers, *around.below]


def _text(named: Node, meant: str) -> str:
    """The text that ``extends`` gives."""
    if not isinstance(named.value, str) or not named.value or "\0" in named.value:
        _refuse(named, "bad-extends", f"extends is {shown(named.value)}; a name is needed", f"name {meant}")
    return named.value


def _plain(path: Path) -> str:
    """``path`` without needless steps up, unless these lead elsewhere by way of links."""
    short = os.path.normpath(path)
    return short if os.path.realpath(short) == os.path.realpath(path) else str(path)


def _data(named: Node, name: str) -> bytes:
    """What the file ``name`` holds."""
    data, wrong = read_file(name)
    if data is None:
        folder = Path(name).parent
        try:
            beside = {other.stem: other.name for other in folder.iterdir() if other.suffix in (".yaml", ".yml")}
        except (OSError, ValueError):
            beside = {}
        near = beside.get(nearest(Path(name).stem, beside), "")
        near = f"did you mean {near}?" if near else "the name is relative to the folder of the file that says so"
        _refuse(named, wrong[0].code, f"{cut(name)}: {wrong[0].message}", near)
    return data


def with_csv_from(node: Node, folder: Path) -> Node:
    """A copy of ``node`` in which CSV files are named from above ``folder``, in which it names them."""
    if folder == Path():
        return node
    moved = node.rebuilt(lambda part: with_csv_from(part, folder))
    members = moved.members_at()
    named = {key: members[key] for key in ("csv", "hourly") if key in members and isinstance(members[key].value, str)}
    files = {key: replace(file, value=str(folder / str(file.value))) for key, file in named.items()}
    return moved.with_members((), {**members, **files}) if files else moved


class _Writer:
    """Writes out what layers, the first topmost, say by the names of definitions, and lays one over the other."""

    def __init__(self, layers: Sequence[Node], alternatives_at: AlternativesAt) -> None:
        self._layers = layers
        self._alternatives_at = alternatives_at
        self._names = list[str]()  # of definitions that are being written out, the innermost last
        self._count = 0
        self._extended = False
        self._defined = self._definitions()

    def written_out(self) -> Node:
        """All layers as one tree."""
        from minecalc.schema.layers import laid_over

        *upper, node = [self._written(layer, (), ()) for layer in self._layers]
        for layer in reversed(upper):
            node = laid_over(layer, node, self._alternatives_at)
        return _unmarked(node) if self._extended else node

    def _definitions(self) -> Mapping[str, Sequence[Node]]:
        """What the layers define, by name; the topmost definition of a name first."""
        found: dict[str, list[Node]] = {}
        for own in (layer.child(DEFINE) for layer in self._layers):
            if own is None:
                continue
            definitions = own.value if isinstance(own.value, dict) else {"": own}
            for name, node in definitions.items():
                if not isinstance(node.value, dict):
                    message = f"{shown(node.value)} stands where {DEFINE} takes mappings by name"
                    _refuse(node, "bad-extends", message, "write define: {NAME: {...}}, with a mapping under each name")
                found.setdefault(name, []).append(node)
        return found

    def _written(self, node: Node, at: tuple[str, ...], kinds: tuple[Node | None, ...]) -> Node:
        """``node``, which stands at ``at`` below mappings of these ``kinds``, with definitions written out."""
        self._count += 1
        if self._count > MOST_VALUES:
            _refuse(node, "too-many-values", f"with what it extends the file holds more than {MOST_VALUES:,} values")
        if len(at) > DEEPEST:
            _refuse(node, "too-deep", f"with what it extends the file is nested more than {DEEPEST} levels deep")
        match node.value:
            case list() as items:
                written = [self._written(item, (*at, str(n)), (*kinds, None)) for n, item in enumerate(items)]
                return replace(node, value=written)
            case dict() as given:
                apart = (EXTENDS,) if at else (EXTENDS, DEFINE)
                inner = (*kinds, given.get(KIND))
                members = {k: self._written(v, (*at, k), inner) for k, v in given.items() if k not in apart}
                own = replace(node, value=members)
                return self._over_definition(own, given[EXTENDS], at, kinds) if at and EXTENDS in given else own
            case _:
                return node

    def _over_definition(self, own: Node, named: Node, at: tuple[str, ...], kinds: tuple[Node | None, ...]) -> Node:
        """``own`` laid over the definition that it names, marked as such."""
        from minecalc.schema.layers import laid_over

        name = _text(named, "what define holds under that name")
        definitions = self._defined.get(name)
        if definitions is None:
            wrong = unknown_name((), "definition", name, self._defined)
            advice = (
                wrong.help if self._defined else f"write it at the top of the file: define: {{{cut(name)}: {{...}}}}"
            )
            if name.endswith((".yaml", ".yml")):
                advice = "a file is extended at the top of a file, outside of all other keys"
            _refuse(named, wrong.code, wrong.message, advice)
        if name in self._names:
            told = " extends ".join([*self._names[self._names.index(name) :], name])
            _refuse(named, "circle", f"{cut(name)} extends itself: {cut(told)}", "leave out one of them")
        if len(self._names) >= DEEPEST:
            _refuse(named, "too-deep", f"more than {DEEPEST} definitions extend each other", "put some into one")
        self._names.append(name)
        *upper, base = [self._written(node, at, kinds) for node in definitions]
        self._names.pop()
        for node in (*reversed(upper), own):
            root = base
            for part, kind in zip(reversed(at), reversed(kinds), strict=True):
                root = replace(base, value={**({} if kind is None else {KIND: kind}), part: root})
            base = laid_over(node, root, self._alternatives_at, at)
        assert isinstance(base.value, dict)
        self._extended = True
        return replace(base, value={**base.value, EXTENDS: named})


def _unmarked(node: Node) -> Node:
    """A copy of ``node`` whose mappings do not say any longer what they extend."""
    copy = node.rebuilt(_unmarked)
    members = copy.members_at()
    return copy.with_members((), {key: members[key] for key in members if key != EXTENDS}) if members else copy
