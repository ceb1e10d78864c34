"""Requests to the sites of others: a client that keeps to their pace."""
