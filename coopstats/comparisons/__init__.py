"""A pilot beside similar councils: the gap, and how rare it is.

`design` (who and when) → `peers` (who may stand beside) → `panel` (the figures) → `question` →
`estimate` (gaps of the treated councils and of placebos) → `permutation` (how rare they are) →
`result` (numbers) → `report` and `plots` (words and pictures). Results import neither words nor
pictures. No pilot is named here: those are rows of the register.
"""

from coopstats.comparisons.comparison import Comparison, compare
from coopstats.comparisons.peers import Peers, peers
from coopstats.comparisons.treated import KnownPilots, Treated, supposed

__all__ = ["Comparison", "KnownPilots", "Peers", "Treated", "compare", "peers", "supposed"]
