"""Pages, and the endpoints over graph and catalogue."""
