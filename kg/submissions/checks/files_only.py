"""Check that curated graphs do not state what only the files may: what a passage of the report says.

A curated graph cites its own sources. A correction of the report is an account of the curator's source beside the
report's (docs/decisions/accounts.md). Things such as cities and twinnings may still get statements.
"""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import NamedNode, Quad

from kg.findings import Finding
from kg.messages import bilingual
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.vocabulary import CD, DCTERMS, RDF
from kg.submissions.checks.graph_after import ChangedQuad, GraphAfterChange, Value
from kg.submissions.checks.sources import ON_ACCOUNTS

_SOURCE_LINKS = {
    *(CD.statedIn, CD.onPassage, CD.citedFor),
    *(DCTERMS.source, DCTERMS.isPartOf),
}
"""Properties that name a passage, or its work, as a source; all properties of PROV-O do so, too."""


def check_files_only(after: GraphAfterChange) -> Iterator[tuple[Quad, Finding]]:
    """Yield a finding for each quad that states what only the files may, with the quad."""
    files = _Files(after)
    for statement in after.added:
        if (finding := files.finding(statement)) is not None:
            yield statement.quad, finding


class _Files:
    """The statements of the files about the nodes in a change."""

    def __init__(self, after: GraphAfterChange) -> None:
        self._after = after
        self._interpretations = after.classes_below(CD.Interpretation) | {CD.StatementReference}
        self._passages = after.classes_below(CD.Passage)
        self._words = after.classes_below(CD.Statement) | self._passages | self._interpretations
        self._interpreted = {
            statement.subject
            for statement in after.added
            if statement.predicate == RDF.type and statement.value in self._interpretations
        }
        self._types: dict[Value, frozenset[object]] = {}
        self._works: dict[Value, bool] = {}

    def finding(self, statement: ChangedQuad) -> Finding | None:
        """Return the finding on a quad of a curated graph, None if it is allowed."""
        if self._types_of(statement.subject) & self._words:
            return self._files_finding(statement.subject)
        if statement.predicate == RDF.type and statement.value in self._interpretations:
            return _interpretation_finding(statement)
        if statement.subject in self._interpreted:
            return None  # its type is reported once
        if _links_to_source(statement.predicate) and self._is_of_the_report(statement.value):
            return _citation_finding(statement)
        if statement.predicate in ON_ACCOUNTS and self._file_values(statement.subject, CD.statedIn):
            return self._files_finding(statement.subject)
        return None

    def _files_finding(self, node: NamedNode) -> Finding:
        """Return the finding that a node belongs to the files; without a value, so that there is one finding a node."""
        things = self._file_values(node, CD.accountOf)
        thing = ns.compact(str(getattr(things[0], "value", ""))) if things else "…"
        words = bilingual("{name} belongs to the files: only they can state what it says.", name=ns.compact(node.value))
        hint = (
            "Say it beside that, with a source of your own: "
            f"account:… a cd:Account ; cd:accountOf {thing} ; cd:statedIn source:… . "
            "If the files misread their source, tell the maintainers."
        )
        return Finding("policy", "Violation", *words, focus=ns.compact(node.value), hint=hint)

    def _is_of_the_report(self, value: Value) -> bool:
        return not self._types_of(value).isdisjoint(self._passages) or self._is_work(value)

    def _types_of(self, node: Value) -> frozenset[object]:
        if not isinstance(node, NamedNode):
            return frozenset()
        if (found := self._types.get(node)) is None:
            found = self._types[node] = frozenset(self._file_values(node, RDF.type))
        return found

    def _file_values(self, node: NamedNode, predicate: NamedNode) -> list[object]:
        """Return the values of a property in the files."""
        found = match(self._after.store, node, predicate)
        return [quad.object for quad in found if graphs.is_from_files(quad.graph_name)]

    def _is_work(self, value: Value) -> bool:
        """Return True if the files state passages of something; reading stops at the first one."""
        if (found := self._works.get(value)) is None:
            found = self._works[value] = isinstance(value, NamedNode) and any(
                isinstance(part.subject, NamedNode)
                and graphs.is_from_files(part.graph_name)
                and not self._types_of(part.subject).isdisjoint(self._passages)
                for part in match(self._after.store, None, DCTERMS.isPartOf, value)
            )
        return found


def _links_to_source(predicate: NamedNode) -> bool:
    return predicate in _SOURCE_LINKS or predicate.value.startswith(ns.PREFIXES["prov"])


def _citation_finding(statement: ChangedQuad) -> Finding:
    words = bilingual("Only the files can state what {name} says.", name=ns.compact(statement.value.value))
    hint = (
        "Cite a source of your own: cd:statedIn source:… . What it says stands beside the report's words, even "
        "where it corrects them. If the files misread the report, tell the maintainers."
    )
    return Finding(
        "policy",
        "Violation",
        *words,
        focus=ns.compact(statement.subject.value),
        path=ns.compact(statement.predicate.value),
        value=ns.compact(statement.value.value),
        hint=hint,
    )


def _interpretation_finding(statement: ChangedQuad) -> Finding:
    name = ns.compact(statement.value.value)
    words = bilingual("A {name} is an interpretation; only the files can state interpretations.", name=name)
    hint = "Propose it to the maintainers. What a source says is an account or a cd:Finding with cd:statedIn source:… ."
    return Finding("policy", "Violation", *words, focus=ns.compact(statement.subject.value), value=name, hint=hint)
