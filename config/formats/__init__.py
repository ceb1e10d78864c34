"""The formats of dates, one package for each language."""
