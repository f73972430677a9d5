"""What we decided: councils, spellings, breaks, pilots and claims, as CSV files.

Here are the files, one reader for all of them, and the lookups on them: which body a name means,
who was a member in a year, where a line changes its meaning. No spending figure lives here. A
decision is a row of a file with its reason, never a list in the code.
"""
