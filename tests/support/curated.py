"""A served data folder of a module's own, with people who may change it."""

from __future__ import annotations

from dataclasses import dataclass

from kg.store import DataFolder
from tests.support.curl import asker
from tests.support.http import Answer


@dataclass(frozen=True)
class Curated:
    """A served data folder of a module's own, and tokens by the names of their holders."""

    folder: DataFolder
    address: str
    tokens: dict[str, str]

    def ask(self, *arguments: str, by: str = "") -> Answer:
        """Ask for a path, by somebody or nobody, with options of curl before it."""
        who = ("-H", f"Authorization: Bearer {self.tokens[by]}") if by else ()
        return asker(self.address)(*who, *arguments)
