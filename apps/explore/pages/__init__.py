"""Pages of the explorer: what ``apps.explore.answers`` composes, as HTML. A page never asks the API over HTTP."""
