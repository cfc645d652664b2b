"""Read what is written in a form back from statements of the graph, to be edited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypedDict

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.labels import english_label
from kg.rdf.lookup import Term, match, nodes_with, parse_iri
from kg.rdf.serialise import lines_of
from kg.rdf.shape_fields import Field
from kg.rdf.vocabulary import CD, DCTERMS, RDF
from kg.readings import Reading
from kg.tables.forms.declarations import FORMS, Form
from kg.tables.forms.filling import curated_statements
from kg.tables.forms.missing import MissingPart, missing_of
from kg.tables.things import THING_CLASSES

Written = dict[str, list[str]]
_Facts = Mapping[Term, Mapping[NamedNode, Sequence[Term]]]
_SERVING = ("reference", "citation", "geometry")
"""Kinds of nodes that say nothing by themselves, and go with what alone mentions them."""


class WrittenForm(TypedDict):
    """A form by its name, and what is written in it; `node` is the account or finding that it is of."""

    form: str
    given: Written
    node: str
    stated: list[str]
    """The statements about it, as lines of N-Quads."""
    is_curated: bool


class Withdrawal(TypedDict):
    """What curators can withdraw at once: a thing as a whole, or what one source says of it; `node` is its IRI."""

    node: str
    source: str
    """The name of the source that states it, such as source:geonames; may be empty."""
    is_whole: bool
    graph: str
    stated: list[str]
    """The statements that go, as lines of N-Quads."""


class AboutThing(TypedDict):
    """What can be done about a thing: forms of what is said of it, its ties, curated statements, and what it lacks."""

    said: list[WrittenForm]
    ties: list[str]
    """The IRIs of the ties that it is a party of, which have forms of their own."""
    curated: list[str]
    withdrawals: list[Withdrawal]
    is_of_files: bool
    """True if the files state it, so that it is not withdrawn here."""
    missing: list[MissingPart]


@Reading
def about_thing(store: Store, iri: str) -> AboutThing:
    """Return what can be done about a thing; nothing about what cannot be an IRI."""
    if (thing := parse_iri(iri)) is None:
        return AboutThing(said=[], ties=[], curated=[], withdrawals=[], is_of_files=False, missing=[])
    accounts = [quad.subject for quad in match(store, None, CD.accountOf, thing, DefaultGraph())]
    quads = (quad for node in (thing, *accounts) for quad in match(store, node))
    stated = [quad for quad in quads if graphs.is_curated_graph(quad.graph_name)]
    kinds = {form.tie.kind for form in FORMS.values() if form.tie is not None}
    named = {node.value for node in nodes_with(store, None, thing, None)}
    return AboutThing(
        said=_forms_about(store, thing),
        ties=sorted(one for one in named if ns.kind_of(one) in kinds),
        curated=[*lines_of(stated)],
        withdrawals=_withdrawals(store, thing),
        is_of_files=_is_of_files(store, thing),
        missing=missing_of(store, thing),
    )


def _withdrawals(store: Store, thing: NamedNode) -> list[Withdrawal]:
    """Return what can be withdrawn of a thing: all of it, if only curators state it; of several sources each."""
    accounts = [quad.subject for quad in match(store, None, CD.accountOf, thing, DefaultGraph())]
    by_account = {one: own for one in accounts if (own := _own_statements(store, [one]))}
    sources = {source_in(own) for own in by_account.values()}
    own = _own_statements(store, [thing, *accounts])
    whole = [_withdrawal(thing, own, is_whole=True)] if own and not _is_of_files(store, thing) else []
    if whole and len(sources) < 2:
        return whole
    return [*whole, *(_withdrawal(one, by_account[one], is_whole=False) for one in sorted(by_account, key=str))]


def _withdrawal(node: Term, own: Iterable[Quad], is_whole: bool) -> Withdrawal:
    stated = sorted(own, key=str)
    graph = next((one.graph_name for one in stated if one.subject == node), stated[0].graph_name)
    return Withdrawal(
        node=_value(node),
        source=source_in(stated),
        is_whole=is_whole,
        graph=str(getattr(graph, "value", "")),
        stated=[*lines_of(stated)],
    )


def _own_statements(store: Store, nodes: Iterable[Term]) -> set[Quad]:
    """Return what curators state of some nodes, and of what serves these alone, such as their geometries."""
    found: set[Quad] = set()
    waiting = [*nodes]
    seen = {*waiting}
    while waiting:
        stated = [quad for quad in match(store, waiting.pop()) if graphs.is_curated_graph(quad.graph_name)]
        found.update(stated)
        for other in {quad.object for quad in stated if ns.kind_of(_value(quad.object)) in _SERVING} - seen:
            if {quad.subject for quad in match(store, None, None, other, DefaultGraph())} <= seen:
                seen.add(other)
                waiting.append(other)
    return found


def _is_of_files(store: Store, thing: NamedNode) -> bool:
    return any(graphs.is_from_files(quad.graph_name) for quad in match(store, thing, RDF.type))


def _forms_about(store: Store, thing: NamedNode) -> list[WrittenForm]:
    """Return the forms of what is said of a tie, by account, or of an account or finding: curated ones can be edited.

    What a passage of a work says is never changed: its form has no source, so that another one says otherwise. A thing
    that curators state is edited in the form of its kind.
    """
    accounts = {quad.subject for quad in match(store, None, CD.accountOf, thing, DefaultGraph())}
    found = []
    for node in sorted(accounts, key=str) or [thing]:
        stated = [quad for quad in match(store, node) if quad.graph_name not in graphs.NOT_STATED]
        lines = [*lines_of(stated)]
        ties = {quad.object for quad in stated if quad.predicate == CD.accountOf}
        stated += [quad for tie in ties for quad in match(store, tie) if quad.graph_name not in graphs.NOT_STATED]
        is_curated = any(quad.subject == node and graphs.is_curated_graph(quad.graph_name) for quad in stated)
        for form in FORMS.values():
            if not isinstance(node, NamedNode):
                continue
            of_form = curated_statements(store, node) if form.kinds else stated
            if _subject(form, facts := _facts(of_form)):
                given = _written(store, form, facts)
                if is_curated:
                    given |= {"edits": [ns.compact(node.value)], "source": [source_in(of_form)]}
                else:
                    usual = {one.value.rpartition("#")[2] for one in form.open}
                    given = {key: texts for key, texts in given.items() if key.partition("-")[0] in usual}
                found.append(
                    WrittenForm(form=form.name, given=given, node=node.value, stated=lines, is_curated=is_curated)
                )
                break
    return found


def source_in(quads: Iterable[Quad]) -> str:
    """Return the name of the source that states some quads, such as source:geonames; empty without one."""
    stated = sorted(quads, key=str)
    named = [one.object for one in stated if one.predicate in (CD.statedIn, DCTERMS.source)]
    named += [one.subject for one in stated]
    found = [one for one in named if isinstance(one, NamedNode) and ns.kind_of(one.value) in ("source", "publication")]
    of_graphs = {str(getattr(one.graph_name, "value", "")).rpartition("/")[2] for one in stated}
    return ns.compact(max(found, key=lambda one: one.value.rpartition("/")[2] in of_graphs).value) if found else ""


def _facts(quads: Iterable[Quad]) -> _Facts:
    found: dict[Term, dict[NamedNode, list[Term]]] = {}
    for subject, predicate, value in sorted({(one.subject, one.predicate, one.object) for one in quads}, key=str):
        found.setdefault(subject, {}).setdefault(predicate, []).append(value)
    return found


def _subject(form: Form, facts: _Facts) -> NamedNode | None:
    """Return the thing that a form adds, or is about: the one of its class, or the tie of its kind."""
    classes = {THING_CLASSES[kind] for kind in form.kinds} or {form.rdf_class}
    return next(
        (
            one
            for one, of in facts.items()
            if isinstance(one, NamedNode)
            and not classes.isdisjoint(of.get(RDF.type, ()))
            and (form.tie is None or ns.kind_of(one.value) == form.tie.kind)
        ),
        None,
    )


def _written(store: Store, form: Form, facts: _Facts) -> Written:
    """Return the texts of the inputs of a form that comes to some statements."""
    subject = _subject(form, facts)
    account = next((one for one, of in facts.items() if CD.accountOf in of), None)
    written: Written = {}
    for field in form.fields(store):
        of = facts.get((account if field.is_of_account else subject) or RDF.nil, {})
        values = sorted(of.get(field.predicate, ()), key=lambda one: (getattr(one, "language", "") or "", str(one)))
        for number, value in enumerate(values if field.predicate not in form.derived else (), 1):
            written |= _input(store, field, f"{field.name}-{number}", value)
    if form.kinds and subject is not None:
        written["type-1"] = [ns.compact(_value(facts[subject][RDF.type][0]))]
    return written


def _input(store: Store, field: Field, key: str, value: Term) -> Written:
    """Return the text of an input: a name, or what is written."""
    if field.predicate == CD.within and ns.kind_of(_value(value)) == "country":
        named = NamedNode(_value(value))
        return {key: [english_label(store, named) or ns.compact(named.value)]}
    is_name = isinstance(value, NamedNode) and field.kind != "address"
    return {key: [ns.compact(_value(value)) if is_name else _value(value)]}


def _value(term: Term) -> str:
    return term.value if isinstance(term, NamedNode | Literal) else ""
