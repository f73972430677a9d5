"""The built tables, read from disk: loading, listing, tracing and citing them."""
