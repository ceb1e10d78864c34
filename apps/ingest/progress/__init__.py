"""How far a run is: counts, rates and time left."""
