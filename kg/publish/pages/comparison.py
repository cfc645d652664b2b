"""Two things side by side: what is stated of both, of one alone, and what is known where one has nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from itertools import chain
from typing import Literal as OneOf
from typing import TypedDict

from pyoxigraph import DefaultGraph, NamedNode, Store, Triple

from kg.publish.pages.by_groups import members_by_group, networks_by_group
from kg.publish.pages.page import kinds_in_words, names_of
from kg.publish.pages.sections import TITLES, said_of_relation, sections_of
from kg.publish.pages.ties import TIES, kind_of, relations_of, row_label, tie_values
from kg.publish.pages.words import SourcedValue, SourcedWords, Words
from kg.publish.questions import checked_value
from kg.queries import Parameter
from kg.rdf import namespaces as ns
from kg.rdf.kinds import STATEMENTS
from kg.rdf.lookup import match
from kg.rdf.vocabulary import CD
from kg.readings import Reading, TriplesReading
from kg.sparql.evaluation import select
from kg.wording import IriText

MOST_TIES = 300
"""Ties read of each side, at most; those of a country are those of its cities, too."""
_MOST_PARTNERS = 8
_STATED = ("functions", "activities", "numbers", "sayings")
"""The sections that have sentences and no ties."""
_KINDS = {
    "twinnings": ("twinning",),
    "networks": ("network-membership",),
    "members": ("network-membership",),
    "offices": ("office-abroad", "international-team", "strategy"),
}
"""The kinds of ties of sections, by which sources deny them or list them in full."""
_MEMBERS = (
    "SELECT DISTINCT ?member { ?tie cd:party ?member . ?member cd:within|cd:inPlace %s } ORDER BY ?member LIMIT %d"
)
_OF_WORK = """SELECT DISTINCT ?tie ?account { ?account cd:accountOf ?tie ; cd:statedIn/dcterms:isPartOf %s }
ORDER BY ?tie ?account"""
_PARTNERS = """SELECT ?other (COUNT(DISTINCT ?shared) AS ?number) {
  { ?tie cd:party %(thing)s , ?shared . ?same cd:party ?shared , ?other }
  UNION { ?shared cd:groupMember %(thing)s , ?other }
  FILTER (STRSTARTS(STR(?other), "%(kind)s") && ?other != %(thing)s && ?shared != %(thing)s)
} GROUP BY ?other ORDER BY DESC(?number) ?other LIMIT %(most)d"""
_ALIKE = (
    'SELECT ?other { ?other ?by ?value FILTER STRSTARTS(STR(?other), "%s") } GROUP BY ?other ORDER BY ?other LIMIT %d'
)
_KNOWN = """SELECT DISTINCT ?statement ?word {
  ?statement cd:appliesTo %s ; cd:tieKind ?kind . FILTER (?kind IN (%s))
  { ?statement cd:absentFor ?whom BIND ("denied" AS ?word) }
  UNION { ?statement cd:listsAll list:ties BIND ("complete" AS ?word) }
} ORDER BY DESC(?word) ?statement"""
_EXCEPTED = """SELECT DISTINCT ?statement {
  VALUES ?thing { %s }
  ?denial cd:statedIn ?passage ; cd:tieKind ?kind . ?statement cd:statedIn ?passage ; cd:exception ?thing .
  FILTER (?denial IN (%s))
  FILTER NOT EXISTS { ?statement cd:standing ?any }
  FILTER NOT EXISTS {
    ?another cd:statedIn ?passage ; cd:exception ?thing ; cd:tieKind ?other . FILTER (?other != ?kind)
  }
}"""
"""The statements that except a thing of what the denials in their passage are about, which say the same of it."""
_ALWAYS = {"city": ("twinnings", "networks", "offices"), "country": ("twinnings", "networks"), "network": ("members",)}
"""The sections that things of a kind have where nothing is stated in them either."""
_COUNT = (CD.ofPopulation, CD.counted, CD.measure, CD.unit, CD.value)
"""The properties by which counts say the same."""
_WORKS = ("publication", "source")
_LISTED = "listed in"
_SECTIONS = {tie.kind: tie.section for tie in reversed(TIES)}
"""The section of each kind of tie."""


_On = OneOf["both", "a", "b"]
_Word = OneOf["denied", "complete", "open"]


class ComparedThing(TypedDict):
    """A thing compared: its name, kinds and other names."""

    name: IriText
    kinds: list[IriText]
    names: list[IriText]


class ComparedItem(TypedDict):
    """What is stated of `both`, or of one side alone: the other party of a tie under its `label`, or a sentence.

    It `differs` if both sides have it in different ways.
    """

    on: _On
    label: str
    differs: bool
    thing: IriText
    said: list[SourcedValue]


class Known(TypedDict):
    """Whether ties of a side are `denied` or listed in full (`complete`), with who says so, or else `open`."""

    word: _Word
    said: list[SourcedValue]


class ComparedSection(TypedDict):
    """A section of a comparison; `known` is of `both`, or of each side, if these differ.

    `left_out` is the number of things that do not stand here.
    """

    key: str
    title: str
    items: list[ComparedItem]
    known: dict[str, Known]
    left_out: int


class Comparison(TypedDict):
    """Two things and what differs; without two different things no sections, and partners to compare `a` with."""

    a: ComparedThing | None
    b: ComparedThing | None
    sections: list[ComparedSection]
    partners: list[IriText]


@Reading
def comparison(store: Store, a: str, b: str) -> Comparison:
    """Compare two things, each by its name, identifier or IRI; either may be empty.

    Raises BadValueError for an unknown name and AmbiguousValueError for one of several things, with suggestions.
    """
    return _comparison(Words(store), a, b)


def _comparison(words: Words, a: str, b: str, *, is_folded: bool = True) -> Comparison:
    one, other = _resolved(words.store, "a", a), _resolved(words.store, "b", b)
    is_pair = one is not None and other is not None and one != other
    return Comparison(
        a=_described(words, one) if one else None,
        b=_described(words, other) if other else None,
        sections=_compared(words, one, other, is_folded) if one and other and is_pair else [],
        partners=_partners(words, one or other) if not is_pair else [],
    )


@TriplesReading
def compared_triples(store: Store, a: str, b: str) -> list[Triple]:
    """Return the statements about the two things compared, and about each statement that the comparison shows."""
    found = _comparison(Words(store), a, b, is_folded=False)
    sides = [side["name"]["iri"] for side in (found["a"], found["b"]) if side]
    items = [item for section in found["sections"] for item in section["items"]]
    said = [value["value"]["iri"] for item in items for value in item["said"]]
    shown = dict.fromkeys(iri for iri in (*sides, *said) if iri)
    return [quad.triple for iri in shown for quad in match(store, NamedNode(iri), None, None, DefaultGraph())]


def _resolved(store: Store, name: str, value: str) -> NamedNode | None:
    """Return the thing that a value means, None for an empty one."""
    if not value.strip():
        return None
    parameter = Parameter(name, "iri", "Thing", "city:bristol", None, False, None, None, None)
    return NamedNode(ns.expand(checked_value(store, parameter, value.strip())) or "")


def _described(words: Words, thing: NamedNode) -> ComparedThing:
    return ComparedThing(name=words.name_of(thing), kinds=kinds_in_words(words, thing), names=names_of(words, thing))


def _partners(words: Words, thing: NamedNode | None) -> list[IriText]:
    """Return the things of the same kind that share the most with a thing, or any of its kind if none share."""
    if thing is None:
        return []
    kind = f"{ns.ID}{kind_of(thing)}/"
    sharing = _PARTNERS % {"thing": thing, "kind": kind, "most": _MOST_PARTNERS}
    found = [row["other"] for row in select(words.store, sharing) if isinstance(row["other"], NamedNode)]
    if not found:
        alike = select(words.store, _ALIKE % (kind, _MOST_PARTNERS + 1))
        found = [row["other"] for row in alike if isinstance(row["other"], NamedNode)]
    return [words.name_of(one) for one in found if one != thing]


_Keyed = tuple[str, str, ComparedItem]
"""An item with its section and the key by which both sides match."""


class _Side:
    """One of the two things compared, and its items: each with its section and with a key by which both sides match."""

    def __init__(self, words: Words, thing: NamedNode) -> None:
        self._words = words
        self._thing = thing
        self._read: dict[NamedNode, bool] = {}
        self.left_out: Counter[str] = Counter()

    @cached_property
    def members(self) -> list[NamedNode]:
        """The thing, and for a country the bodies and groups in it that have ties."""
        inside = (
            select(self._words.store, _MEMBERS % (self._thing, MOST_TIES)) if kind_of(self._thing) == "country" else ()
        )
        return [self._thing, *(row["member"] for row in inside if isinstance(row["member"], NamedNode))]

    def items(self, other: _Side) -> Iterator[_Keyed]:
        """Yield all items; the key of a tie between the two sides is the tie itself."""
        return chain(self._ties(other), self._stated_ties(), self._by_groups(), self._sentences())

    def _is_read(self, section: str, relation: NamedNode) -> bool:
        """Return True for a tie within the bound; others are counted."""
        if relation not in self._read:
            self._read[relation] = len(self._read) < MOST_TIES
            self.left_out[section] += not self._read[relation]
        return self._read[relation]

    def _ties(self, other: _Side) -> Iterator[_Keyed]:
        across = {member.value for member in other.members}
        for member in self.members:
            for tie, relation in relations_of(self._words, member):
                for value in (
                    tie_values(self._words, tie, relation, member) if self._is_read(tie.section, relation) else ()
                ):
                    is_across = value["value"]["iri"] in across
                    thing = self._words.name_of(relation) if is_across else value["value"]
                    label = "" if is_across else row_label(self._words, tie, relation)
                    said = list(said_of_relation(self._words, relation, subject=member))
                    yield tie.section, thing["iri"] or "", _item(label, thing, said)

    def _stated_ties(self) -> Iterator[_Keyed]:
        """Yield the ties that passages of a work state, with its accounts of each."""
        accounts: dict[NamedNode, list[NamedNode]] = {}
        rows = select(self._words.store, _OF_WORK % self._thing) if kind_of(self._thing) in _WORKS else ()
        for row in rows:
            if isinstance(row["tie"], NamedNode) and isinstance(row["account"], NamedNode):
                accounts.setdefault(row["tie"], []).append(row["account"])
        for relation, stated in accounts.items():
            section = _SECTIONS.get(kind_of(relation))
            if section and self._is_read(section, relation):
                said = list(said_of_relation(self._words, relation, stated))
                yield section, relation.value, _item("", self._words.name_of(relation), said)

    def _by_groups(self) -> Iterator[_Keyed]:
        """Yield what follows from what is said of groups."""
        rows = {"networks": networks_by_group, "members": members_by_group}
        for section, read in rows.items():
            for row in read(self._words, self._thing):
                for value in row["values"]:
                    (part,) = value["parts"]
                    group, *more = part["words"]
                    said: SourcedValue = {**value, "value": group, "parts": [{**part, "words": more}]}
                    yield section, value["value"]["iri"] or "", _item(row["label"]["text"], value["value"], [said])

    def _sentences(self) -> Iterator[_Keyed]:
        """Yield the sentences about the thing, and the groups that list it."""
        for section in sections_of(self._words, self._thing):
            key = section["key"]
            if key in _STATED:
                self.left_out[key] += section["left_out"]
                for value in section["sayings"]:
                    name = value["value"]
                    if key == "functions":
                        of_side: SourcedValue = {**value, "value": self._words.name_of(self._thing)}
                        yield key, name["text"], _item("", name, [of_side])
                    else:
                        yield key, self._number(name["iri"]) or name["iri"] or "", _item("", name, [value])
            for row in section["rows"] if key == "lists" else ():
                for value in row["values"] if row["label"]["text"] == _LISTED else ():
                    yield key, value["value"]["iri"] or "", _item(_LISTED, value["value"], [])

    def _number(self, iri: str | None) -> str:
        """Return what a count says, by which others say the same; empty for anything else."""
        counted = NamedNode(iri) if iri and ns.kind_of(iri) == "statistic" else None
        said = [self._words.values(counted, by) for by in _COUNT] if counted else []
        return str(said) if said and all(said) else ""

    def known(self, section: str) -> Known | None:
        """Return what is known of the ties of a section that are not stated; None for a section without such."""
        if section not in _KINDS or kind_of(self._thing) in _WORKS:
            return None
        rows = list(select(self._words.store, _KNOWN % (self._thing, ", ".join(map("tie:{}".format, _KINDS[section])))))
        word: _Word = "open" if not rows else "denied" if rows[0]["word"].value == "denied" else "complete"
        stated = (row["statement"] for row in rows if row["word"].value == word)
        return Known(word=word, said=[self._statement(one) for one in stated if isinstance(one, NamedNode)])

    def excepted(self, known: Known) -> set[str | None]:
        """Return the statements that say once more what denials do."""
        denials = ", ".join(f"<{value['value']['iri']}>" for value in known["said"] if known["word"] == "denied")
        rows = select(self._words.store, _EXCEPTED % (self._thing, denials)) if denials else ()
        return {row["statement"].value for row in rows if isinstance(row["statement"], NamedNode)}

    def _statement(self, statement: NamedNode) -> SourcedValue:
        part = SourcedWords(words=[], sources=self._words.sources_of(statement))
        return SourcedValue(value=self._words.sentences(statement)[0], parts=[part], against=[])


def _item(label: str, thing: IriText, said: list[SourcedValue]) -> ComparedItem:
    return ComparedItem(on="a", label=label, differs=False, thing=thing, said=said)


def _compared(words: Words, a: NamedNode, b: NamedNode, is_folded: bool) -> list[ComparedSection]:
    """Return the sections of a comparison; what is stated of both comes first, then that of `a`."""
    one, other = _Side(words, a), _Side(words, b)
    found = _by_section(one.items(other))
    names = [words.name_of(thing)["text"] for thing in (a, b)]
    for section, items in _by_section(other.items(one)).items():
        for key, item in items.items():
            _join(found.setdefault(section, {}), key, {**item, "on": "b"}, names)
    expected = {section for thing in (a, b) for section in _ALWAYS.get(kind_of(thing), ())}
    sections = [
        _section(key, title, [*found.get(key, {}).values()], one, other)
        for key, title in TITLES.items()
        if key in found or key in expected
    ]
    if is_folded:
        _fold(sections, {"a": one, "b": other})
    return [one_section for one_section in sections if one_section["items"] or one_section["known"]]


def _by_section(stated: Iterator[_Keyed]) -> dict[str, dict[str, ComparedItem]]:
    """Return the items of a side by section and key; what has one key becomes one item."""
    found: dict[str, dict[str, ComparedItem]] = {}
    for section, key, item in stated:
        same = found.setdefault(section, {}).setdefault(key, item)
        if same is not item:
            if item["label"] not in same["label"].split(" / "):
                same["label"] += f" / {item['label']}"
            _add(same["said"], item["said"])
    return found


def _join(items: dict[str, ComparedItem], key: str, item: ComparedItem, names: list[str]) -> None:
    """Add an item of the second side to those of the first; labels that differ are given for each side."""
    same = items.setdefault(key, item)
    if same is item:
        return
    same["on"] = "both"
    if same["label"] != item["label"]:
        same["label"] = "; ".join(map(": ".join, zip(names, (same["label"], item["label"]), strict=True)))
        same["differs"] = True
    _add(same["said"], item["said"])


def _add(said: list[SourcedValue], more: list[SourcedValue]) -> None:
    shown = [_statement_of(value) for value in said]
    said += (value for value in more if _statement_of(value) not in shown)


def _statement_of(value: SourcedValue) -> str:
    """Return the IRI of what a value states, or what it says if it only names a thing."""
    iri = value["value"]["iri"] or ""
    return iri if _is_statement(iri) else f"{iri} {value['parts']}"


def _is_statement(iri: str | None) -> bool:
    return ns.kind_of(iri or "") in STATEMENTS


def _section(key: str, title: str, items: list[ComparedItem], one: _Side, other: _Side) -> ComparedSection:
    items.sort(key=lambda item: ("both", "a", "b").index(item["on"]))
    known = {name: known for name, side in (("a", one), ("b", other)) if (known := side.known(key))}
    if len(known) == 2 and known["a"] == known["b"]:
        known = {"both": known["a"]}
    return ComparedSection(
        key=key, title=title, items=items, known=known, left_out=one.left_out[key] + other.left_out[key]
    )


def _fold(sections: list[ComparedSection], sides: dict[str, _Side]) -> None:
    """Leave each statement where it belongs most: denials with their section, others where they are stated first.

    Objections that lose their sentence move to the first of what they object to. Equal sentences become one.
    """
    owner: dict[str, int] = {}
    for known_on, known in ((on, known) for section in sections for on, known in section["known"].items()):
        shown = {value["value"]["iri"] for value in known["said"]}
        excepted = sides[known_on].excepted(known) if known_on in sides else set()
        owner |= dict.fromkeys(filter(None, shown | excepted), 0)
    items = [item for section in sections for item in section["items"]]
    stated = {value["value"]["text"] for item in items for value in item["said"] if not value["against"]}
    for value in (value for item in items for value in item["said"] if value["against"]):
        if value["value"]["text"].startswith(tuple(stated)) and ns.kind_of(value["value"]["iri"] or "") != "account":
            owner[_statement_of(value)] = 0
    for section in sections:
        for item in sorted(section["items"], key=lambda item: (item["on"] != "both", str(item["thing"]))):
            for value in sorted(item["said"], key=lambda value: bool(value["against"])):
                if _is_statement(value["value"]["iri"]):
                    owner.setdefault(_statement_of(value), id(item))
    for section in sections:
        folded = [(item, _said_once(item, owner)) for item in section["items"]]
        section["items"] = [{**item, "said": said} for item, said in folded if said or not item["said"]]


def _said_once(item: ComparedItem, owner: dict[str, int]) -> list[SourcedValue]:
    """Return what an item says that nothing else does, equal sentences as one."""
    kept: dict[str, SourcedValue] = {}
    for value in item["said"]:
        text = "" if ns.kind_of(item["thing"]["iri"] or "") == "statistic" else value["value"]["text"]
        is_elsewhere = owner.get(_statement_of(value), id(item)) != id(item)
        if is_elsewhere and kept and value["against"]:
            first = next(iter(kept.values()))
            first["against"] = [*first["against"], *value["against"]]
        elif is_elsewhere and not value["against"]:
            continue
        elif (same := kept.get(text)) and not value["against"]:
            same["parts"] = _together([*same["parts"], *value["parts"]])
        else:
            kept[text if not value["against"] else str(value)] = {**value}
    return list(kept.values())


def _together(parts: list[SourcedWords]) -> list[SourcedWords]:
    """Return parts with the same words as one, with the sources of all."""
    found: dict[str, SourcedWords] = {}
    for part in parts:
        key = " ".join(word["text"] for word in part["words"])
        sources = [*found[key]["sources"], *part["sources"]] if key in found else part["sources"]
        found[key] = SourcedWords(words=part["words"], sources=[*{str(one): one for one in sources}.values()])
    return list(found.values())
