"""data/raw to data/processed: what is out of date is built, all of it or nothing."""
