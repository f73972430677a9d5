"""What the project found: answers, and verdicts on the claims.

`answers/` has one module a question of the notebooks, `plan` carries out the comparisons fixed
beforehand, and `verdicts/` judges the claims of the articles. A method that another question could
use belongs in `measures/` or `comparisons/`.
"""
