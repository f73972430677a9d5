"""One module a table, nothing else."""
