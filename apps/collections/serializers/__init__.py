"""Parameters and shapes of the endpoints of collections."""
