"""The ground: errors, files, paths, years, words for people. Everything may import it."""
