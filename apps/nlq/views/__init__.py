"""Endpoints of questions in plain words."""
