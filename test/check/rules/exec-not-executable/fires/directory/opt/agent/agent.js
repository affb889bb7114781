// Only that it is there counts.
