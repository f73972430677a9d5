"""Cuts and co-operatives in English councils, from the published cell to the chart."""
