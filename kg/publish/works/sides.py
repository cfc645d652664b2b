"""Disagreements: their kinds, the passages between which they are, and the words of each side."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable
from typing import TypedDict

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from kg.errors import BadValueError
from kg.objections import KINDS, kind_properties
from kg.publish.paging import count_pages, parse_page_number, rows_on_page
from kg.rdf import namespaces as ns
from kg.rdf.labels import preferred_literal
from kg.rdf.lookup import Term, match, nodes_with
from kg.rdf.ontology import successor_of
from kg.rdf.passages import reading_order, stating_sources, work_of_passage
from kg.rdf.vocabulary import CD, RDF, SKOS
from kg.readings import Reading
from kg.sentences import Sentence, sentences, triple_sentences
from kg.wording import NamedThing, TaggedText, Wording

PAGE_SIZE = 20

_COPY_GAP = "copy-gap"
_ORDER = (*KINDS, "gap", _COPY_GAP)
"""Kinds in the order for readers, from contradictions to gaps; others come after these.

The last stands for the class of what our copy of a work lacks: listed beside the disagreements, and counted apart.
"""
_KINDS = NamedNode(ns.VOCABULARY + "disagreement-kind")


class DisagreementSide(TypedDict):
    """The statement of one passage: its words by paragraphs, the passage (or source), its graph, and its subjects."""

    words: list[Sentence]
    source: NamedThing | None
    graph: str
    statements: list[str]
    """The subjects of the triples that stand against those of the other sides, in this graph."""


class DisagreementBrief(TypedDict):
    """A disagreement by its title and kind, with the passages that it concerns in reading order.

    The more serious the kind, the lower is `rank`, from 0.
    """

    iri: str
    title: TaggedText
    kind: NamedThing | None
    rank: int
    passages: list[NamedThing]


class Disagreement(DisagreementBrief):
    """A disagreement with its sides in reading order: two or more, or one for a gap without a counterpart.

    What our copy of a work lacks (`cd:CopyGap`) is read in the same way, with the statements that reveal it.
    """

    explanation: TaggedText | None
    reason: TaggedText | None
    sides: list[DisagreementSide]


class CountedKind(TypedDict):
    """A kind of disagreement, its meaning, and the number of disagreements of this kind."""

    iri: str
    name: str
    label: TaggedText
    meaning: TaggedText | None
    count: int


class DisagreementPage(TypedDict):
    """The kinds, all disagreements of the requested kind (or of all), and a page of them with their sides.

    `within` counts the disagreements of all kinds by the work whose passages disagree, by its name in their IRIs;
    `between` are the IRIs of those between works. Neither has the gaps of our copies. `by_rule` counts those of all
    kinds that follow from what works say; the editors found all others.
    """

    kinds: list[CountedKind]
    within: dict[str, int]
    between: list[str]
    by_rule: int
    page: int
    pages: int
    all: list[DisagreementBrief]
    shown: list[Disagreement]


@Reading
def disagreement(store: Store, iri: str) -> Disagreement | None:
    """Return a disagreement by its IRI, for its page or that of its subject; None if there is none.

    Where passages disagree with one another, each passage is a side; where one disagrees with itself, each of its
    statements is. `DisagreementSide.words` are sentences of the graph (`cd:says`) or are put together from labels, and
    are shown one below the other.
    """
    node = NamedNode(iri)
    if next(match(store, node, CD.onStatement, None, DefaultGraph()), None) is None:
        return None
    return DisagreementReader(store).read(node)


def disagreements_on(store: Store, property_: NamedNode, value: NamedNode) -> set[NamedNode]:
    """Return the disagreements, without gaps of our copy, that have a passage or reference as value of a property."""
    found = nodes_with(store, property_, value)
    return {one for one in found if Quad(one, RDF.type, CD.Disagreement, DefaultGraph()) in store}


@Reading
def disagreements(store: Store, kind: str, page: str, work: str | None = None) -> DisagreementPage:
    """Return the disagreements of a kind by its name, such as `denies`, of all kinds for "".

    With a work, by its name in the IRIs of passages, only those that passages of it take part in.
    They are in the order in which a reader meets their passages; a page has `PAGE_SIZE` of them with their sides.
    Raises BadValueError for a kind that there is not, PageNumberError for a page.
    """
    reading = DisagreementReader(store)
    nodes = {*nodes_with(store, CD.onStatement)}
    drawn = {one["iri"]: one for one in reading.drawn()}
    briefs = [reading.brief(node) for node in nodes] + reading.briefs_of(drawn.values())
    if work is not None:
        briefs = [brief for brief in briefs if any(work_of_passage(one["iri"]) == work for one in brief["passages"])]
    kinds = reading.kinds(briefs)
    names = [one["name"] for one in kinds]
    kind = reading.successor(kind)
    if kind and kind not in names:
        raise BadValueError.of_unknown(f"There is no kind of disagreement named {kind!r}.", kind, names)
    wanted = [brief for brief in briefs if not kind or (brief["kind"] and kind_name(brief["kind"]["iri"]) == kind)]
    wanted.sort(key=lambda brief: ([reading.order(p["iri"]) for p in brief["passages"]], brief["iri"]))
    pages = count_pages(len(wanted), PAGE_SIZE)
    number = parse_page_number(page, pages)
    shown = [
        drawn.get(brief["iri"]) or reading.read(NamedNode(brief["iri"]))
        for brief in rows_on_page(wanted, number, PAGE_SIZE)
    ]
    within, between = _split_by_work(briefs)
    return DisagreementPage(
        kinds=kinds,
        within=within,
        between=between,
        by_rule=sum(brief["iri"] in drawn for brief in briefs),
        page=number,
        pages=pages,
        all=wanted,
        shown=shown,
    )


def _split_by_work(briefs: Iterable[DisagreementBrief]) -> tuple[dict[str, int], list[str]]:
    """Return how many disagreements lie within each work, and the IRIs of those between works or other sources."""
    within: Counter[str] = Counter()
    between = []
    for brief in briefs:
        if brief["kind"] and brief["kind"]["iri"] != CD.CopyGap.value:
            named = [one["iri"] for one in brief["passages"]]
            works = {work_of_passage(one) if ns.kind_of(one) == "passage" else one for one in named}
            if len(works) > 1:
                between.append(brief["iri"])
            within.update(works if len(works) == 1 else ())
    return dict(within.most_common()), between


class DisagreementReader:
    """Reads disagreements; labels and the order of passages are looked up once."""

    def __init__(self, store: Store, wording: Wording | None = None) -> None:
        self._store = store
        self._wording = wording or Wording(store)
        self._order = reading_order(store)
        self._briefs: dict[NamedNode, DisagreementBrief] = {}

    def order(self, passage: str) -> int:
        """Return the position of a passage in its work; entries of data sets have none, and come last."""
        return self._order.get(passage, sys.maxsize)

    def kinds(self, briefs: list[DisagreementBrief]) -> list[CountedKind]:
        """Return the kinds with the number of briefs of each, the most serious first, and the gaps of our copy last."""
        concepts = [*(one for one, successor in self._concepts().items() if one == successor), CD.CopyGap]
        of_kind = [brief["kind"]["iri"] for brief in briefs if brief["kind"]]
        found = [
            CountedKind(
                iri=concept.value,
                name=kind_name(concept.value),
                label=self._title(concept),
                meaning=self._text(concept, SKOS.definition),
                count=of_kind.count(concept.value),
            )
            for concept in concepts
        ]
        return sorted(found, key=lambda kind: (_place(kind["name"]), kind["name"]))

    def successor(self, kind: str) -> str:
        """Return the name of the kind that replaces a kind; any other name unchanged."""
        named = {kind_name(one.value): kind_name(successor.value) for one, successor in self._concepts().items()}
        return named.get(kind, kind)

    def _concepts(self) -> dict[NamedNode, NamedNode]:
        """Return the concepts of the kinds, each with its successor or itself."""
        return {one: successor_of(self._store, one) for one in nodes_with(self._store, SKOS.inScheme, _KINDS)}

    def brief(self, node: NamedNode) -> DisagreementBrief:
        """Return a disagreement by its title and kind."""
        if node not in self._briefs:
            self._briefs[node] = self._brief(node)
        return self._briefs[node]

    def read(self, node: NamedNode) -> Disagreement:
        """Return a disagreement with its sides; see `disagreement`."""
        return Disagreement(
            **self.brief(node),
            explanation=self._text(node, CD.explanation),
            reason=self._text(node, CD.reason),
            sides=self._sides(node),
        )

    def drawn(self) -> list[Disagreement]:
        """Return where works differ by rule: one for each tie or number, of the gravest kind, with all who take part.

        Its IRI is that of the tie or of what the number is of. What the editors set side by side is left out.
        """
        pairs: dict[NamedNode, list[tuple[int, NamedNode, NamedNode]]] = {}
        for property_, kind in kind_properties(self._store).items():
            for quad in match(self._store, None, property_, None, DefaultGraph()):
                by, to = quad.subject, quad.object
                if isinstance(by, NamedNode) and isinstance(to, NamedNode) and self._is_by_rule(by, to):
                    of = self._values(to, CD.accountOf) or self._values(to, CD.ofPopulation)
                    pairs.setdefault(next(one for one in of if isinstance(one, NamedNode)), []).append(
                        (_place(kind), by, to)
                    )
        return [self._drawn_on(thing, of) for thing, of in pairs.items()]

    @staticmethod
    def briefs_of(drawn: Iterable[Disagreement]) -> list[DisagreementBrief]:
        """Return what a list shows of disagreements that are read already."""
        return [
            DisagreementBrief(
                iri=one["iri"], title=one["title"], kind=one["kind"], rank=one["rank"], passages=one["passages"]
            )
            for one in drawn
        ]

    def _is_by_rule(self, by: NamedNode, to: NamedNode) -> bool:
        """Return True if a rule set two statements side by side, and the editors did not."""
        if Quad(by, CD.parallelTo, to, DefaultGraph()) not in self._store:
            return False
        judged = [
            {
                quad.subject
                for ref in match(self._store, None, RDF.subject, one, DefaultGraph())
                for quad in self._on(ref)
            }
            for one in (by, to)
        ]
        return not judged[0] & judged[1]

    def _on(self, reference: Quad) -> Iterable[Quad]:
        subject = reference.subject
        return (
            match(self._store, None, CD.onStatement, subject, DefaultGraph()) if isinstance(subject, NamedNode) else ()
        )

    def _drawn_on(self, thing: NamedNode, pairs: list[tuple[int, NamedNode, NamedNode]]) -> Disagreement:
        rank = min(pairs, key=lambda pair: pair[0])[0]
        statements = sorted({one for _, by, to in pairs for one in (by, to)}, key=lambda one: one.value)
        sides = [self._side_of(one) for one in statements]
        return Disagreement(
            iri=thing.value,
            title=self._title(thing),
            kind=self._wording.name_of(NamedNode(f"{_KINDS.value}/{_ORDER[rank]}")),
            rank=rank,
            passages=[side["source"] for side in sides if side["source"]],
            explanation=None,
            reason=None,
            sides=sides,
        )

    def _side_of(self, statement: NamedNode) -> DisagreementSide:
        """Return a statement that takes part in a difference drawn by rule."""
        stated = next(
            quad for quad in match(self._store, statement, CD.statedIn, None) if quad.graph_name != DefaultGraph()
        )
        return DisagreementSide(
            words=sentences(self._wording, statement, DefaultGraph()),
            source=self._wording.name_of(stated.object) if isinstance(stated.object, NamedNode) else None,
            graph=str(getattr(stated.graph_name, "value", "")),
            statements=[statement.value],
        )

    def subjects(self, node: NamedNode) -> set[tuple[str, str]]:
        """Return the subjects in the references of a disagreement, each with its graph."""
        references = [term for term in self._values(node, CD.onStatement) if isinstance(term, NamedNode)]
        named = (triple for reference in references for triple in self._resolve_reference(reference))
        return {(graph.value, subject.value) for graph, subject, _, _ in named}

    def _brief(self, node: NamedNode) -> DisagreementBrief:
        is_of_our_copy = CD.CopyGap in self._values(node, RDF.type)
        kinds = [CD.CopyGap] if is_of_our_copy else self._values(node, CD.disagreementKind)
        kind = next((kind for kind in kinds if isinstance(kind, NamedNode)), None)
        concerned = [self._wording.name_of(p) for p in self._values(node, CD.onPassage) if isinstance(p, NamedNode)]
        return DisagreementBrief(
            iri=node.value,
            title=self._title(node),
            kind=self._wording.name_of(kind) if kind else None,
            rank=_place(kind_name(kind.value) if kind else ""),
            passages=sorted(concerned, key=lambda passage: self.order(passage["iri"])),
        )

    def _sides(self, node: NamedNode) -> list[DisagreementSide]:
        """Return a side per passage or source; of a disagreement within one passage, a side per statement."""
        by_statement: dict[tuple[NamedNode, NamedNode, NamedNode], list[Term]] = {}
        references = (term for term in self._values(node, CD.onStatement) if isinstance(term, NamedNode))
        for reference in sorted(references, key=lambda r: _natural_order(r.value)):
            for graph, subject, predicate, value in self._resolve_reference(reference):
                by_statement.setdefault((graph, subject, predicate), []).append(value)
        sources = {(graph, subject): self._source(graph, subject) for graph, subject, _ in by_statement}
        speakers = {one: (one[0].value, source["iri"] if source else "") for one, source in sources.items()}
        several = len(set(speakers.values())) > 1
        sides: dict[tuple[object, ...], DisagreementSide] = {}
        for (graph, subject, predicate), values in by_statement.items():
            key = speakers[graph, subject] if several else (graph, subject, predicate)
            side = sides.setdefault(
                key, DisagreementSide(words=[], source=sources[graph, subject], graph=graph.value, statements=[])
            )
            said = triple_sentences(self._wording, subject, predicate, values, graph)
            side["words"] += [text for text in said if text not in side["words"]]
            side["statements"] += [] if subject.value in side["statements"] else [subject.value]
        return sorted(sides.values(), key=lambda side: self.order(side["source"]["iri"]) if side["source"] else 0)

    def _source(self, graph: NamedNode, subject: NamedNode) -> NamedThing | None:
        """Return the one passage or source whose statement about a subject a graph holds."""
        found = stating_sources(self._store, graph, subject) - {graph.value}
        return self._wording.name_of(NamedNode(*found)) if len(found) == 1 else None

    def _resolve_reference(self, reference: NamedNode) -> Iterable[tuple[NamedNode, NamedNode, NamedNode, Term]]:
        """Yield graph, subject, predicate and object of a reference."""
        named = [self._values(reference, p) for p in (CD.inGraph, RDF.subject, RDF.predicate, RDF.object)]
        if all(named):
            graph, subject, predicate, value = (values[0] for values in named)
            if isinstance(graph, NamedNode) and isinstance(subject, NamedNode) and isinstance(predicate, NamedNode):
                yield graph, subject, predicate, value

    def _values(self, node: NamedNode, predicate: NamedNode) -> list[Term]:
        return self._wording.facts(node, DefaultGraph()).get(predicate, [])

    def _title(self, node: NamedNode) -> TaggedText:
        named = self._wording.name_of(node)
        return TaggedText(text=named["text"], lang=named["lang"])

    def _text(self, node: NamedNode, predicate: NamedNode) -> TaggedText | None:
        found = preferred_literal(self._values(node, predicate))
        return TaggedText(text=found.value, lang=found.language or "") if found else None


def severity_key(brief: DisagreementBrief) -> tuple[int, str]:
    """Return a sort key by kind, the most serious first."""
    return brief["rank"], brief["iri"]


def _place(name: str) -> int:
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


def kind_name(iri: str) -> str:
    """Return the name of a kind in addresses."""
    return _COPY_GAP if iri == CD.CopyGap.value else iri.rpartition("/")[2]


def _natural_order(iri: str) -> tuple[str, int]:
    """Return a sort key by which `…-10` comes after `…-2`."""
    found = re.fullmatch(r"(.*?)(\d*)", iri)
    assert found is not None
    return found[1], int(found[2] or 0)
