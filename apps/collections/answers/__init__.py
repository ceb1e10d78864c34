"""What the endpoints and pages of collections answer."""
