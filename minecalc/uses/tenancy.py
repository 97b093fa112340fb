"""A contract with a tenant: what it fixes until when, and where its inputs say that the tenant stops paying."""

from typing import TYPE_CHECKING, NamedTuple

from minecalc.arrays import FloatArray, Number, as_row
from minecalc.schema.fields import later
from minecalc.timeline import Timeline

if TYPE_CHECKING:
    from minecalc.uses.prepayment import Prepayment as Prepayment
    from minecalc.uses.tenant_default import TenantDefault as TenantDefault
else:
    Prepayment = later("minecalc.uses.prepayment", "Prepayment")
    TenantDefault = later("minecalc.uses.tenant_default", "TenantDefault")

#: The line of what of a prepayment is paid back at the horizon, a residual that is a debt and no value.
PREPAYMENT_OWED = "prepayment_owed_usd"


class Tenancy(NamedTuple):
    """What a use has agreed with its tenant or customer; inputs are named by their dotted path below the use.

    ``default`` is the tenant's default that the inputs give, if they do, at ``default_at``. ``market`` is the price at
    which the market signs such contracts, "" where it has none. ``signed`` is the input that is agreed on at that price
    when the contract is signed, "" where it is settled: by the group of inputs ``settled``, if the business can read it
    as a price. ``renews_after_months`` is how long the contract runs from the first month where another follows it;
    None: none does.
    """

    default_at: str
    default: TenantDefault | None
    market: str = ""
    signed: str = ""
    settled: str = ""
    renews_after_months: Number | None = None


def until_default(default: TenantDefault | None, timeline: Timeline) -> FloatArray:
    """1 while the tenant of a contract pays what it fixes, ``(1|months, ·)``; what the next one pays it does not."""
    return as_row(1.0) if default is None else default.pays(timeline)
