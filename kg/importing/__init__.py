"""Works on imports: decides what becomes of the rows, then makes the change, or the proposal, that they come to."""

from kg.importing.importer import Importer

__all__ = ["Importer"]
