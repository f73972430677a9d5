"""What counts as nothing in the search for weights: shared by both of its implementations."""

TOLERANCE = 1e-12  # of the largest squared distance: what counts as no further gain
LEAST_WEIGHT = 1e-12
LEAST_RIDGE = 1e-7  # of the largest distance: below it, rounding would decide, so it is none
