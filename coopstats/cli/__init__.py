"""The command line: a module for each group of commands.

A command reads its words, calls the library and prints. Whatever a person in Python would want as
well belongs in the room that it calls, not here.
"""
