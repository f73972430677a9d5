"""One module a table, and nothing else.

A module, its contract, its Parquet file and its test have the same name. What two tables need
belongs in `families/` (a layout), `sheets/` (reading) or `contracts/` (rules).
"""
