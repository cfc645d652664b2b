"""Check that a submission says only what may come in through the gate: curated graphs, things of ours, safe text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Quad

from kg import namespaces as ns
from kg.after_change import AfterChange, graph_of, subject_of, value_of
from kg.faults import Fault
from kg.skolemising import GENID

FOLLOWS_BY_RULE = {
    "party": "the way of taking part, such as cd:twin, cd:member or cd:participant",
    "twinnedWith": "a cd:Twinning with two cd:twin, and its cd:Account",
    "currentlyTwinnedWith": "a cd:Twinning with two cd:twin, and its cd:Account with a cd:status",
    "memberOf": "a cd:Membership with cd:member and cd:network, and its cd:Account with a cd:role",
    "hasMember": "a cd:Membership with cd:member and cd:network, and its cd:Account with a cd:role",
}
"""Properties that the rules draw, each with what to state instead."""

_SCHEMES = re.compile(r"(?:https?://[^/]|urn:[a-z0-9]|mailto:[^/])", re.IGNORECASE)
_BAD_IN_TEXT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff"
    "\U000f0000-\U0010ffff]"
)
BAD_IN_IRI = re.compile(_BAD_IN_TEXT.pattern[:-1] + "\u00ad\u200b-\u200f\u2028\u2029\u2060-\u2064\ufeff]")
_OWL, _RDFS, _SH, _SKOS = (ns.PREFIXES[prefix] for prefix in ("owl", "rdfs", "sh", "skos"))
_SAME_AS = NamedNode(_OWL + "sameAs")
_OF_TERMS = {
    *(f"{_RDFS}{name}" for name in ("subClassOf", "subPropertyOf", "domain", "range", "isDefinedBy")),
    *(f"{_SKOS}{name}" for name in ("broader", "narrower", "inScheme", "topConceptOf", "hasTopConcept", "member")),
    *(f"{_SKOS}{name}" for name in ("broaderTransitive", "narrowerTransitive")),
}
_DEPRECATED = _OWL + "deprecated"


def check_policy(after: AfterChange) -> Iterator[tuple[Quad, Fault]]:
    """Yield a fault for each quad that may not be added or removed, with the quad."""
    change = after.change
    for quad in change.removed:
        if not ns.CURATED_GRAPH.fullmatch(graph_of(quad).value):
            hint = "Report an error instead; what curators have added in graph/curated/… can be removed."
            message, zh = "This is stated by the files, and not removed here.", "该陈述来自文件，不能在此删除。"
            yield quad, _fault(message, zh, hint, quad)
    for quad in change.added:
        for check in (_graph, _subject, _predicate, _schema, _iris, _text):
            if (fault := check(quad)) is not None:
                yield quad, fault
                break


def _graph(quad: Quad) -> Fault | None:
    if ns.CURATED_GRAPH.fullmatch(graph_of(quad).value):
        return None
    message = f"{_shown(graph_of(quad).value)} cannot be written: all but the curated graphs comes from files."
    zh = f"{_shown(graph_of(quad).value)} 不可写入：只有 curated 图可以修改。"
    return _fault(message, zh, "Write to graph/curated/<source>, such as graph/curated/leeds-city-council.", quad)


def _subject(quad: Quad) -> Fault | None:
    iri = subject_of(quad).value
    if iri.startswith((ns.ID, GENID)):
        return None
    if iri.startswith((ns.BASE + "changes", ns.HISTORY.value)):
        message, zh = "The history is written by the gate alone.", "历史记录只由系统写入。"
        return _fault(message, zh, "Say why in the summary of your change.", quad)
    if iri.startswith(ns.BASE):
        message, zh = (
            "Terms, vocabularies, shapes, queries and graphs are changed as files.",
            "术语、词表、形状、查询和图只能通过文件修改。",
        )
        return _fault(message, zh, "Propose the change to the maintainers; state facts of things below id/.", quad)
    message, zh = "The subject is none of ours.", "主语不是我们的 IRI。"
    hint = f"Give the thing an IRI such as {ns.ID}city/…, and link to the other by schema:sameAs."
    return _fault(message, zh, hint, quad)


def _predicate(quad: Quad) -> Fault | None:
    local = quad.predicate.value.removeprefix(ns.CD)
    if quad.predicate.value.startswith(ns.CD) and local in FOLLOWS_BY_RULE:
        message, zh = f"cd:{local} follows by rule and is not stated.", f"cd:{local} 由规则推出，不直接陈述。"
        return _fault(message, zh, f"State {FOLLOWS_BY_RULE[local]}.", quad)
    if quad.predicate == _SAME_AS:
        message, zh = "owl:sameAs would make two things one.", "owl:sameAs 会把两个事物合为一个。"
        return _fault(message, zh, "Link to the same thing elsewhere by schema:sameAs.", quad)
    return None


def _schema(quad: Quad) -> Fault | None:
    predicate = quad.predicate.value
    kind = quad.object.value if quad.predicate == ns.RDF_TYPE and isinstance(quad.object, NamedNode) else ""
    defines = predicate.startswith((_OWL, _SH)) and predicate != _DEPRECATED
    if not (defines or predicate in _OF_TERMS or kind.startswith((_OWL, _RDFS, _SH, f"{_SKOS}Concept"))):
        return None
    message, zh = "This defines a term; terms are changed as files.", "这是对术语的定义；术语只能通过文件修改。"
    return _fault(message, zh, "State facts of things below id/ with the terms that are there.", quad)


def _iris(quad: Quad) -> Fault | None:
    value = value_of(quad)
    for term in (subject_of(quad), quad.predicate, value.datatype if isinstance(value, Literal) else value):
        if not _SCHEMES.match(term.value):
            message = f"{_shown(term.value)} is not an address that can be looked up."
            zh = f"{_shown(term.value)} 不是可以查阅的地址。"
            return _fault(message, zh, "IRIs begin with https://, http://, urn: or mailto:.", quad)
        if BAD_IN_IRI.search(term.value):
            message, zh = "An IRI holds invisible or private characters.", "IRI 含有不可见或私用字符。"
            return _fault(message, zh, "Write it anew by hand.", quad)
    return None


def _text(quad: Quad) -> Fault | None:
    if not isinstance(quad.object, Literal) or not (found := _BAD_IN_TEXT.search(quad.object.value)):
        return None
    code = f"U+{ord(found[0]):04X}"
    message = f"The text holds {code}, a control, private or direction-changing character."
    return _fault(
        message, f"文本含有控制、私用或改变书写方向的字符 {code}。", "Take it out, or write the text anew.", quad
    )


def _fault(message: str, message_zh: str, hint: str, quad: Quad) -> Fault:
    return Fault(
        "policy",
        "Violation",
        message,
        message_zh,
        focus=_shown(subject_of(quad).value),
        path=_shown(quad.predicate.value),
        value=_shown(value_of(quad).value),
        hint=hint,
    )


def _shown(iri: str) -> str:
    """Return an IRI or text to be shown: short, with an escape for each character that would not show."""
    name = ns.compact(iri)
    name = name if len(name) <= 100 else name[:99] + "…"
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in name)
