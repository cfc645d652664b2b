"""Changes for the gate to judge, drawn from the examples of the ontology and from graphs that people may well send.

Each has new names, and other things, concepts and classes in the places of those of the example. Half of them have
mistakes as well: a type more, a statement of another example, a value or a property of another sort. The gate refuses
most of these; what it takes shows what it does not see.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse

from kg import resources
from kg.curation.draft import Draft
from kg.curation.gate import Gate
from kg.curation.refusals import RefusedChangeError, SecondPersonError
from kg.history import ConflictError
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.vocabulary import CD, DCTERMS, OWL, RDF, SKOS
from kg.store import DataFolder
from kg.submissions import Submission

EXAMPLES = resources.ONTOLOGY / "examples"
SENT = Path(__file__).parents[1] / "kg" / "curation" / "graphs" / "right"
GRAPH = NamedNode(f"{ns.GRAPH}curated/drawn")
_NUMBERED = {SKOS.prefLabel, DCTERMS.title}
_OF_ITSELF = {RDF.type, SKOS.prefLabel, DCTERMS.title, CD.statedIn, CD.accountOf}
"""What is not borrowed from another thing."""

Block = list[Triple]


def blocks() -> list[Block]:
    """Return what is drawn from: each graph as a whole, and each thing of an example with what it leads to."""
    sent = [_triples(path) for path in sorted(SENT.glob("*.ttl"))]
    return sent + [block for path in sorted(EXAMPLES.glob("*.ttl")) for block in _parts(_triples(path))]


def rounds(of: random.Random) -> Iterator[Block]:
    """Yield all blocks in any order, again and again."""
    while True:
        yield from of.sample(drawn_from := blocks(), len(drawn_from))


def _triples(path: Path) -> Block:
    return [quad.triple for quad in parse(path.read_bytes(), RdfFormat.TURTLE)]


def _parts(triples: Block) -> Iterator[Block]:
    """Yield what is said of each thing to which nothing else leads, of what it leads to, and of their accounts."""
    about: dict[object, Block] = defaultdict(list)
    accounts: dict[object, list[object]] = defaultdict(list)
    for triple in triples:
        about[triple.subject].append(triple)
        if triple.predicate == CD.accountOf:
            accounts[triple.object].append(triple.subject)
    led_to = {triple.object for triple in triples if triple.object != triple.subject}
    for thing in sorted(about.keys() - led_to, key=str):
        found, pending = dict[object, Block](), [thing]
        while pending:
            if (one := pending.pop()) in about and one not in found:
                found[one] = about[one]
                pending += [*(triple.object for triple in about[one]), *accounts[one]]
        yield [triple for part in found.values() for triple in part]


class Drawer:
    """Draws changes of a graph; what has been made of them is among the things that later ones name."""

    def __init__(self, store: Store, of: random.Random, drawn_from: Iterator[Block]) -> None:
        self._of = of
        self._drawn_from = drawn_from
        self._blocks = blocks()
        self._number = count(1)
        self._sorts: dict[NamedNode, object] = {}
        self._alike: dict[object, list[NamedNode]] = defaultdict(list)
        self._said: dict[object, list[Triple]] = defaultdict(list)
        gone = {quad.subject for quad in store.quads_for_pattern(None, OWL.deprecated, None, None)}
        self._learn([quad for quad in store if quad.subject not in gone])

    def draw(self) -> list[Change]:
        """Return changes of one example, from the least likely to be taken to the example itself under new names."""
        block, number = next(filter(self._makes_things, self._drawn_from)), next(self._number)
        other, plain = (self._renamed(block, number, share) for share in (0.5, 0.0))
        other += self._borrowed(other)
        wrong = [self._with_mistake(other)] if self._of.random() < 0.5 else []
        return [Change.of(_in_graph(one)) for one in (*wrong, other, plain)]

    def _makes_things(self, block: Block) -> bool:
        return any(triple.subject not in self._sorts for triple in block)

    def learn(self, change: Change) -> None:
        """Let later changes name the things of one that was made."""
        self._learn(sorted(change.added, key=str))

    def _learn(self, quads: list[Quad]) -> None:
        """Sort things by their types, concepts by their schemes, and terms of ours by what they are."""
        sorts: dict[NamedNode, set[object]] = defaultdict(set)
        for quad in quads:
            is_typed = quad.predicate == RDF.type and (_is_fact(quad) or _is_of_our_term(quad))
            if isinstance(quad.subject, NamedNode) and (is_typed or quad.predicate == SKOS.inScheme):
                sorts[quad.subject].add(quad.object)
        for node in sorted(sorts.keys() - self._sorts.keys(), key=str):
            self._sorts[node] = sort = frozenset(sorts[node])
            self._alike[sort].append(node)
        for quad in quads:
            if _is_fact(quad) and quad.predicate not in _OF_ITSELF:
                self._said[frozenset(sorts.get(quad.subject, ()))].append(quad.triple)  # type: ignore[arg-type]

    def _renamed(self, block: Block, number: int, share: float) -> Block:
        """Return a block with new names for what it makes, and other things in the places of a share of the rest."""
        new = {triple.subject for triple in block} - self._sorts.keys()
        named = (node for node in new if isinstance(node, NamedNode))
        instead: dict[object, object] = {node: NamedNode(f"{node.value}-{number}") for node in named}
        for triple in block:
            for node in (triple.subject, triple.object):
                if node in self._sorts and node not in instead:
                    instead[node] = self._another(node) if self._of.random() < share else node
        return [
            Triple(instead.get(one.subject, one.subject), one.predicate, self._value(one, instead, number))  # type: ignore[arg-type]
            for one in block
            if one.subject in new
        ]

    def _borrowed(self, block: Block) -> Block:
        """Return up to three statements that other things of the same class have, as such of things of a block."""
        typed = [triple for triple in block if triple.predicate == RDF.type and self._said[frozenset({triple.object})]]
        lenders = self._of.choices(typed, k=self._of.randrange(4)) if typed else []
        lent = ((one.subject, self._of.choice(self._said[frozenset({one.object})])) for one in lenders)
        return [Triple(subject, triple.predicate, triple.object) for subject, triple in lent]

    def _value(self, triple: Triple, instead: dict[object, object], number: int) -> object:
        value = triple.object
        if triple.predicate in _NUMBERED and isinstance(value, Literal):
            return Literal(f"{value.value} {number}", language=value.language)
        if triple.predicate == RDF.type:
            return value
        return instead.get(value, value)

    def _another(self, node: object) -> NamedNode:
        return self._of.choice(self._alike[self._sorts[node]])  # type: ignore[index]

    def _with_mistake(self, block: Block) -> Block:
        mistakes: list[Callable[[Block, int], Triple]] = [
            self._type,
            self._other_statement,
            self._other_value,
            self._other_property,
        ]
        made = list(block)
        for _ in range(self._of.randint(1, 2)):
            at = self._of.randrange(len(made))
            mistake = self._of.choice(mistakes)
            made.append(mistake(made, at))
            if mistake in (self._other_value, self._other_property) and made[at].predicate != RDF.type:
                del made[at]
        return made

    def _type(self, block: Block, at: int) -> Triple:
        return Triple(block[at].subject, RDF.type, self._of.choice(self._alike[frozenset({OWL.Class})]))

    def _other_statement(self, block: Block, at: int) -> Triple:
        other = self._of.choice(self._of.choice(self._blocks))
        return Triple(block[at].subject, other.predicate, other.object)

    def _other_value(self, block: Block, at: int) -> Triple:
        sort = self._of.choice([*self._alike])
        return Triple(block[at].subject, block[at].predicate, self._of.choice(self._alike[sort]))

    def _other_property(self, block: Block, at: int) -> Triple:
        kind = OWL.DatatypeProperty if isinstance(block[at].object, Literal) else OWL.ObjectProperty
        return Triple(block[at].subject, self._of.choice(self._alike[frozenset({kind})]), block[at].object)


def _is_of_our_term(quad: Quad) -> bool:
    return quad.graph_name == graphs.ONTOLOGY and str(quad.subject).startswith(f"<{ns.CD}")


def _in_graph(block: Block) -> list[Quad]:
    return [Quad(triple.subject, triple.predicate, triple.object, GRAPH) for triple in block]


def _is_fact(quad: Quad) -> bool:
    return isinstance(quad.graph_name, NamedNode) and graphs.is_validated(quad.graph_name)


def make_changes(folder: DataFolder, drawer: Drawer, of: random.Random, changes: int) -> int:
    """Make changes by the gate until there are so many, some of which undo others; return how many it refused."""
    refused = 0
    with Gate(folder) as gate:
        while (made := gate.history.count()) < changes:
            if made and of.random() < 0.05:
                drafts = [
                    gate.undo_draft(of.randint(1, made), f"undo {made} {refused}", "ann", "Not so", acknowledged=True)
                ]
            else:
                drafts = [_draft(f"{made} {refused} {at}", one) for at, one in enumerate(drawer.draw())]
            for draft in drafts:
                try:
                    record = gate.commit(draft)
                except (RefusedChangeError, SecondPersonError, ConflictError):
                    refused += 1
                    continue
                drawer.learn(Change(record.added_quads(), frozenset()))
                break
    return refused


def _draft(key: str, change: Change) -> Draft:
    return Draft(key, "submit", Submission(change), "Drawn", "https://example.org/source", "ann", acknowledged=True)
