"""Questions in plain words (docs/contract/rest.md#ask): what to ask, and the endpoint that takes a question."""
