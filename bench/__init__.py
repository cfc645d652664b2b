"""Time and memory of building, validating and querying, as ratios to a plain rdflib graph in the same run."""
