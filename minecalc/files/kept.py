"""What a command has worked out and the next may take as it is: entries in the user's folder for caches.

An entry is whole or not there, whoever else writes, and is refused where a byte of it is another. A folder that cannot
be read or written is like one that is empty: nothing is told, for nobody needs an entry. ``MINECALC_CACHE`` names
another folder by its absolute path, or is ``off``. Sources: XDG Base Directory Specification 0.8; the conventions of
macOS and Windows.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from contextlib import suppress
from pathlib import Path

from minecalc.files.regular_file import regular_file

_VARIABLE, _OFF = "MINECALC_CACHE", ("off", "no", "false", "0")
_FIRST, _ENDING, _TEMPORARY = b"minecalc 1\n", ".minecalc-kept", ".minecalc-part"
_DIGEST = hashlib.sha256().digest_size
#: So many entries and bytes are kept, those that were used last.
_ENTRIES_MOST, _BYTES_MOST = 64, 100_000_000
#: Seconds until another use of an entry is noted, and after which what a kill left half-written is nobody's.
_DAY, _HOUR = 86400.0, 3600.0


def kept(name: str) -> bytes | None:
    """What was kept under ``name``; None if nothing is, or not as it was."""
    folder = _folder()
    if folder is None:
        return None
    path = folder / f"{name}{_ENDING}"
    try:
        with regular_file(path) as file:
            data = file.read(_BYTES_MOST)
            used = os.fstat(file.fileno()).st_mtime
        if abs(time.time() - used) > _DAY:
            os.utime(path)
    except (OSError, ValueError):  # ValueError of a name with a NUL
        return None
    begins = len(_FIRST) + _DIGEST
    held = data[begins:]
    return held if data[:begins] == _FIRST + _digest(name, held) else None


def keep(name: str, held: bytes) -> None:
    """Keep ``held`` under ``name``, letters and digits, if there is a place; the least used entries go for it."""
    folder = _folder()
    if folder is None:
        return
    with suppress(OSError, ValueError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(folder / f"{name}{_ENDING}", _FIRST + _digest(name, held) + held)
        _bound(folder)


def _folder() -> Path | None:
    """The folder of the entries; None if there is none."""
    said = os.environ.get(_VARIABLE, "")
    if said.casefold() in _OFF:
        return None
    if Path(said).is_absolute():  # any other word, such as on, is the usual folder, and none where the command runs
        return Path(said)
    try:
        if sys.platform == "win32":
            place = Path(os.environ.get("LOCALAPPDATA", ""))
            return place / "minecalc" / "Cache" if place.is_absolute() else None
        if sys.platform == "darwin":
            return Path.home() / "Library" / "Caches" / "minecalc"
        place = Path(os.environ.get("XDG_CACHE_HOME", ""))
        return (place if place.is_absolute() else Path.home() / ".cache") / "minecalc"
    except RuntimeError:  # nobody's home is known
        return None


def _digest(name: str, held: bytes) -> bytes:
    found = hashlib.sha256(name.encode())
    found.update(held)
    return found.digest()


def _write(path: Path, data: bytes) -> None:
    """The file at ``path``, whole; it need not outlive a power cut, which its digest would tell."""
    temporary = path.with_name(f"{os.urandom(8).hex()}{_TEMPORARY}")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        temporary.replace(path)
    finally:
        with suppress(OSError):
            temporary.unlink()


def _bound(folder: Path) -> None:
    """Delete the entries beyond those that are kept, and what was left half-written."""
    entries, now = list[tuple[float, int, Path]](), time.time()
    for path in folder.iterdir():
        if path.name.endswith((_ENDING, _TEMPORARY)):
            with suppress(OSError):
                status = path.lstat()
                if path.name.endswith(_ENDING):
                    entries.append((-status.st_mtime, status.st_size, path))
                elif now - status.st_mtime > _HOUR:
                    path.unlink()
    total = 0
    for number, (_, size, path) in enumerate(sorted(entries)):
        total += size
        if number >= _ENTRIES_MOST or total > _BYTES_MOST:
            with suppress(OSError):
                path.unlink()
