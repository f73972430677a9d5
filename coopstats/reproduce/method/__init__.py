"""The tables of numbers that METHOD.md prints, each answering one question of a sceptic."""
