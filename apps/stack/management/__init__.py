"""The commands ``stack`` and ``demo``."""
