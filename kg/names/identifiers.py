"""Identifiers that authorities give to things, in the forms in which people write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from kg.rdf.authorities import AUTHORITIES

_BY_NAME = {authority.name: authority for authority in AUTHORITIES}
_BY_SMALL_NAME = {authority.name.lower(): authority for authority in AUTHORITIES}
_BY_PREFIX = {authority.prefix: authority for authority in AUTHORITIES}
_WITHOUT_PREFIX = ("Wikidata", "GeoNames")
"""The authorities whose identifiers are written without prefix; a number of any other one means nothing alone."""
_PREFIXED = re.compile(r"([A-Za-z]+)\s*:\s*(.+)")


class Identifier(NamedTuple):
    """An identifier: the authority, None for an address of no known authority, and the name that it gives."""

    authority: str | None
    name: str

    @property
    def address(self) -> str:
        """The address as the gazetteer writes it; without an authority, that without scheme and trailing slash."""
        return _BY_NAME[self.authority].address.format(self.name) if self.authority else self.name

    @classmethod
    def of(cls, authority: str, text: str) -> Identifier | None:
        """Return the identifier of an authority in a text: alone, after its prefix, or in an address; None without one.

        The name of the authority is in lower case, as in mappings. Raises KeyError for an unknown one.
        """
        giver = _BY_SMALL_NAME[authority]
        bare = re.sub(f"^{giver.prefix}:", "", text, flags=re.IGNORECASE)
        name = giver.identifier_in(text) if "://" in text else giver.as_identifier(bare)
        return cls(giver.name, name) if name else None

    @classmethod
    def possible(cls, text: str) -> Iterator[Identifier]:
        """Yield what a text may be: an address, an identifier after its prefix, a number of Wikidata or GeoNames."""
        if "://" in text:
            yield identifier_of(text)
            return
        prefixed = _PREFIXED.fullmatch(text)
        named = _BY_PREFIX.get(prefixed[1].lower()) if prefixed else None
        authorities = [named] if named else [_BY_NAME[name] for name in _WITHOUT_PREFIX]
        for authority in authorities:
            if (name := authority.as_identifier(prefixed[2] if prefixed and named else text)) is not None:
                yield cls(authority.name, name)


def identifier_of(address: str) -> Identifier:
    """Return the identifier in an address, the same for all its spellings: http or https, with a trailing slash."""
    for authority in AUTHORITIES:
        if (name := authority.identifier_in(address)) is not None:
            return Identifier(authority.name, name)
    return Identifier(None, address.partition("://")[2].rstrip("/") or address)
