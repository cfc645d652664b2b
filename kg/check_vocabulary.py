"""Check that the names of ours that a submission uses are there: terms, concepts, things, graphs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from difflib import get_close_matches
from itertools import islice

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg import namespaces as ns
from kg.after_change import AfterChange, subject_of, value_of
from kg.faults import Fault
from kg.skolemising import GENID
from kg.submission_csv import SLUG

LONGEST_SLUG = 200
PROPERTY, CLASS, VALUE, SUBJECT = "property", "class", "value", "subject"

_MOST_GUESSES = 3  # of names of things; each costs a look through all of them
_MOST_TERM_GUESSES = 100  # of terms and concepts
_MOST_READ = 100_000
_MOST_COMPARED = 10_000
_PROPERTIES = {f"{ns.PREFIXES['owl']}{kind}Property" for kind in ("Object", "Datatype", "Annotation")}
_CLASS = ns.PREFIXES["owl"] + "Class"
_GEOMETRY = NamedNode(ns.PREFIXES["geo"] + "Geometry")  # the one class of others that things of ours have alone
_LEFT_ALONE = (ns.QUERIES, ns.BASE + "changes/", ns.BASE + "ontology/", ns.BASE + "doc/")
_INSECURE = "http" + ns.BASE.removeprefix("https")


def check_vocabulary(after: AfterChange) -> Iterator[tuple[Quad, Fault]]:
    """Yield a fault for each name of ours that is not there, with a quad that uses it."""
    names = _Names(after)
    for (iri, role), quads in _uses(after).items():
        if (fault := names.fault(iri, role)) is not None:
            yield from ((quad, fault) for quad in quads)


def _uses(after: AfterChange) -> dict[tuple[str, str], list[Quad]]:
    """Return the names of ours that the added quads use, each with its role and where."""
    found: dict[tuple[str, str], list[Quad]] = defaultdict(list)
    for quad in after.change.added:
        role = CLASS if quad.predicate == ns.RDF_TYPE else VALUE
        for term, its_role in ((subject_of(quad), SUBJECT), (quad.predicate, PROPERTY), (value_of(quad), role)):
            iri = (term.datatype if isinstance(term, Literal) else term).value
            if iri.startswith((ns.BASE, _INSECURE)):
                found[iri, its_role].append(quad)
    return found


class _Names:
    """The names that a graph knows."""

    def __init__(self, after: AfterChange) -> None:
        self._after = after
        self._store: Store = after.store
        self._guesses = self._term_guesses = 0

    def fault(self, iri: str, role: str) -> Fault | None:
        """Return what is wrong with a name in its role."""
        if iri.startswith(ns.CD):
            return self._term_fault(iri, role)
        if iri.startswith(ns.VOCABULARY):
            return self._concept_fault(iri)
        if iri.startswith(ns.ID):
            return self._thing_fault(iri, role)
        if iri.startswith(GENID):
            known = role == SUBJECT or self._after.is_there(NamedNode(iri))
            return None if known else _unknown(iri, "a thing that the graph knows", "图中已有的事物")
        return self._other_fault(iri)

    def _term_fault(self, iri: str, role: str) -> Fault | None:
        declared = self._store.quads_for_pattern(NamedNode(iri), ns.RDF_TYPE, None, ns.ONTOLOGY_GRAPH)
        kinds = {quad.object.value for quad in declared if isinstance(quad.object, NamedNode)}
        if not kinds:
            return _unknown(iri, "a term of the ontology", "本体中的术语", self._nearest_term(iri, role))
        if role == PROPERTY and not kinds & _PROPERTIES:
            return _unknown(iri, "a property", "属性", self._nearest_term(iri, role))
        if role == CLASS and _CLASS not in kinds:
            return _unknown(iri, "a class", "类", self._nearest_term(iri, role))
        return None

    def _nearest_term(self, iri: str, role: str) -> str | None:
        self._term_guesses += 1
        if self._term_guesses > _MOST_TERM_GUESSES:
            return None
        kinds = _PROPERTIES if role == PROPERTY else {_CLASS} if role == CLASS else _PROPERTIES | {_CLASS}
        known = {
            quad.subject.value
            for kind in kinds
            for quad in self._store.quads_for_pattern(None, ns.RDF_TYPE, NamedNode(kind), ns.ONTOLOGY_GRAPH)
            if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(ns.CD)
        }
        return _nearest(iri, ns.CD, known)

    def _concept_fault(self, iri: str) -> Fault | None:
        scheme = iri.removeprefix(ns.VOCABULARY).partition("/")[0]
        graph = NamedNode(f"{ns.GRAPH}vocabulary/{scheme}")
        if any(self._store.quads_for_pattern(NamedNode(iri), ns.RDF_TYPE, None, graph)):
            return None
        return _unknown(iri, "a concept of the vocabularies", "词表中的概念", self._nearest_concept(iri, scheme, graph))

    def _nearest_concept(self, iri: str, scheme: str, graph: NamedNode) -> str | None:
        self._term_guesses += 1
        if self._term_guesses > _MOST_TERM_GUESSES:
            return None
        typed = self._store.quads_for_pattern(None, ns.RDF_TYPE, None, graph)
        known = {quad.subject.value for quad in typed if isinstance(quad.subject, NamedNode)}
        return _nearest(iri, f"{ns.VOCABULARY}{scheme}/", known)

    def _thing_fault(self, iri: str, role: str) -> Fault | None:
        type_name, _, slug = iri.removeprefix(ns.ID).partition("/")
        if type_name not in ns.ENTITY_TYPES:
            near = get_close_matches(type_name, ns.ENTITY_TYPES, n=1)
            message, zh = f"{type_name!r} is no type of things.", f"{type_name!r} 不是已知的事物类型。"
            hint = f"Did you mean {near[0]}:{slug}?" if near else f"The types are {', '.join(ns.ENTITY_TYPES)}."
            return Fault("vocabulary", "Violation", message, zh, value=iri, hint=hint)
        if not SLUG.fullmatch(slug) or len(slug) > LONGEST_SLUG:
            message, zh = f"{slug!r} is not a name as IRIs have it.", f"{slug!r} 不符合 IRI 名称的写法。"
            hint = "Names are small letters, digits and hyphens, such as city:brighton-and-hove."
            return Fault("vocabulary", "Violation", message, zh, value=iri, hint=hint)
        if role == SUBJECT:
            return self._untyped_fault(iri)
        if self._after.is_there(NamedNode(iri)):
            return None
        return _unknown(
            iri, "a thing that the graph knows", "图中已有的事物", self._nearest_thing(iri, f"{ns.ID}{type_name}/")
        )

    def _untyped_fault(self, iri: str) -> Fault | None:
        """Return that a thing would have no type, so that no shape would look at it."""
        types = self._after.objects(NamedNode(iri), ns.RDF_TYPE)
        if any(isinstance(kind, NamedNode) and (kind.value.startswith(ns.CD) or kind == _GEOMETRY) for kind in types):
            return None
        name = ns.compact(iri)
        message, zh = f"{name} would have no type of the ontology.", f"{name} 没有本体中的类型。"
        hint = f"Give it a type, as in {name} a cd:City; or mend the name if you mean a thing that is there."
        return Fault("vocabulary", "Violation", message, zh, focus=name, hint=hint)

    def _nearest_thing(self, iri: str, namespace: str) -> str | None:
        self._guesses += 1
        if self._guesses > _MOST_GUESSES:
            return None
        typed = islice(self._store.quads_for_pattern(None, ns.RDF_TYPE, None, DefaultGraph()), _MOST_READ)
        named = (quad.subject.value for quad in typed if isinstance(quad.subject, NamedNode))
        return _nearest(
            iri, namespace, set(islice((name for name in named if name.startswith(namespace)), _MOST_COMPARED))
        )

    def _other_fault(self, iri: str) -> Fault | None:
        if iri.startswith(_LEFT_ALONE) or iri in (ns.BASE, ns.CD[:-1], ns.SHAPES[:-1]):
            return None
        if iri.startswith(ns.SHAPES):
            known = any(self._store.quads_for_pattern(NamedNode(iri), None, None, ns.SHAPES_GRAPH))
            return None if known else _unknown(iri, "one of the shapes", "已有的形状")
        if iri.startswith(ns.GRAPH):
            known = self._store.contains_named_graph(NamedNode(iri)) or iri.startswith(ns.GRAPH + "curated/")
            return None if known else _unknown(iri, "a graph here", "这里的图")
        secure = ns.BASE + iri.removeprefix(_INSECURE) if iri.startswith(_INSECURE) else None
        return _unknown(iri, "an address of ours", "我们的地址", secure)


def _unknown(iri: str, what: str, what_zh: str, nearest: str | None = None) -> Fault:
    name = ns.compact(iri)
    hint = f"Did you mean {ns.compact(nearest)}?" if nearest else "Look it up, or state it in the same submission."
    return Fault("vocabulary", "Violation", f"{name} is not {what}.", f"{name} 不是{what_zh}。", value=name, hint=hint)


def _nearest(iri: str, namespace: str, known: set[str]) -> str | None:
    names = [name.removeprefix(namespace) for name in sorted(known)]
    near = get_close_matches(iri.removeprefix(namespace), names, n=1)
    return namespace + near[0] if near else None
