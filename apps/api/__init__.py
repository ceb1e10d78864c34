"""What all endpoints of the REST API have in common: routing rules, parameters, errors, caches, limits, headers."""
