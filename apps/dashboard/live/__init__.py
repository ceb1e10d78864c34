"""Live status: one collector measures, Redis carries the snapshot, one relay in each process passes it on."""
