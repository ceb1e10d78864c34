"""Every Cypher statement of the project as a named constant, one module per part of the graph."""
