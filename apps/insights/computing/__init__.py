"""The computations of insights, in PostgreSQL, step by step (decision 180)."""
