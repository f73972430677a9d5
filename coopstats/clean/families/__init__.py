"""Layouts that several publications share, so that their tables are short.

A layout used by one table alone belongs in that table's module. How a single cell, heading, body
or period is read belongs in `sheets/`.
"""
