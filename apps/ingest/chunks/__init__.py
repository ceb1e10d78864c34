"""Chunks: splitting files into them, storing them between the stages, and recording what extraction made of them."""
