"""The originals: fetch them, and write every cell to `data/raw`.

Figures and markers are written as printed, each with its sheet and cell. Nothing is renamed,
corrected or added up here: that is the work of `clean/`.
"""
