"""A verdict on each claim: numbers → a written rule → a word, its evidence, and how sure.

`facts` gathers the numbers from what the answers computed, `rules` has one rule a claim, and
`verdict` puts them together. What no number decides is a row of the register (`claims.csv`), not
code here.
"""

from coopstats.findings.verdicts.rules import RULES, SURE
from coopstats.findings.verdicts.verdict import Verdict, verdict, verdicts

__all__ = ["RULES", "SURE", "Verdict", "verdict", "verdicts"]
