"""Endpoints over graph and catalogue."""
