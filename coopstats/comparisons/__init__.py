"""A pilot beside councils like it: `compare`, `peers`, and the parts that they are made of.

Setting (who, when) → peers (who may stand beside) → panel (the figures) → question → estimate
(gaps of the treated and of placebos) → comparison (numbers, words, pictures).
"""

from coopstats.comparisons.comparison import Comparison, compare
from coopstats.comparisons.peers import Peers, peers
from coopstats.comparisons.treated import KnownPilots, Treated, supposed

__all__ = ["Comparison", "KnownPilots", "Peers", "Treated", "compare", "peers", "supposed"]
