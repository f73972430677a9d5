"""What the project found: the plan carried out, the answers and the verdicts."""
