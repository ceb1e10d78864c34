"""Operating the system: management commands, the admin of runs, and the actions behind both."""
