"""The progress of a run: counts, rates and time left."""
