"""What works say, for readers: the report and others, disagreements, and the evidence pair by pair."""

from server.report import disagreements, pairs, reader

blueprints = (reader.blueprint, disagreements.blueprint, pairs.blueprint)

__all__ = ["blueprints"]
