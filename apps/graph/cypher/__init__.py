"""Every Cypher statement of the project as a named constant, in one module for each part of the graph."""
