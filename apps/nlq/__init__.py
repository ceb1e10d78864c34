"""Questions in plain words (api.md 30): what to ask, and the endpoint that takes a question."""
