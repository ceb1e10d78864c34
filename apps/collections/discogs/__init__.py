"""Discogs as a user of its API: our key, links of users, requests."""
