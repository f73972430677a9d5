"""Cuts and co-operatives in English councils, from the published cell to the chart.

```python
import coopstats as cs
cs.council("Lambeth")
cs.measure("revenue_outturn", service="core").where(council="Lambeth").real(2019).per_head()
cs.trace("revenue_outturn", council="Lambeth", year=2014, service="cultural")
```
"""

from coopstats.bearing import tables
from coopstats.bring import bring, example
from coopstats.claims import claim, claims
from coopstats.compare import Comparison, Peers, Treated, compare, peers, supposed
from coopstats.council import Council, council, councils, crosswalk
from coopstats.joining import Joined, join
from coopstats.load import load
from coopstats.measure import PRINCIPAL, Measure, measure
from coopstats.members import members, memberships
from coopstats.pilots import pilot, pilots
from coopstats.shelf import chart, charts
from coopstats.trace import Trace, trace
from coopstats.years import financial_year

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
