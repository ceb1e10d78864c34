"""Pages over what is loaded."""
