"""The ground: errors, files, paths, years, and the words that people read.

Every other room may import it, so it imports none of them. It knows no council and no table.
"""
