"""Chunks: cutting files into them, the spool between the stages, and the outcome of extraction."""
