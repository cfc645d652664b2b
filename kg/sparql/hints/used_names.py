"""The names that a query uses, each with whether it stands for a class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import RDF, RDFS, SKOS
from kg.sparql.guard import Query
from kg.sparql.text import Prologue, Token

LONGEST_NAME = 60
"""Characters of the longest name for which a similar one is searched."""

_MOST_NAMES = 1_000  # different names of a query that are looked at
_OURS = (ns.CD, ns.SHAPES, ns.VOCABULARY, ns.ID, ns.GRAPH)
_OF_OTHERS = tuple(
    iri for prefix, iri in ns.PREFIXES.items() if not iri.startswith(ns.BASE) and prefix not in ("xsd", "rdf")
)
_OF_TERMS = tuple(ns.PREFIXES[prefix] for prefix in ("owl", "rdfs", "sh"))


class UsedName(NamedTuple):
    """An IRI that a query names; `is_class` if it stands where a class does."""

    iri: str
    is_class: bool = False

    @property
    def is_ours(self) -> bool:
        """True for a name in one of our namespaces."""
        return self.iri.startswith(_OURS)


class RedefinedPrefix(NamedTuple):
    """A prefix of ours that a query declares for other names: which, where its IRI stands, and the names it uses."""

    prefix: str
    iri: str
    at: tuple[int, int]
    used: tuple[str, ...]


def redefined_prefixes(query: Query) -> Iterator[RedefinedPrefix]:
    """Yield the prefixes of ours that a query declares for a namespace which has none here, and uses in its pattern."""
    read = query.tokens
    prologue, made = Prologue.from_tokens(read), _template(read)
    for keyword, name, iri in zip(read, read[1:], read[2:], strict=False):
        prefix = name.text.removesuffix(":")
        declared = prologue.prefixes.get(prefix, "")
        if keyword.keyword != "PREFIX" or prefix not in ns.PREFIXES or declared in ns.PREFIXES.values():
            continue
        named = (one for one in read if one.kind == "name" and one.start > iri.end and one.text.startswith(name.text))
        used = [prologue.iri(one) or "" for one in named if not made[0] < one.start < made[1]]
        if used:
            yield RedefinedPrefix(prefix, declared, (iri.start, iri.end), tuple(dict.fromkeys(used)))


def names_to_look_up(query: Query) -> list[UsedName]:
    """Return the first names of ours and of common vocabularies that a query uses, each once.

    Bare namespaces are left out, and names of others in the template of CONSTRUCT. rdfs:label comes with them where
    nothing else shows that its writer knows that terms alone have one.
    """
    read = query.tokens
    prologue = Prologue.from_tokens(read)
    made = _template(read)
    found: dict[str, UsedName] = {}
    for before, token in islice(_names(read), _MOST_NAMES):
        iri = prologue.iri(token._replace(text=token.text.rstrip(".")))  # a dot closes a pattern
        if iri is None or iri in found:
            continue
        is_class = before is not None and (before.text == "a" or prologue.iri(before) == RDF.type.value)
        name = UsedName(iri, is_class)
        if name.is_ours or iri == RDFS.label.value or not made[0] < token.start < made[1]:
            found[iri] = name
    others = (iri for iri in found if iri != RDFS.label.value)
    may_be_meant = any(iri.startswith(_OF_TERMS) or iri == SKOS.prefLabel.value for iri in others)
    return [
        name for iri, name in found.items() if _is_looked_up(name) and not (iri == RDFS.label.value and may_be_meant)
    ]


def with_names(query: Query, instead: Mapping[str, str]) -> str:
    """Return the text of a query with other IRIs in place of some, each as a prefixed name where its prefix is ours."""
    read, text = query.tokens, query.original_text or query.text
    prologue = Prologue.from_tokens(read)
    for token in reversed(read):
        written = token.text.rstrip(".") if token.kind == "name" else token.text
        iri = instead.get(prologue.iri(token._replace(text=written)) or "")
        if iri is not None:
            name = ns.compact(iri)
            prefix = name.partition(":")[0]
            is_short = prologue.prefixes.get(prefix) == ns.PREFIXES.get(prefix, "")
            text = text[: token.start] + (name if is_short else f"<{iri}>") + text[token.start + len(written) :]
    return text


def split_iri(iri: str) -> tuple[str, str]:
    """Return namespace and local name."""
    cut = max(iri.rfind("#"), iri.rfind("/")) + 1
    return iri[:cut], iri[cut:]


def _names(read: Sequence[Token]) -> Iterator[tuple[Token | None, Token]]:
    """Yield the names and IRIs of a query, different ones once, each with the token before its first place."""
    seen = set()
    before = None
    for token in read:
        if token.kind in ("iri", "name") and token.text.rstrip(".") not in seen:
            seen.add(token.text.rstrip("."))
            yield before, token
        before = token


def _is_looked_up(name: UsedName) -> bool:
    return bool(split_iri(name.iri)[1]) and (name.is_ours or name.iri.startswith(_OF_OTHERS))


def _template(read: Sequence[Token]) -> tuple[int, int]:
    """Return where the template of a CONSTRUCT begins and ends; an empty span without one."""
    at = next((n for n, token in enumerate(read) if token.keyword in ("CONSTRUCT", "WHERE", "SELECT")), len(read))
    if at + 1 >= len(read) or read[at].keyword != "CONSTRUCT" or read[at + 1].text != "{":
        return 0, 0
    end = next((token.end for token in read[at + 1 :] if token.text == "}"), read[-1].end)
    return read[at + 1].start, end
