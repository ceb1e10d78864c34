"""Measures a served site: python -m bench.api, see bench/README.md."""
