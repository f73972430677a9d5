"""One module a question of the notebooks, with its measures, charts and sentences.

`answer()` gives the sentences of the answer, `CHARTS` its pictures. The order of the questions is
in `coopstats/findings/questions.py`. No result is typed in here: each comes from a measure or a
comparison.
"""
