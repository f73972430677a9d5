"""data/raw and the register to data/processed: one module a table, each with its contract.

Above the disk wall: nothing that measures, compares or draws imports anything from here.
"""
