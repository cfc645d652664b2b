"""What works say, for readers: the report and others, disagreements, and the evidence pair by pair."""

from server.report import disagreements, evidence, reader

blueprints = (reader.blueprint, disagreements.blueprint, evidence.blueprint)

__all__ = ["blueprints"]
