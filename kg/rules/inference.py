"""Infer triples by the rules in `ontology/rules/`, each a SPARQL CONSTRUCT, until there are no new ones."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pyoxigraph import DefaultGraph, NamedNode, Quad, QueryTriples, Store, Triple

from kg import resources
from kg.errors import CityKgError
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.graphs import in_default_graph
from kg.rdf.vocabulary import RDF


def rules() -> dict[str, str]:
    """Return the rules by name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted((resources.ONTOLOGY / "rules").glob("*.rq"))}


def infer(quads: Iterable[Quad], rule_texts: Iterable[str] | None = None) -> list[Quad]:
    """Return the inferences from the default graph of `quads` that are not in it, as sorted quads of graph/inferred.

    `rule_texts` stands for the project's own rules where it is given. Raises CityKgError when a rule is not a
    CONSTRUCT.
    """
    reads = {text: _terms_read(text) for text in (rules().values() if rule_texts is None else rule_texts)}
    store = Store()
    store.bulk_extend(_canonical_statement(quad) for quad in quads if _counts(quad))
    ready = set(reads)
    inferred: set[Triple] = set()
    while ready:
        now = {text for text in ready if reads[text] is not None} or ready  # those that may read any term take longest
        drawn = {triple for text in now for triple in _run_rule(store, text)} - inferred
        new = [triple for triple in drawn if _canonical_statement(triple) not in store]
        inferred.update(new)
        store.extend(map(_canonical_statement, new))
        met = {str((triple.object if triple.predicate == RDF.type else triple.predicate).value) for triple in new}
        drawing = {text for text, read in reads.items() if new and (read is None or not read.isdisjoint(met))}
        ready = (ready - now) | drawing
    return sorted((Quad(t.subject, t.predicate, t.object, graphs.INFERRED) for t in inferred), key=str)


_WHERE = re.compile(r"\bWHERE\b", re.IGNORECASE)
_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*) | (?P<variable>[?$]\w+) | (?P<term><[^<>\s]*> | [\w-]*:[\w-]*(?:\.[\w-]+)*)
      | (?P<literal>"[^"\n]*" | '[^'\n]*' | \d+ | true | false) | (?P<word>\w+) | (?P<mark>\S)""",
    re.VERBOSE,
)
_VALUES_OF = re.compile(r"\bVALUES\s*\(?([\s\w?$]*)\)?\s*\{", re.IGNORECASE)
_PREFIX = re.compile(r"\bPREFIX\s+([\w-]*):\s*<([^<>\s]*)>", re.IGNORECASE)
_TERMS = ("variable", "term", "literal")


def _terms_read(rule: str) -> frozenset[str] | None:
    """Return the IRIs that the pattern of a rule names, None if it may read any predicate or class.

    Only new triples with one of these as predicate or class can make it draw more. A variable in the place of a
    predicate, or of a class, is any, unless VALUES names what it stands for. The text is looked at as it stands, since
    to parse it takes longer than to run the rule.
    """
    where = _WHERE.search(rule)
    pattern = rule[where.end() :] if where else rule
    found = [(one.lastgroup, one[0]) for one in _TOKEN.finditer(pattern) if one.lastgroup != "comment"]
    named = {name for names in _VALUES_OF.findall(pattern) for name in names.split()}
    for before, (kind, text), after in zip(found, found[1:], found[2:], strict=False):
        if kind == "variable" and text not in named:
            is_class = before in (("word", "a"), ("term", "rdf:type"))
            follows = before[0] in _TERMS or before in (("mark", ";"), ("mark", "["), ("mark", "]"))
            if is_class or (follows and (after[0] in _TERMS or after[1] in "[(+-")):
                return None
    prefixes = {**ns.PREFIXES, **dict(_PREFIX.findall(rule)), "_": "_:"}
    terms = [text.partition(":") for kind, text in found if kind == "term"]
    if any(prefix not in prefixes for prefix, _, _ in terms if not prefix.startswith("<")):
        return None  # the engine says what is wrong
    return frozenset(
        f"{prefix[1:]}:{rest[:-1]}" if prefix.startswith("<") else prefixes[prefix] + rest for prefix, _, rest in terms
    )


def _counts(quad: Quad) -> bool:
    return isinstance(quad.graph_name, NamedNode) and in_default_graph(quad.graph_name)


def _canonical_statement(statement: Quad | Triple) -> Quad:
    return Quad(statement.subject, statement.predicate, statement.object, DefaultGraph())


def _run_rule(store: Store, rule: str) -> QueryTriples:
    result = store.query(rule, prefixes=ns.PREFIXES)
    if not isinstance(result, QueryTriples):
        raise CityKgError("An inference rule is not a CONSTRUCT query.", "See ontology/rules/ for the form.")
    return result
