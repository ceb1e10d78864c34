"""Load an empty graph by Neo4j's offline import instead of over Bolt (decision 184)."""
