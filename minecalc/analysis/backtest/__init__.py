"""How the joint world of price and network would have done: forecasts from past months, and how often they held."""
