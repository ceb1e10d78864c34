"""The way of a record from a dump file to a batch, and the ledger."""
