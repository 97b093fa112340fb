"""Names that must be one of several, names of which none may be there twice, and dotted paths of names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import lru_cache
from itertools import chain, count

from minecalc.schema.diagnostics import Path, Problem, cut

CODES = {"unknown-name": "a name that is not in the catalogue or list it is looked up in"}

_NAMES_LISTED = 12
_LONGEST_NAME = 60
#: Characters from which on a part of a name says which is meant.
_PART_LEAST = 3

_PART = re.compile(r"""\s*(?:"((?:[^"]|"")*)"|'([^']*)'|([^.]+?))\s*(?:\.|$)""")


def unknown_name(at: Path, noun: str, name: str, names: Iterable[str], see: str = "") -> Problem:
    """``name`` at ``at`` is no known ``noun``; ``see`` tells where the known ones are listed, if they are many."""
    known = list(names)
    told = [meant] if (meant := did_you_mean(name, known)) else []
    if not told and len(known) <= _NAMES_LISTED:
        told = [f"it is one of {', '.join(known)}"]
    elif see:
        told.append(f"{see} lists them")
    return Problem(at, "unknown-name", f"there is no {noun} {cut(name)}", " ".join(told))


def did_you_mean(name: str, names: Iterable[str], otherwise: str = "") -> str:
    """The advice to write the nearest of ``names``, if one is near; else ``otherwise``."""
    near = nearest(name, names)
    return f"did you mean {near}?" if near else otherwise


def nearest(name: str, names: Iterable[str]) -> str:
    """The one of ``names`` that was probably meant, or "".

    The shortest that holds it, the most alike, the longest in it; whatever the case, spaces, hyphens and dots.
    """
    bare = {_bare(known): known for known in names}
    wanted, folded = _bare(name[:_LONGEST_NAME]), {known.casefold(): known for known in bare.values()}
    if len(wanted) >= _PART_LEAST and (holding := [one for one in bare if wanted in one]):
        return bare[min(holding, key=len)]
    if alike := get_close_matches(name[:_LONGEST_NAME].casefold(), folded, n=1):
        return folded[alike[0]]
    inside = [one for one in bare if len(one) >= _PART_LEAST and one in wanted]
    return bare[max(inside, key=len)] if inside else ""


def _bare(name: str) -> str:
    """A name without what people leave out or write otherwise: capitals, spaces, hyphens, dots."""
    return "".join(character for character in name.casefold() if character.isalnum())


def none_twice(
    names: Iterable[str], taken: Iterable[str] = (), again: Callable[[str, int], str] = "{}-{}".format
) -> list[str]:
    """``names``; of one that is ``taken`` or was there, in any capitals, what ``again`` makes of it and 2, or 3, ..."""
    met, found = {name.lower() for name in taken}, list[str]()
    for name in names:
        tries = chain([name], (again(name, number) for number in count(2)))
        found.append(next(one for one in tries if one.lower() not in met))
        met.add(found[-1].lower())
    return found


def split_path(path: str) -> list[str]:
    """The parts of a dotted path; a part that holds dots stands in quotes, a double one in them twice.

    ValueError if a part is empty.
    """
    return list(_split(path))


@lru_cache(maxsize=4096)
def _split(path: str) -> tuple[str, ...]:
    parts, begin = list[str](), 0
    while begin < len(path):
        match = _PART.match(path, begin)
        if match is None:
            raise ValueError(f"{path} is not a dotted path")
        parts.append(match[1].replace('""', '"') if match[1] is not None else match[2] or match[3] or "")
        begin = match.end()
    if not parts or path.endswith("."):
        raise ValueError(f"{path} is not a dotted path")
    return tuple(parts)


def quoted(part: str) -> str:
    """A name as it stands in a dotted path: in quotes unless it is a plain word."""
    if part == "*" or part.replace("_", "").replace("-", "").isalnum():
        return part
    if '"' in part and "'" not in part:
        return f"'{part}'"
    return '"' + part.replace('"', '""') + '"'


def dotted(parts: Iterable[str]) -> str:
    """The path of these parts, as ``split_path`` takes it apart."""
    return ".".join(map(quoted, parts))


def yaml_key(name: str) -> str:
    """A name as a YAML key."""
    plain = re.fullmatch(r"[A-Za-z][\w +./-]*", name) and name.casefold() not in _WORDS
    if plain:
        return name
    import json

    return json.dumps(name)


#: Words that YAML reads as something else than text.
_WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
