"""The knowledge graph in Neo4j: its schema, its writers, its maintenance and its readers."""
