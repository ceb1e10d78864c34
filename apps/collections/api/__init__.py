"""Endpoints of collections."""
