"""Cuts and co-operatives in English councils, from the published cell to the chart.

```python
import coopstats as cs
cs.council("Lambeth")
cs.measure("revenue_outturn", service="core").where(council="Lambeth").real(2019).per_head()
cs.trace("revenue_outturn", council="Lambeth", year=2014, service="cultural")
```
"""

from coopstats import charts
from coopstats.book.chart_list import chart, chart_list
from coopstats.comparisons import Comparison, Peers, Treated, compare, peers, supposed
from coopstats.core.years import financial_year
from coopstats.datasets.load import load
from coopstats.datasets.overview import tables
from coopstats.datasets.trace import Trace, trace
from coopstats.findings.claims import claim, claims
from coopstats.measures.choosing import PRINCIPAL
from coopstats.measures.joining import Joined, join
from coopstats.measures.measure import Measure
from coopstats.measures.of_table import measure
from coopstats.measures.own_data import bring, example
from coopstats.register.councils import Council, council, councils, crosswalk
from coopstats.register.members import members, memberships
from coopstats.register.pilots import pilot, pilots

__all__ = [
    "PRINCIPAL",
    "Comparison",
    "Council",
    "Joined",
    "Measure",
    "Peers",
    "Trace",
    "Treated",
    "bring",
    "chart",
    "chart_list",
    "charts",
    "claim",
    "claims",
    "compare",
    "council",
    "councils",
    "crosswalk",
    "example",
    "financial_year",
    "join",
    "load",
    "measure",
    "members",
    "memberships",
    "peers",
    "pilot",
    "pilots",
    "supposed",
    "tables",
    "trace",
]
