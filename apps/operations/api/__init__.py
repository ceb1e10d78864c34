"""Endpoints of administrators."""
