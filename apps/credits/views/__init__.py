"""Endpoints over credits."""
