"""The knowledge graph in Neo4j: its schema, its writers, its upkeep and its readers."""
