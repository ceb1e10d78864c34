"""Parameters and answers of the endpoints; each module belongs to the one of that name in ``apps.explore.api``."""
