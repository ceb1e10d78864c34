"""The applications of Linernotes. Their imports point one way; docs/architecture.md has the order."""
