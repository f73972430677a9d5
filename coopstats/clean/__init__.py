"""From `data/raw` to the built tables, each with its contract.

`sheets/` reads what is printed, `contracts/` says what a table promises, `families/` has layouts
that publications share, `tables/` has one module a table, and `build/` runs them. Nothing that
measures, compares or draws may import this room: it reads the finished tables from disk.
"""
