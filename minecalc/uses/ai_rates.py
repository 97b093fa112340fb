"""What is uncertain of AI: the market rent of critical capacity, the market rate of a GPU-hour, and utilisation.

The businesses of AI name these in ``Inputs.factors`` by ``later``, so that a comparison, which draws nothing, builds
none of them.
"""

from typing import ClassVar

from minecalc.arrays import Number
from minecalc.distribution import Distribution
from minecalc.factor import DrawnShare, MarketRate, SignedRate, volatility
from minecalc.schema.fields import anything

_GPU_HOUR = "lease_usd_per_gpu_hour"


class Rent(SignedRate):
    """The market rent per critical kW. A lease keeps its own to the end of its term and is then let at the market's."""

    label: ClassVar[str] = "Market rent"
    in_words: ClassVar[tuple[str, str]] = ("the market rent", " per kW-month")
    follows: ClassVar[tuple[str, ...]] = ("renewal.rent_usd_per_kw_per_month",)

    volatility_fraction_per_year: Number = volatility(0.10, "published leases $138-160 per kW-month: judgement")


class GpuRate(MarketRate):
    """The market rate of a GPU-hour. What a contract fixes stays."""

    label: ClassVar[str] = "Market GPU-hour rate"
    in_words: ClassVar[tuple[str, str]] = ("the GPU-hour rate", " per GPU-hour")
    follows: ClassVar[tuple[str, ...]] = (_GPU_HOUR,)

    volatility_fraction_per_year: Number = volatility(
        0.35, "an H100 hour: 1.70 in 2025-10, 2.65 in 2026-06, 4.70 at launch", "2026-06"
    )


class Utilisation(DrawnShare):
    """Utilisation of the GPUs over the scenario's, never above 1."""

    label: ClassVar[str] = "GPU utilisation"
    follows: ClassVar[tuple[str, ...]] = ("utilisation_fraction",)
    beside: ClassVar[str] = _GPU_HOUR

    drawn: Distribution = anything(
        default=Distribution("pert", (0.5, 1.0, 1.15)),
        default_source="realised over contracted: 97% at Bit Digital, a quarter of it at Northern Data: judgement",
        default_as_of="2025-10",
        help="utilisation over the scenario's; never below 0, and never above 1 in all",
    )
