"""The public feed: exchanges, messages and the broker."""
