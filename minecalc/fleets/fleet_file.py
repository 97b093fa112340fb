"""An operator's own list of machines as fleets: a CSV of one machine a row, or JSON of one machine an object.

Headers go by aliases: those of Proto Fleet's CSV export, of pyasic's JSON, and what others call the same. Machines are
put together by model and efficiency, to 0.5 J/TH. Kept are model, hash rate, power, efficiency and whether a machine
runs; addresses, serial numbers and names of workers are not even read into what is returned. Sources: the export of
github.com/block/proto-fleet and the fields of pyasic 0.79 (both read 2026-11).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from minecalc.files.regular_file import regular_file
from minecalc.reference.machines import machine_id, machines
from minecalc.schema.diagnostics import DiagnosedError, Diagnostic, Mark, shown
from minecalc.schema.names import yaml_key
from minecalc.visible import visible

#: Machines of one model whose efficiency is within this of each other go together, in J/TH.
STEP_J_PER_TH = 0.5

#: What headers and JSON keys are called, without capitals, marks and units.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "model": ("model", "minermodel", "minertype", "asicmodel", "devicemodel", "machinemodel", "machine", "hardware"),
    "hash_rate": ("hashrate", "hashrateavg", "avghashrate", "averagehashrate", "currenthashrate", "ths", "hash"),
    "power": ("power", "wattage", "powerdraw", "powerconsumption", "powerusage", "consumption", "watts"),
    "efficiency": ("efficiencyfract", "efficiency", "powerefficiency", "jth", "wth"),
    "status": ("status", "state", "ismining", "mining", "online", "minerstatus"),
    "count": ("count", "quantity", "qty", "machinecount", "units", "number"),
}
#: What says that a machine does not run.
_OFFLINE = {"offline", "false", "no", "0", "down", "stopped", "sleeping", "sleep", "inactive", "disconnected", "off"}
_OFFLINE |= {"unreachable", "notmining", "idle", "paused", "dead"}
_MISSING = {"", "-", "--", "n/a", "na", "none", "null", "nan"}

_NUMBERS = ("hash_rate", "power", "efficiency", "count")
_TH_PER = {"h": 1e-12, "kh": 1e-9, "mh": 1e-6, "gh": 1e-3, "th": 1.0, "ph": 1e3, "eh": 1e6}
_W_PER = {"w": 1.0, "kw": 1e3, "mw": 1e6}
_NUMBER = re.compile(r"([-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*([A-Za-z/]*)")
_BYTES_MOST = 64_000_000
_HEADERS_NAMED = 12


class FleetFileError(DiagnosedError):
    """A list of machines that cannot be read, and why, at the place."""


class Group(NamedTuple):
    """Machines of one model and efficiency. ``machine`` is their record; None if there is none.

    ``offline_count`` of ``machine_count`` did not run; the means are of those that did.
    """

    name: str
    model: str
    machine: str | None
    machine_count: int
    offline_count: int
    hash_rate_th_per_s: float
    efficiency_j_per_th: float


class FleetFile(NamedTuple):
    """The machines of a file; ``notes`` say what of it stands for something that the file does not."""

    groups: tuple[Group, ...]
    notes: tuple[str, ...]

    @property
    def machine_count(self) -> int:
        """All machines."""
        return sum(group.machine_count for group in self.groups)

    @property
    def offline_count(self) -> int:
        """Those that did not run."""
        return sum(group.offline_count for group in self.groups)


class _Machine(NamedTuple):
    """One row, or so many machines that are alike: hash rate and power of each (None: not said)."""

    model: str
    machine_count: int
    runs: bool
    th_per_s: float | None
    watts: float | None
    mark: Mark | None


def read_fleet(path: Path, data: bytes | None = None) -> FleetFile:
    """The machines of the file at ``path``, or of ``data`` that was read already.

    FleetFileError, with the place, for one that cannot be used.
    """
    if data is None:
        try:
            with regular_file(path) as file:
                data = file.read(_BYTES_MOST + 1)
        except OSError as error:
            raise _error(path, None, f"the file cannot be read: {error.strerror or error}") from None
    if len(data) > _BYTES_MOST:
        raise _error(path, None, f"the file has more than {_BYTES_MOST // 1_000_000} MB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _error(path, None, "the file is no UTF-8 text", "export it as CSV or JSON in UTF-8") from None
    found = list(_of_json(path, text) if text.lstrip()[:1] in ("[", "{") else _of_csv(path, text))
    if not found:
        raise _error(path, None, "the file holds no machines", "one row, or one object of a list, is one machine")
    return _grouped(path, found)


def _error(path: Path, mark: Mark | None, message: str, advice: str = "", line: str = "") -> FleetFileError:
    return FleetFileError(Diagnostic(str(path), mark, "error", "bad-fleet-file", message, advice, line))


def _of_csv(path: Path, text: str) -> Iterator[_Machine]:
    lines = text.splitlines()
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = next(reader, [])
        columns = _columns(path, header)
        rows = []
        for row in reader:
            if any(cell.strip() for cell in row):
                if len(row) != len(header):
                    message = f"the row has {len(row)} cells, the header {len(header)}"
                    raise _error(path, Mark(reader.line_num, 1), message, line=lines[reader.line_num - 1])
                rows.append((reader.line_num, row))
    except csv.Error as error:
        raise _error(path, Mark(reader.line_num, 1), f"no CSV: {error}") from None
    problems: list[Diagnostic] = []
    numbers: dict[str, list[float | None]] = {}
    for key in (key for key in _NUMBERS if key in columns):
        name, read = header[columns[key]], list[_Amount | None]()
        for line, row in rows:
            cell = row[columns[key]]
            amount = _read(key, cell)
            if isinstance(amount, str):
                problems.append(_wrong_cell(path, name, cell, amount, line, lines[line - 1]))
            read.append(None if isinstance(amount, str) else amount)
        numbers[key] = _in_base_unit(key, read, _unit_of_header(name))
    if problems:
        raise FleetFileError(*problems)
    for number, (line, row) in enumerate(rows):
        values = {key: column[number] for key, column in numbers.items()}
        status = row[columns["status"]] if "status" in columns else ""
        yield _machine(row[columns["model"]], values, status, Mark(line, 1))


def _columns(path: Path, header: Sequence[str]) -> dict[str, int]:
    """Where each of what is read stands; the first alias that a header has counts."""
    names = [_plain(_without_unit(name)) for name in header]
    found = {}
    for key, aliases in ALIASES.items():
        place = next((names.index(alias) for alias in aliases if alias in names), None)
        if place is not None:
            found[key] = place
    lacking = [words for key, words in (("model", "a model"), ("hash_rate", "a hash rate")) if key not in found]
    if "count" in found and "model" in found:
        lacking = []
    if lacking:
        listed = ", ".join(visible(name) for name in header[:_HEADERS_NAMED])
        message = f"no column is {' or '.join(lacking)}; there are {listed or 'none'}"
        raise _error(
            path, Mark(1, 1), message, "call them Model, Hashrate (TH/s) and Power (W), and Status if they run"
        )
    return found


def _without_unit(header: str) -> str:
    bare = re.sub(r"[(\[].*?[)\]]", "", header)
    return re.sub(r"[\s_]+(?:[kmgtpe]?h(?:/?s)?|[km]?w|j/?th|w/?th)$", "", bare.strip(), flags=re.IGNORECASE) or header


def _unit_of_header(header: str) -> str:
    """The unit that a header ends in or has in brackets, such as ``th`` or ``kw``; "" without one."""
    found = re.search(
        r"(?:[(\[]|[\s_]|^)([kmgtpe]?h)(?:/?s)?[)\]]?$|(?:[(\[]|[\s_])([km]?w)[)\]]?$", header, re.IGNORECASE
    )
    return next(filter(None, found.groups()), "").lower() if found else ""


def _plain(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


class _Amount(NamedTuple):
    """A number and the unit that stands with it, "" if none does."""

    value: float
    unit: str


def _wrong_cell(path: Path, header: str, cell: str, needed: str, line: int, text: str) -> Diagnostic:
    message = f"{visible(header)} is {shown(cell)}; {needed} is needed"
    mark = Mark(line, max(text.find(cell), 0) + 1, max(len(cell), 1))
    comma = re.fullmatch(r"\d+,\d+", cell.strip())
    advice = f"the decimal mark is a point: {comma[0].replace(',', '.')}" if comma else "leave the cell empty, or N/A"
    return Diagnostic(str(path), mark, "error", "bad-fleet-file", message, advice, text)


def _read(key: str, cell: str) -> _Amount | str | None:
    """The number of a cell, None if it says none; of what is no number, what is needed."""
    text = cell.strip().lstrip("'").strip()
    if text.casefold() in _MISSING:
        return None
    found = _number(text)
    if found is None or found.value < 0.0 or (key == "count" and not found.value.is_integer()):
        return "a whole number" if key == "count" else "a number of zero or more"
    return found


def _number(text: str) -> _Amount | None:
    """The number that a text is, with the unit after it."""
    match = _NUMBER.fullmatch(text)
    if match is None or not any(char.isdigit() for char in match[1]):
        return None
    return _Amount(float(match[1].replace(",", "")), re.sub(r"/?s$", "", match[2].lower()))


def _in_base_unit(key: str, amounts: Sequence[_Amount | None], unit: str) -> list[float | None]:
    """Hash rates in TH/s, power in W: by the unit of the cell, else of the header, else by their usual size."""
    per = {"hash_rate": _TH_PER, "power": _W_PER}.get(key)
    if per is None:
        return [None if one is None else one.value for one in amounts]
    known = sorted(one.value for one in amounts if one is not None and one.value > 0.0 and not one.unit)
    if unit not in per and known:
        middle = known[len(known) // 2]
        if key == "power":
            unit = "kw" if middle < 100.0 else "w"
        else:
            unit = "th" if middle < 5e3 else "gh" if middle < 5e6 else "mh" if middle < 5e9 else "h"
    return [None if one is None else one.value * per.get(one.unit, per.get(unit, 1.0)) for one in amounts]


def _machine(model: str, values: Mapping[str, float | None], status: str, mark: Mark | None) -> _Machine:
    rate, watts, joules = (values.get(key) for key in ("hash_rate", "power", "efficiency"))
    if rate and not watts and joules:
        watts = rate * joules
    count = values.get("count")
    name = visible(model.strip().lstrip("'").strip())
    name = "" if name.casefold() in _MISSING else name
    said_off = _plain(status) in _OFFLINE
    runs = not said_off and (bool(rate) or ("count" in values and rate is None))
    return _Machine(name, 1 if count is None else int(count), runs, rate or None, watts or None, mark)


def _of_json(path: Path, text: str) -> Iterator[_Machine]:
    try:
        data = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        mark = Mark(error.lineno, error.colno) if isinstance(error, json.JSONDecodeError) else None
        raise _error(path, mark, "no JSON", "a list of objects, one a machine") from None
    if isinstance(data, dict):
        inner = next((value for value in data.values() if isinstance(value, list)), None)
        data = [data] if inner is None or "model" in data else inner
    if not isinstance(data, list):
        raise _error(path, Mark(1, 1), "the file is no list of machines", "a list of objects, one a machine")
    for number, one in enumerate(data):
        if not isinstance(one, dict):
            raise _error(path, None, f"entry {number} is no object", "a list of objects, one a machine")
        yield _of_object(path, number, one)


def _of_object(path: Path, number: int, one: Mapping[str, Any]) -> _Machine:
    """A machine of a JSON object; the make stands before the model, and hash rates may be rate and unit."""
    own = {_plain(_without_unit(str(key))): (str(key), value) for key, value in one.items()}
    if isinstance(own.get("deviceinfo", ("", None))[1], dict):
        own = {_plain(key): (key, value) for key, value in own["deviceinfo"][1].items()} | own
    found = {key: next((own[alias] for alias in names if alias in own), ("", None)) for key, names in ALIASES.items()}
    values: dict[str, float | None] = {}
    for key in _NUMBERS:
        header, value = found[key]
        amount = _amount(value)
        if value is not None and amount is None:
            raise _error(path, None, f"entry {number}: {visible(header)} is {shown(value)}; a number is needed")
        if amount is not None or key != "count":
            values[key] = _in_base_unit(key, [amount], _unit_of_header(header))[0]
    status = str(found["status"][1]) if found["status"][1] is not None else ""
    return _machine(str(found["model"][1] or ""), values, status, None)


def _amount(value: Any) -> _Amount | None:
    match value:
        case bool() | None:
            return None
        case int() | float() if value == value and value >= 0:
            return _Amount(float(value), "")
        case {"rate": int() | float() as rate, "unit": {"value": int() | float() as hashes}}:
            return _Amount(rate * hashes * _TH_PER["h"], "th")
        case {"rate": int() | float() as rate, "unit": str(unit)}:
            return _Amount(rate, re.sub(r"/?s$", "", unit.lower()))
        case {"rate": int() | float() as rate}:
            return _Amount(rate, "")
        case str():
            return _number(value.strip())
    return None


def _grouped(path: Path, every: Sequence[_Machine]) -> FleetFile:
    """The machines by model and efficiency, the most machines first; those that are off go with most of their model."""
    by_model: dict[str, list[_Machine]] = {}
    for one in every:
        by_model.setdefault(machine_id(one.model), []).append(one)
    groups: list[Group] = []
    notes: list[str] = []
    for called, members in by_model.items():
        groups += _of_model(path, called if called in machines() else None, members, notes)
    groups.sort(key=lambda group: (-group.machine_count, group.name))
    return FleetFile(tuple(groups), tuple(notes))


def _of_model(path: Path, machine: str | None, members: Sequence[_Machine], notes: list[str]) -> list[Group]:
    record = None if machine is None else machines()[machine]
    model = members[0].model or "unknown model"
    name = model if machine is None else short_name(machine)
    by_efficiency: dict[float, list[tuple[_Machine, float, float]]] = {}
    assumed = 0
    for one in members:
        if not one.runs:
            continue
        rate, watts = one.th_per_s, one.watts
        if rate is None and record is not None:
            rate = record.hash_rate_th_per_s
        if rate is not None and watts is None and record is not None:
            watts, assumed = rate * record.efficiency_j_per_th, assumed + one.machine_count
        if rate is None or watts is None:
            message = f"{visible(model)} is no machine on record, and neither its power nor its efficiency is said"
            raise _error(path, one.mark, message, "add a column Power (W) or Efficiency (J/TH)")
        step = round(watts / rate / STEP_J_PER_TH) * STEP_J_PER_TH
        by_efficiency.setdefault(step, []).append((one, rate, watts))
    if assumed:
        notes.append(f"{name}: {assumed:,} machines without a power draw; that of the record stands for it")
    off = sum(one.machine_count for one in members if not one.runs)
    if not by_efficiency:
        if record is None:
            notes.append(f"{visible(model)}: {off:,} machines, all offline and of no model on record, are left out")
            return []
        notes.append(f"{name}: all {off:,} machines are offline; hash rate and efficiency are those of the record")
        return [Group(name, model, machine, off, off, record.hash_rate_th_per_s, record.efficiency_j_per_th)]
    largest = max(by_efficiency, key=lambda step: sum(one.machine_count for one, _, _ in by_efficiency[step]))
    found = []
    for step, ones in sorted(by_efficiency.items()):
        running = sum(one.machine_count for one, _, _ in ones)
        rates = sum(one.machine_count * rate for one, rate, _ in ones)
        watts = sum(one.machine_count * draw for one, _, draw in ones)
        idle = off if step == largest else 0
        called = name if len(by_efficiency) == 1 else f"{name} at {step:g} J/TH"
        found.append(Group(called, model, machine, running + idle, idle, rates / running, watts / rates))
    return found


def short_name(machine: str) -> str:
    """What miners call a machine on record: its name without that of its line, as ``S19 XP``."""
    name = machines()[machine].name
    return name.partition(" ")[2] or name


def as_yaml(found: FleetFile, file: str) -> str:
    """The ``fleets`` block of a mining use, with what a reader should know as comments."""
    lines = [
        f"# {found.machine_count:,} machines of {visible(Path(file).name)}, by model and efficiency to "
        f"{STEP_J_PER_TH:g} J/TH; {found.offline_count:,} were offline.",
        "# Hash rate and efficiency are means of those that ran; uptime_fraction of the mine says how often they run.",
        *(f"# {note}" for note in found.notes),
        "fleets:",
    ]
    for group in found.groups:
        lines.append(f"  {yaml_key(group.name)}:")
        lines.append("    # no machine on record" if group.machine is None else f"    machine: {group.machine}")
        off = f"  # {group.offline_count:,} of them offline" if group.offline_count else ""
        lines.append(f"    machine_count: {group.machine_count}{off}")
        lines.append(f"    machine_hash_rate_th_per_s: {group.hash_rate_th_per_s:.6g}")
        lines.append(f"    efficiency_j_per_th: {group.efficiency_j_per_th:.5g}")
    return "\n".join(lines) + "\n"
