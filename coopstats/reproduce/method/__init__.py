"""The tables of numbers that METHOD.md prints, each answering one question of a sceptic.

Each function gives one table, which `coopstats docs` writes between its markers. The words around
it are written by people, in METHOD.md itself.
"""
