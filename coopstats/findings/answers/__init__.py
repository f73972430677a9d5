"""One module a question of the notebooks, each with its measures, charts and sentences."""
