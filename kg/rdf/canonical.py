"""Quads as the engine stores them: it writes numbers, dates and the like anew, so what is compared must be, too."""

from __future__ import annotations

from collections.abc import Sequence

from pyoxigraph import Literal, NamedNode, Quad, Store

from kg.rdf.vocabulary import RDF, XSD

_UNCHANGED = (XSD.string, RDF.langString)


def canonicalise(quads: Sequence[Quad]) -> list[Quad]:
    """Return the quads as the engine stores them, in their order: it rewrites numbers, dates and the like."""
    typed = [
        at
        for at, quad in enumerate(quads)
        if isinstance(quad.object, Literal) and quad.object.datatype not in _UNCHANGED
    ]
    store = Store()
    store.extend(Quad(NamedNode(f"urn:{at}"), quads[at].predicate, quads[at].object) for at in typed)
    stored = list(quads)
    for row in store:
        assert isinstance(row.subject, NamedNode)
        at = int(row.subject.value.removeprefix("urn:"))
        stored[at] = Quad(quads[at].subject, quads[at].predicate, row.object, quads[at].graph_name)
    return stored
