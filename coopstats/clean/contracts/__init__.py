"""What every table promises, and the checks that hold it to that."""
