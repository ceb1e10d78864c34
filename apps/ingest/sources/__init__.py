"""Where dumps come from: one module a source, with its file names and what it calls a record."""
