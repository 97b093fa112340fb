"""Finance: returns, debt, depreciation and tax of flows per period; it knows no plans and no businesses."""
