"""NPV, IRR, MIRR, payback and multiple of flows at monthly points 0..T (model, section 3)."""

import math

LOWEST_IRR, HIGHEST_IRR = -0.99, 10.0
IRR_STEPS = 2000


def npv(flows: list[float], rate: float) -> float:
    """Discount at an effective rate per year."""
    return float(sum(flow / (1.0 + rate) ** (k / 12.0) for k, flow in enumerate(flows)))


def is_investment(flows: list[float]) -> bool:
    """Tell whether money goes in first and some comes out later."""
    moving = [flow for flow in flows if flow != 0.0]
    return bool(moving) and moving[0] < 0.0 and max(moving) > 0.0


def value_at_log_rate(flows: list[float], x: float) -> float:
    """Return the NPV at the annual rate e^x - 1."""
    discount = math.exp(-x / 12.0)
    value = 0.0
    for flow in reversed(flows):
        value = value * discount + flow
    return value


def irr_roots(flows: list[float]) -> list[float]:
    """Return every annual rate between -0.99 and 10 at which the NPV is zero: a fine walk, then bisection."""
    low, high = math.log(1.0 + LOWEST_IRR), math.log(1.0 + HIGHEST_IRR)
    marks = [low + (high - low) * i / IRR_STEPS for i in range(IRR_STEPS + 1)]
    positive = [value_at_log_rate(flows, x) > 0.0 for x in marks]
    roots = []
    for i in range(IRR_STEPS):
        if positive[i] == positive[i + 1]:
            continue
        left, right = marks[i], marks[i + 1]
        for _ in range(60):
            middle = (left + right) / 2.0
            if (value_at_log_rate(flows, middle) > 0.0) == positive[i]:
                left = middle
            else:
                right = middle
        roots.append(math.exp((left + right) / 2.0) - 1.0)
    return roots


def irr(flows: list[float]) -> tuple[float | None, list[float]]:
    """Return the IRR per year, or none and the several roots."""
    roots = irr_roots(flows) if min(flows) < 0.0 < max(flows) else []
    low, high = math.log(1.0 + LOWEST_IRR), math.log(1.0 + HIGHEST_IRR)
    rises = value_at_log_rate(flows, low) < 0.0 < value_at_log_rate(flows, high)
    if len(roots) == 1 and is_investment(flows) and not rises:
        return roots[0], []
    return None, roots if len(roots) > 1 else []


def mirr(flows: list[float], rate: float) -> float | None:
    """Return the modified IRR per year: money in is financed, money out reinvested, both at `rate`.

    Money that comes first and is paid back later, at a single rate, is borrowed: no return.
    """
    if not is_investment(flows) and len(irr(flows)[1]) < 2:
        return None
    last = len(flows) - 1
    put_in = sum(-flow / (1.0 + rate) ** (k / 12.0) for k, flow in enumerate(flows) if flow < 0.0)
    grown = sum(flow * (1.0 + rate) ** ((last - k) / 12.0) for k, flow in enumerate(flows) if flow > 0.0)
    return float((grown / put_in) ** (12.0 / last) - 1.0)


def moic(flows: list[float]) -> float | None:
    """Return money out over money in; none if nothing was put in."""
    put_in = -sum(flow for flow in flows if flow < 0.0)
    if put_in == 0.0:
        return None
    return sum(flow for flow in flows if flow > 0.0) / put_in


def cumulative(flows: list[float]) -> list[float]:
    """Return the running sum."""
    total, sums = 0.0, []
    for flow in flows:
        total += flow
        sums.append(total)
    return sums


def peak_funding(flows: list[float]) -> float:
    """Return the deepest that the running sum goes below zero, positive."""
    return max(0.0, -min(cumulative(flows)))


def payback_months(flows: list[float]) -> float | None:
    """Return when the running sum is at least zero for good, between two points by a straight line."""
    if min(flows) >= 0.0:
        return None
    sums = cumulative(flows)
    if sums[-1] < 0.0:
        return None
    k = len(sums) - 1
    while k > 0 and sums[k - 1] >= 0.0:
        k -= 1
    if k == 0:
        return 0.0
    return k - 1 + -sums[k - 1] / (sums[k] - sums[k - 1])
