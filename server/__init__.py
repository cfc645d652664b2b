"""The web service over the knowledge graph."""
