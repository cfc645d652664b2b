"""The fields that shapes allow: what a class has, and what an account of it may say; forms and suggestions use them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal as OneOf

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lookup import Term, closure, list_items, match
from kg.rdf.ontology import is_deprecated
from kg.rdf.snapshots import once_per_snapshot
from kg.rdf.vocabulary import CD, RDF, RDFS, SH, SKOS, XSD

Kind = OneOf["text", "words", "date", "choice", "thing", "number", "tick", "address"]
"""How a field is filled in: text is a plain string, words are text in a language."""

_NUMBERS = {XSD.integer, XSD.decimal, XSD.nonNegativeInteger, XSD.positiveInteger}
_MOST_SEEN = 200
"""Things of a class that are looked at to see of what kinds they are."""
_LAST = 1e9
_AND, _CLASS, _IN, _NOT, _OR = (NamedNode(ns.PREFIXES["sh"] + name) for name in ("and", "class", "in", "not", "or"))


@dataclass(frozen=True)
class Field:
    """A field of a form: the property, who has it, and how it is filled in.

    `choices` are the concepts that may be chosen; `kinds` are those of the things that may be named. `texts` are name,
    help and group, each in English and Chinese.
    """

    predicate: NamedNode
    is_of_account: bool
    kind: Kind
    least: int
    most: int | None
    texts: tuple[tuple[str, str], tuple[str, str], tuple[str, str]]
    order: tuple[float, float, str]
    choices: tuple[NamedNode, ...] = ()
    kinds: tuple[str, ...] = ()
    datatype: NamedNode = XSD.string

    @property
    def name(self) -> str:
        """The name of its inputs: that of the property."""
        return self.predicate.value.rpartition("/")[2].rpartition("#")[2]

    def may_have(self, value: object) -> bool:
        """Return True if a value is of the kind that the field asks for: one of its choices, a thing, or a literal."""
        if not isinstance(value, NamedNode):
            return self.kind not in ("choice", "thing", "address")
        fits = {"choice": value in self.choices, "thing": ns.kind_of(value.value) in self.kinds, "address": True}
        return fits.get(self.kind, False)


@dataclass
class _Constraints:
    """What shapes ask of a value: the classes, lists, schemes and datatypes of which it may be."""

    classes: list[NamedNode]
    listed: list[NamedNode]
    schemes: list[NamedNode]
    datatypes: set[NamedNode]
    is_iri: bool = False
    is_address: bool = False


class ShapeFields:
    """Reads fields from the shapes of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read: dict[NamedNode, list[Field]] = {}
        self._kinds_of: dict[NamedNode, frozenset[str]] = {}

    def of_tie(self, rdf_class: NamedNode) -> list[Field]:
        """Return the fields of a tie and of the account of it by a source, in the order of the shapes."""
        if rdf_class not in self._read:
            self._read[rdf_class] = self._read_tie(rdf_class)
        return self._read[rdf_class]

    def of_class(self, rdf_class: NamedNode) -> list[Field]:
        """Return the fields of what a source says without an account, such as a finding, in the order of the shapes."""
        if rdf_class not in self._read:
            own = self._merged(self._property_shapes(rdf_class), is_of_account=False)
            self._read[rdf_class] = sorted(own, key=lambda one: one.order)
        return self._read[rdf_class]

    def _read_tie(self, rdf_class: NamedNode) -> list[Field]:
        own = self._merged(self._property_shapes(rdf_class), is_of_account=False)
        said = self._merged(self._property_shapes(CD.Account), is_of_account=True)
        asked = self._asked_of_accounts(rdf_class)
        fields = [*own]
        for field in said:
            if self._may_be_said_of(field.predicate, rdf_class):
                shapes = asked.get(field.predicate, [])
                least = max([field.least, *(self._number(one, SH.minCount) or 0 for one in shapes)])
                fields.append(replace(self._narrowed(field, shapes), least=least))
        return sorted(fields, key=lambda one: one.order)

    def _narrowed(self, field: Field, shapes: Iterable[Term]) -> Field:
        """Return a field whose choices further shapes allow: those of schemes that they do not exclude."""
        excluded = {
            concept
            for shape in shapes
            for node in self._objects(shape, SH.node)
            for denied in self._objects(node, _NOT)
            for concept in self._concepts(self._gather([denied]))
        }
        return replace(field, choices=tuple(one for one in field.choices if one not in excluded))

    def _property_shapes(self, rdf_class: NamedNode) -> list[Term]:
        """Return the property shapes of a class and of those above it, each once."""
        found: dict[Term, None] = {}
        for one in self._with_superclasses(rdf_class):
            for shape in self._subjects(SH.targetClass, one):
                found.update(dict.fromkeys(self._objects(shape, SH.property)))
        return list(found)

    def _asked_of_accounts(self, rdf_class: NamedNode) -> dict[NamedNode, list[Term]]:
        """Return what the shapes of a tie ask of its accounts, by property: shapes that are reached through it."""
        found: dict[NamedNode, list[Term]] = defaultdict(list)
        for shape in self._property_shapes(rdf_class):
            for path in self._objects(shape, SH.path):
                if CD.accountOf in self._objects(path, SH.inversePath):
                    for node in self._objects(shape, SH.node):
                        for part in self._objects(node, SH.property):
                            found[self._path(part) or SH.path].append(part)
                elif len(steps := self._items(path)) == 2 and CD.accountOf in self._objects(steps[0], SH.inversePath):
                    found[steps[1]].append(shape)  # type: ignore[index]
        return found

    def _merged(self, shapes: Iterable[Term], is_of_account: bool) -> list[Field]:
        """Return a field for each property that shapes allow; several shapes of one make one field."""
        by_path: dict[NamedNode, list[Term]] = defaultdict(list)
        for shape in shapes:
            if (path := self._path(shape)) is not None:
                by_path[path].append(shape)
        found = (self._field(path, several, is_of_account) for path, several in by_path.items())
        return [field for field in found if field.most != 0]

    def _field(self, path: NamedNode, shapes: Sequence[Term], is_of_account: bool) -> Field:
        must = [one for one in shapes if not any(self._objects(one, SH.severity))] or list(shapes)
        first = min(must, key=self._order)
        most = [number for one in shapes if (number := self._number(one, SH.maxCount)) is not None]
        asked = self._gather(shapes)
        kind, datatype = self._kind(asked)
        choices = self._concepts(asked) if kind == "choice" else ()
        group = next(iter(self._objects(first, SH.group)), first)
        return Field(
            predicate=path,
            is_of_account=is_of_account,
            kind=kind,
            least=max(self._number(one, SH.minCount) or 0 for one in must),
            most=min(most, default=None),
            texts=(self._texts(first, SH.name), self._texts(first, SH.description), self._texts(group, RDFS.label)),
            order=self._order(first),
            choices=choices,
            kinds=self._kinds(asked.classes) if kind == "thing" else (),
            datatype=datatype,
        )

    @staticmethod
    def _kind(asked: _Constraints) -> tuple[Kind, NamedNode]:
        """Return how a field is filled in, and the datatype of its literals."""
        first = min(asked.datatypes, key=str, default=XSD.string)
        kinds: Mapping[Kind, bool] = {
            "choice": bool(asked.listed or asked.schemes),
            "date": not asked.datatypes.isdisjoint((XSD.gYear, XSD.date)),
            "words": RDF.langString in asked.datatypes,
            "tick": XSD.boolean in asked.datatypes,
            "number": not asked.datatypes.isdisjoint(_NUMBERS),
            "address": asked.is_address,
            "thing": bool(asked.classes or asked.is_iri),
            "text": True,
        }
        return next(kind for kind, fits in kinds.items() if fits), first

    def _gather(self, shapes: Iterable[Term]) -> _Constraints:
        """Return what shapes ask of a value, with the nodes that they refer to; what they deny is left out."""
        asked = _Constraints([], [], [], set())
        waiting, seen = list(shapes), set[Term]()
        while waiting:
            node = waiting.pop(0)
            if node in seen:
                continue
            seen.add(node)
            asked.classes += [one for one in self._objects(node, _CLASS) if isinstance(one, NamedNode)]
            asked.datatypes |= {one for one in self._objects(node, SH.datatype) if isinstance(one, NamedNode)}
            is_iri = SH.IRI in self._objects(node, SH.nodeKind)
            asked.is_iri |= is_iri
            asked.is_address |= is_iri and any("http" in str(one) for one in self._objects(node, SH.pattern))
            for head in self._objects(node, _IN):
                asked.listed += [one for one in self._items(head) if isinstance(one, NamedNode)]
            for part in self._objects(node, SH.property):
                if self._path(part) == SKOS.inScheme:
                    asked.schemes += [one for one in self._objects(part, SH.hasValue) if isinstance(one, NamedNode)]
            waiting += self._objects(node, SH.node)
            for several in (_OR, _AND):
                waiting += [one for head in self._objects(node, several) for one in self._items(head)]
        return asked

    def _concepts(self, asked: _Constraints) -> tuple[NamedNode, ...]:
        """Return the concepts that are listed, or in the schemes that are asked for, without deprecated ones."""
        found = dict.fromkeys(asked.listed)
        for scheme in asked.schemes:
            quads = match(self._store, None, SKOS.inScheme, scheme, DefaultGraph())
            concepts = (quad.subject for quad in quads)
            found.update(dict.fromkeys(sorted((one for one in concepts if isinstance(one, NamedNode)), key=str)))
        return tuple(concept for concept in found if not is_deprecated(self._store, concept))

    def _kinds(self, classes: Iterable[NamedNode]) -> tuple[str, ...]:
        """Return the kinds, as IRIs have them, that things of some classes are of; of any kind without a class."""
        found = {kind for one in classes for kind in self._kinds_of_class(one)}
        return tuple(sorted(found.intersection(ns.ENTITY_TYPES))) or tuple(ns.ENTITY_TYPES)

    def _kinds_of_class(self, rdf_class: NamedNode) -> frozenset[str]:
        if rdf_class not in self._kinds_of:
            self._kinds_of[rdf_class] = frozenset(
                ns.kind_of(quad.subject.value)
                for one in closure(self._store, rdf_class, RDFS.subClassOf, is_inverse=True)
                for quad in islice(match(self._store, None, RDF.type, one, DefaultGraph()), _MOST_SEEN)
                if isinstance(quad.subject, NamedNode)
            )
        return self._kinds_of[rdf_class]

    def _may_be_said_of(self, predicate: NamedNode, rdf_class: NamedNode) -> bool:
        """Return True if the shapes let accounts of a class have a property."""
        classes = set(self._with_superclasses(rdf_class))
        return all(
            self._holds(node, classes) is not False
            for shape in self._subjects(SH.targetSubjectsOf, predicate)
            for part in self._objects(shape, SH.property)
            if self._path(part) == CD.accountOf
            for node in self._objects(part, SH.node)
        )

    def _holds(self, node: Term, classes: set[Term]) -> bool | None:
        """Return whether a node shape holds for things of some classes; None where more than these decides."""
        parts: list[bool | None] = [one in classes for one in self._objects(node, _CLASS)]
        parts += [self._holds(one, classes) for one in self._objects(node, SH.node)]
        for denied in self._objects(node, _NOT):
            inner = self._holds(denied, classes)
            parts.append(None if inner is None else not inner)
        for head in self._objects(node, _OR):
            inner_parts = [self._holds(one, classes) for one in self._items(head)]
            parts.append(True if True in inner_parts else None if None in inner_parts else False)
        return False if False in parts else None if None in parts or not parts else True

    def _with_superclasses(self, rdf_class: NamedNode) -> set[Term]:
        return closure(self._store, rdf_class, RDFS.subClassOf)

    def _path(self, shape: Term) -> NamedNode | None:
        """Return the property of a property shape, None if its path is longer."""
        path = next(iter(self._objects(shape, SH.path)), None)
        is_property = isinstance(path, NamedNode) and not any(match(self._store, path, None, None, graphs.SHAPES))
        return path if isinstance(path, NamedNode) and is_property else None

    def _order(self, shape: Term) -> tuple[float, float, str]:
        group = next(iter(self._objects(shape, SH.group)), None)
        of_group = self._decimal(group, SH.order) if group is not None else _LAST
        return of_group, self._decimal(shape, SH.order), str(shape)

    def _decimal(self, node: Term, predicate: NamedNode) -> float:
        return next((float(one.value) for one in self._objects(node, predicate) if isinstance(one, Literal)), _LAST)

    def _number(self, node: Term, predicate: NamedNode) -> int | None:
        return next((int(one.value) for one in self._objects(node, predicate) if isinstance(one, Literal)), None)

    def _texts(self, node: Term, predicate: NamedNode) -> tuple[str, str]:
        texts = [one for one in self._objects(node, predicate) if isinstance(one, Literal)]
        english = next((one.value for one in texts if one.language == "en"), texts[0].value if texts else "")
        return english, next((one.value for one in texts if (one.language or "").startswith("zh")), english)

    def _items(self, head: Term) -> list[Term]:
        return [*list_items(self._store, head, graphs.SHAPES)]

    def _objects(self, subject: Term, predicate: NamedNode) -> list[Term]:
        return [quad.object for quad in match(self._store, subject, predicate, None, graphs.SHAPES)]

    def _subjects(self, predicate: NamedNode, value: Term) -> Iterator[Term]:
        return (quad.subject for quad in match(self._store, None, predicate, value, graphs.SHAPES))


@once_per_snapshot
def fields_of(snapshot: Store) -> ShapeFields:
    """Return the fields that the shapes of a snapshot give, each read once."""
    return ShapeFields(snapshot)
