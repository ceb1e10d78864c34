"""Endpoints over the tables of insights."""
