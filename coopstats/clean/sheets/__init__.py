"""How printed sheets are read: headings, bodies, periods and units."""
