"""Discogs' XML: cutting, parsing, rules, normalising and extracting records."""
