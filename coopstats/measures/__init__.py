"""One number per council per year, and what can be done with it.

A Measure is in `measure.py`, its verbs (real terms, per person, regrouping, like for like) in the
modules beside it, and a reader's own data in `own_data.py`. Each step adds its sentence to
`steps`. What sets one council beside others belongs in `comparisons/`.
"""
