"""The file of ready documents: who reads it, and who keeps it up to date."""

from kg.publish.ready.disk.documents import ReadyDocuments
from kg.publish.ready.disk.upkeep import Upkeep

__all__ = ["ReadyDocuments", "Upkeep"]
