"""A contract with a tenant: what it fixes until when, and where its inputs say that the tenant stops paying."""

from typing import NamedTuple

from minecalc.arrays import Number
from minecalc.uses.tenant_default import TenantDefault


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
