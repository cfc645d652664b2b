"""What is generated in docs/decisions/core.md: the table of terms and concepts that were replaced.

A row has a query that makes the old distinction in today's terms. It comes from the class expression by which the term
is defined, or from the rule that answers it; what has neither, or is told more simply, is in SIMPLER.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from pyoxigraph import BlankNode, NamedNode, Quad, Store

from kg import resources
from kg.building import sources
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import DCTERMS, OWL, RDF
from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "decisions" / "core.md"
RULES = resources.ONTOLOGY / "rules"
SIMPLER = {
    "cd:Figure": "?x cd:passageKind ?kind . VALUES ?kind { kind:figure kind:map }",
    "cd:Government": "?x a cd:Organization ; cd:organizationKind/skos:broader* organization-kind:government",
    "cd:earliest": "?x cd:beginEarliest|cd:endEarliest|cd:atTimeEarliest ?value",
    "cd:latest": "?x cd:beginLatest|cd:endLatest|cd:atTimeLatest ?value",
    "cd:ofActivity": "?x cd:performedBy ?value",
    "cd:distinction": "?x cd:accountOf ?twinning ; cd:note ?value . ?twinning a cd:Twinning",
    "cd:unitOf": "?x cd:operator ?value ; cd:officeKind ?kind . "
    "VALUES ?kind { office-kind:international-team office-kind:foreign-affairs-office }",
    "strategy-kind:none": "?x a cd:AbsenceFinding ; cd:tieKind tie:strategy",
    "strategy-kind:partial": "?x cd:about term:partial-strategy",
    "strategy-kind:explicit": "?x cd:standing standing:official",
}
BY = {
    "aspect": "cd:aspect",
    "disagreement-kind": "cd:disagreementKind",
    "extent": "cd:extent",
    "magnitude": "cd:magnitude",
    "mediation-role": "cd:role",
    "role": "cd:role",
}
"""The properties whose values are of a scheme."""
_HEAD = "| removed | is now | the old distinction |\n|---|---|---|\n"
_RULE = re.compile(r"CONSTRUCT \{ \?(\w+) cd:(\w+) \?(\w+) \}\s+WHERE \{(.*)\}", re.DOTALL)
_OF_CLASS = re.compile(r"\((cd:\w+) (cd:\w+) (cd:\w+)\)")
_LONGEST = 140
"""Characters of a query that a row shows; a longer one is in the rule to which it leads."""


class Row(NamedTuple):
    """A term that was replaced: by what, and how to ask for what it said.

    `subject` and `value` are the variables of the query for what it was said of, and what was said; "" for a class.
    """

    term: str
    successors: list[str]
    query: str
    subject: str = "x"
    value: str = ""
    rule: str = ""

    def line(self) -> str:
        """Return the row as a line of the table."""
        query = "`" + self.query.replace("|", r"\|") + "`"
        if len(self.query) > _LONGEST:
            query = f"the WHERE of [`{self.rule}`](../../{self.rule}){'' if self.value else f', for `{self.term}`'}"
        return f"| `{self.term}` | {', '.join(f'`{one}`' for one in self.successors)} | {query} |\n"


def rows() -> list[Row]:
    """Return a row for each class, property and concept of ours that was replaced, in this order."""
    store = Store()
    store.extend(quad for quad in sources.load() if quad.graph_name == graphs.ONTOLOGY or _is_of_scheme(quad))
    gone = {quad.subject for quad in store.quads_for_pattern(None, OWL.deprecated, None, None)}
    return sorted((_row(store, node) for node in gone if isinstance(node, NamedNode)), key=_place)


def _is_of_scheme(quad: Quad) -> bool:
    return str(quad.graph_name).startswith(f"<{graphs.VOCABULARIES}")


def _place(row: Row) -> tuple[int, str]:
    is_term = row.term.startswith("cd:")
    return (0 if is_term and row.term[3].isupper() else 1 if is_term else 2), row.term


def _row(store: Store, node: NamedNode) -> Row:
    found = (quad.object for quad in store.quads_for_pattern(node, DCTERMS.isReplacedBy, None, None))
    named = (ns.compact(one.value) for one in found if isinstance(one, NamedNode))
    successors = sorted(named, key=lambda name: (not name.startswith("cd:"), name))
    row = Row(ns.compact(node.value), successors, "")
    if row.term in SIMPLER:
        return row._replace(query=SIMPLER[row.term], value="value" if "?value" in SIMPLER[row.term] else "")
    if row.term.startswith("participation:"):  # said on accounts of members, while its successors are said of mediators
        by_rule = _by_rule(row._replace(term="cd:participation"))
        return by_rule._replace(
            term=row.term, value="", query=f"{by_rule.query} VALUES ?participation {{ {row.term} }}"
        )
    if not row.term.startswith("cd:"):
        return row._replace(query=_query_of_concept(successors))
    for quad in store.quads_for_pattern(node, OWL.equivalentClass, None, None):
        return row._replace(query=f"?x {' ; '.join(_patterns(store, quad.object))}")
    return _by_rule(row)


def _by_rule(row: Row) -> Row:
    """Return the row of a property with the query of the rule that answers it, or of its row in `successors.rq`."""
    for of, old, successor in _OF_CLASS.findall((RULES / "successors.rq").read_text(encoding="utf-8")):
        if old == row.term:
            return row._replace(query=f"?thing {successor} ?value ; a {of}", subject="thing", value="value")
    for path in sorted(RULES.glob("*.rq")):
        rule = _RULE.search(path.read_text(encoding="utf-8"))
        if rule and f"cd:{rule[2]}" == row.term:
            query, name = " ".join(rule[4].split()), f"ontology/rules/{path.name}"
            return row._replace(query=query, subject=rule[1], value=rule[3], rule=name)
    return row


def _query_of_concept(successors: list[str]) -> str:
    properties = sorted({BY[one.partition(":")[0]] for one in successors})
    if len(successors) == 1:
        return f"?x {properties[0]} {successors[0]}"
    return f"?x {'|'.join(properties)} ?concept . VALUES ?concept {{ {' '.join(successors)} }}"


def _patterns(store: Store, node: object) -> Iterator[str]:
    """Yield what a class expression says of a thing."""
    if not isinstance(node, BlankNode):
        yield f"a {ns.compact(node.value)}"  # type: ignore[attr-defined]
        return
    said = {quad.predicate: quad.object for quad in store.quads_for_pattern(node, None, None, None)}
    if OWL.hasValue in said:
        yield f"{ns.compact(said[OWL.onProperty].value)} {ns.compact(said[OWL.hasValue].value)}"  # type: ignore[union-attr]
    for part in _listed(store, said.get(OWL.intersectionOf)):
        yield from _patterns(store, part)


def _listed(store: Store, at: object) -> Iterator[object]:
    while isinstance(at, BlankNode):
        said = {quad.predicate: quad.object for quad in store.quads_for_pattern(at, None, None, None)}
        yield said[RDF.first]
        at = said[RDF.rest]


def page() -> str:
    """Return the page with its table as it should be."""
    before, _, after = PAGE.read_text(encoding="utf-8").partition(_HEAD)
    return before + _HEAD + "".join(map(Row.line, rows())) + re.sub(r"\A(\|.*\n)+", "", after)
