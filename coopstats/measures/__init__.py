"""One number a council and year, and what can be done with it."""
