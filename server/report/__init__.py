"""Works for readers: the report and others passage by passage, disagreements, and the evidence pair by pair."""

from server.report import disagreements, pairs, reader

blueprints = (reader.blueprint, disagreements.blueprint, pairs.blueprint)

__all__ = ["blueprints"]
