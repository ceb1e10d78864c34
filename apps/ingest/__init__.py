"""From a dump file to batches of records for the stores, and the ledger of what is done."""
