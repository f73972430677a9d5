"""The originals: brought from their publishers, and written to data/raw cell by cell."""
