"""The built tables, read from disk: load, list, trace and cite them.

Only this room opens the tables. It knows nothing of how a table is made. Sums, real terms and
figures per person belong in `measures/`.
"""
