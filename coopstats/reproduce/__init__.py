"""The whole chain again: documents, recorded numbers, and whether any moved."""
