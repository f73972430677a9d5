"""What a table promises, and the checks that hold it to that.

Contracts, tie-out to the printed totals, corrections, and the rules for figures in doubt or
printed in the wrong place. These rules serve many tables; what is true of one table alone belongs
in its own module in `tables/`.
"""
