"""Mining machines: see ``machines.csv``."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from minecalc.reference.records import TABLES, UNDATED, Date, Grade, Record, plain_name, read_catalogue


@dataclass(frozen=True, kw_only=True, eq=False)
class Machine(Record):
    """A bitcoin mining machine; ``as_of``, ``source`` and ``grade`` are those of its nameplate."""

    id: str
    name: str
    maker: str
    cooling: Literal["air", "hydro", "immersion"]
    year: int
    hash_rate_th_per_s: float
    power_w: float | None = None
    efficiency_j_per_th: float
    as_of: Date
    source: str
    grade: Grade
    price_usd_per_th: float | None = None
    price_as_of: Date = UNDATED
    price_source: str = ""
    price_grade: Grade | None = None
    note: str = ""

    def __post_init__(self) -> None:
        self.together("price_usd_per_th", "price_as_of", "price_source", "price_grade")

    @property
    def alias(self) -> str:
        """The short name that miners use: ``s19xp`` for ``antminer-s19-xp``."""
        return plain_name(self.id.partition("-")[2])


@cache
def machines() -> Mapping[str, Machine]:
    """Mining machines by id, such as ``antminer-s21-xp``."""
    return read_catalogue(TABLES / "machines.csv", Machine)


def machine_id(name: str) -> str:
    """The id of the machine called ``name``: by its id, its name or its alias, however spelt; else ``name`` itself."""
    wanted = plain_name(name)
    known = ((record, (record.id, record.name, record.alias)) for record in machines().values())
    return next((record.id for record, names in known if wanted in map(plain_name, names)), name)
