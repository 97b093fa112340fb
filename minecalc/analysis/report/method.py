"""How the figures of a report are made, in a page's worth of words, and what they leave out."""

from __future__ import annotations

METHOD = (
    "Cash flows are monthly, of real days, in nominal USD: what a month earns is paid at its end, what is spent for "
    "its start falls a month before, so that point 0 is today. Present values discount them at the annual rate that is "
    "named, by months. A plan with debt or tax is worth what is left to whom the headline names.",
    "Gross MW are what the grid delivers; leases are quoted per critical MW and without power, mining per gross MW and "
    "with it, so gross profit per gross MWh compares them.",
    "Mining earns its share of the network's blocks, by the protocol's subsidy and the fees of the file, and pays for "
    "its power, pool and operation; machines that are owned are sunk. AI halls earn rent per critical kW from the date "
    "they are ready; GPUs earn hours sold at a rate.",
    "A break-even moves one input, a value over time as a whole, until two plans are worth the same. A tornado moves "
    "each input alone over its range. A simulation draws prices, delays, costs and defaults for all plans in the same "
    "worlds; its errors are standard errors of the drawing, not of the model.",
    "minecalc explain shows any of these figures with every formula and number that it is made of.",
)

#: The points of the manual's page on the method, which a test holds to be the same.
LEFT_OUT: tuple[str, ...] = (
    "Who refinances a balloon, hedges, and tax other than on income (minecalc help financing, minecalc help finance).",
    "Shutting off within a month where power has one price a month; prices by the hour value it (minecalc help power).",
    "What halls are worth after a GPU cloud.",
    "Currencies but USD.",
    "A second default of the same tenant, or tenants that default apart: one draw of default, delay and "
    "building cost stands for all leases and phases of a world.",
    "Pool luck; availability credits of a lease; site abatements.",
)
