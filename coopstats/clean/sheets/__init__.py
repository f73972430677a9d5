"""How printed sheets are read: headings, bodies, periods, units and keys.

What comes out is rows of figures, each with its cell, its council and its line. These readers know
no table: a rule that holds for one publication belongs in `tables/` or `families/`.
"""
