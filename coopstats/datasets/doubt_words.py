"""What a doubt says in plain words: the sentence that people read for each rule's name."""

from __future__ import annotations

import re

SENTENCES = {
    "sign_change": "below zero, where the figure is usually above",
    "nought": "zero or next to nothing, where the figure is usually large",
    "jump": "sudden jump from one year to the next",
    "spike": "far from the years before and after, which are alike",
    "moved_to_neighbour": "probably booked under another heading",
    "unchanged": "the same as the year before to the last digit",
    "unit": "about a thousand times the usual level or a thousandth of it: probably printed in "
    "the wrong unit",
    "exchanged": "probably exchanged with another kind of cost",
}
_RULE = re.compile(r"(\w+)(?: \((.*)\))?")


def rules_in_words(doubt: object) -> str:
    """A value of the column `doubt` in plain words; "" where there is none."""
    if not isinstance(doubt, str):
        return ""
    return "; ".join(_rule_in_words(each) for each in doubt.split("; ") if each)


def _rule_in_words(rule: str) -> str:
    found = _RULE.fullmatch(rule)
    if found is None or found[1] not in SENTENCES:
        return rule
    other = f" ({found[2].replace('_', ' ')})" if found[2] else ""
    return f"{SENTENCES[found[1]]}{other}"
