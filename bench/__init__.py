"""Benchmarks of loading: ours beside a naive loader, another tool and the floor that the machine sets.

``python -m bench`` runs all of them in one go; see README.md. Nothing of the product imports this package.
"""
