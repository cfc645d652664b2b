"""The City Diplomacy Knowledge Graph as a library: load, validate, infer, query. It knows no web framework."""
