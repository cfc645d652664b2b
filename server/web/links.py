"""Typed links (RFC 8288): as headers, as targets in a set of links (RFC 9264), and which ones a document has.

signposting.org: the links by which programs find their way from a document about a thing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import quote

from kg.rdf import namespaces as ns
from kg.sparql import Hint

_SAFE_IN_TARGET = "/#?:@!$&'()*+,;=%"  # what an IRI reference may hold as it is, besides letters and digits


class Link(NamedTuple):
    """A typed link: its relation and target, and the target's media type, profile and title where that helps."""

    relation: str
    target: str
    media_type: str | None = None
    profile: str | None = None
    title: str | None = None

    def __str__(self) -> str:
        of_type = f'; type="{self.media_type}"' if self.media_type else ""
        in_profile = f'; profile="{self.profile}"' if self.profile else ""
        entitled = f"; {_title(self.title)}" if self.title is not None else ""
        return f'<{self.target}>; rel="{self.relation}"{of_type}{in_profile}{entitled}'

    @staticmethod
    def header(links: Iterable[Link]) -> str:
        """Return the value of the header with these links."""
        return ", ".join(map(str, links))

    @staticmethod
    def neighbours(page: int, pages: int) -> dict[str, int]:
        """Return the numbers of the pages before and behind one, by relation (prev, next), as far as there are any."""
        beside = {"prev": page - 1, "next": page + 1}
        return {relation: number for relation, number in beside.items() if 1 <= number <= pages}

    @classmethod
    def to_help(cls, hint: Hint, mended: str = "") -> Link:
        """Return the link from a query to where its writer finds what was meant; `mended` is the address of that."""
        target = mended or "/" + hint.about.removeprefix(ns.BASE)
        return cls("help", quote(target, safe=_SAFE_IN_TARGET), title=hint.sentence)

    @classmethod
    def signposts(cls, iri: str, types: Iterable[str], licence: str | None, creator: str | None) -> tuple[Link, ...]:
        """Return the links of a document about `iri`: its lasting name, types, licence and author."""
        made = (("license", licence), ("author", creator))
        stated = (cls(relation, target) for relation, target in made if target)
        return cls("cite-as", iri), *(cls("type", kind) for kind in types), *stated

    @classmethod
    def to_dataset(cls) -> Link:
        """Return the link of a document to the data set that it is of."""
        return cls("collection", "/dataset")

    def as_target(self) -> dict[str, Any]:
        """Return a target of a set of links.

        An attribute that RFC 8288 does not define has a list of values (RFC 9264, section 4.2.4.3).
        """
        of_type = {"type": self.media_type} if self.media_type else {}
        in_profile = {"profile": [self.profile]} if self.profile else {}
        return {"href": self.target, **of_type, **in_profile}


def _title(sentence: str) -> str:
    """Return the attribute of a title.

    A sentence may quote a query, hence any character: what does not fit a quoted string of plain text goes as
    `title*` (RFC 8187).
    """
    if sentence.isascii() and sentence.isprintable() and not {'"', "\\"} & set(sentence):
        return f'title="{sentence}"'
    return f"title*=UTF-8''{quote(sentence, safe='')}"
