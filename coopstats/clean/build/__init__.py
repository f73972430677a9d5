"""Which tables are out of date, building them, and the fingerprint of what was built.

It builds all of them or none. How a particular table is made belongs in `tables/`. Only this room
writes the tables in `data/processed`.
"""
