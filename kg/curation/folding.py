"""Fold findings: a report leaves out a finding that follows from another one, so that each fault is reported once.

The verdict does not change: a finding is folded into one that is kept and at least as severe, so that a report is empty
only if nothing was found. If a folded fault is still there after the corrections, the next report has it.
docs/decisions/gate.md says which findings count as one fault.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pyoxigraph import Literal, NamedNode
from rdflib import SH, Graph, URIRef

from kg.findings import Finding
from kg.queries import check_queries
from kg.rdf import namespaces as ns
from kg.rdf.change import Change

SEVERITIES = ("Violation", "Warning", "Info")
_ACCOUNT_OF, _STATED_IN = "cd:accountOf", "cd:statedIn"


@dataclass(frozen=True)
class FoldedFindings:
    """The findings of the checks and of SHACL that a report keeps, each in the order given.

    `into` has each finding that is left out, with the one that is kept for it, as both were before.
    """

    checks: tuple[Finding, ...]
    shapes: tuple[Finding, ...]
    into: tuple[tuple[Finding, Finding], ...]


def fold(checks: Sequence[Finding], found: Sequence[Finding], change: Change, shapes: Graph) -> FoldedFindings:
    """Fold findings that follow from a fault into the finding that reports it.

    `checks` are the findings of the checks on a change, `found` those of SHACL, by `shapes`, in the graph as it would
    be.
    """
    kept = _KeptFindings(_ChangedStatements(change, (*checks, *found)), shapes)
    before, after = ([one for one in checks if (one.step == "checks") == is_query] for is_query in (False, True))
    in_order = (*sorted(before, key=_causes_first), *sorted(found, key=kept.precedence), *after)
    into = [(finding, cause) for finding in in_order if (cause := kept.cause_or_keep(finding)) is not None]
    return FoldedFindings(tuple(kept.with_hints(checks)), tuple(kept.with_hints(found)), tuple(into))


def _causes_first(check: Finding) -> tuple[int, bool]:
    """Return a sort key: unknown names first, then statements against the policy, then all others."""
    order = ("vocabulary", "policy")
    return order.index(check.step) if check.step in order else len(order), check.path is None


class _ChangedStatements:
    """The statements of a change that findings are about, with prefixed names as in findings."""

    def __init__(self, change: Change, findings: Iterable[Finding]) -> None:
        named = {ns.expand(name) or name for one in findings for name in (one.focus, one.value) if name}
        self.touched: set[str] = set()
        self.values: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.uses: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self.subjects: dict[tuple[str, str], list[str]] = defaultdict(list)
        for quad in change.added | change.removed:
            assert isinstance(quad.subject, NamedNode)
            terms = quad.subject.value, quad.predicate.value, getattr(quad.object, "value", "")
            if not named.isdisjoint(terms):
                subject, predicate, value = map(ns.compact, terms)
                self.touched.add(subject)
                if quad in change.added:
                    self.values[subject, predicate].append("" if isinstance(quad.object, Literal) else value)
                    self.uses[predicate].append((subject, value))
                    self.subjects[predicate, value].append(subject)


class _KeptFindings:
    """The findings kept so far, indexed by what may follow from each."""

    def __init__(self, said: _ChangedStatements, shapes: Graph) -> None:
        self._statements = said
        self._shapes = shapes
        self._kept: dict[Finding, list[str]] = {}
        self._names: dict[str, Finding] = {}
        self._missing: dict[tuple[str, str], Finding] = {}
        self._about: dict[str, list[Finding]] = defaultdict(list)
        self._refused: dict[str, Finding] = {}
        self._of_touched: dict[tuple[str, str], Finding] = {}

    def with_hints(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Yield the kept ones among findings, with the hints of those folded into them for the same property."""
        for finding in dict.fromkeys(findings):
            if finding in self._kept:
                yield replace(finding, hint="; ".join(dict.fromkeys(filter(None, self._kept[finding]))))

    def precedence(self, finding: Finding) -> tuple[int, bool, bool, bool]:
        """Return the sort key of findings of SHACL, by which each comes after those that it may follow from."""
        path = names_in(finding.path)
        return (
            SEVERITIES.index(finding.severity),
            finding.focus not in self._statements.touched,
            finding.value is None,
            len(path) != 1 or "^" in str(finding.path),
        )

    def cause_or_keep(self, finding: Finding) -> Finding | None:
        """Return the kept finding that a finding follows from; if there is none, keep it and return None."""
        for cause in self._causes(finding):
            if SEVERITIES.index(cause.severity) <= SEVERITIES.index(finding.severity):
                if (cause.shape, cause.focus, cause.path) == (finding.shape, finding.focus, finding.path):
                    self._kept[cause].append(finding.hint)
                return cause
        self._keep(finding)
        return None

    def _keep(self, finding: Finding) -> None:
        self._kept[finding] = [finding.hint]
        if finding.focus is None:
            return
        self._about[finding.focus].append(finding)
        if finding.step == "policy" and finding.path is None and finding.severity == "Violation":
            self._refused.setdefault(finding.focus, finding)
        elif finding.step == "vocabulary":
            self._keep_unknown(finding, ns.compact(finding.value or finding.focus))
        elif finding.step == "evidence" and finding.value is None:
            for path in [finding.path] if finding.path else [_ACCOUNT_OF, _STATED_IN]:
                self._missing[finding.focus, path] = finding
        elif finding.step == "shapes" and finding.focus in self._statements.touched:
            self._of_touched.setdefault((finding.shape, finding.component), finding)

    def _keep_unknown(self, finding: Finding, name: str) -> None:
        """Keep a finding of an unknown name, or of a thing without a type."""
        self._names[name] = finding
        for thing in self._statements.subjects["rdf:type", name]:
            self._names[thing] = finding
        for subject, value in self._statements.uses[name] if finding.meant else ():
            self._missing[subject, finding.meant] = self._missing[value, finding.meant] = finding

    def _causes(self, finding: Finding) -> Iterator[Finding]:
        if finding.focus is None:
            return
        if finding.step != "policy" and finding.focus in self._refused:
            yield self._refused[finding.focus]  # no statement about it is allowed
        if finding.step in ("shapes", "evidence"):
            yield from self._missing_causes(finding)
        if finding.step in ("shapes", "identity"):
            yield from self._other_side(finding)
        if finding.step == "shapes":
            yield from self._unknown_causes(finding)
            yield from filter(None, (_same(kept, finding, self._statements) for kept in self._about[finding.focus]))
            yield from self._follows_path(finding)
        if finding.step in ("shapes", "checks"):
            yield from self._follows_query(finding)

    def _missing_causes(self, finding: Finding) -> Iterator[Finding]:
        """Yield findings that the same value is missing: of a check, or of a property that is probably misspelt."""
        if finding.value is not None:
            return
        of_relation = finding.step == "evidence" and finding.path is None
        for path in (_ACCOUNT_OF, _STATED_IN) if of_relation else names_in(finding.path):
            for node in (finding.focus, *self._statements.subjects[_ACCOUNT_OF, str(finding.focus)]):
                if node is not None and (node == finding.focus or path == _STATED_IN):
                    yield from filter(None, [self._missing.get((node, path))])

    def _unknown_causes(self, finding: Finding) -> Iterator[Finding]:
        """Yield findings that the value, its datatype, or a node on the path is unknown."""
        over = [finding.datatype] if finding.datatype else [finding.value] if finding.value else []
        for path in names_in(finding.path) if finding.value is None else ():
            over += self._statements.values[str(finding.focus), path]
        yield from (self._names[name] for name in over if name in self._names)

    def _follows_path(self, finding: Finding) -> Iterator[Finding]:
        """Yield findings about the first step of a sequence path."""
        if finding.value is None and "/" in str(finding.path) and "|" not in str(finding.path):
            first = names_in(finding.path)[0]
            yield from (kept for kept in self._about[str(finding.focus)] if kept.path == first)

    def _follows_query(self, finding: Finding) -> Iterator[Finding]:
        """Yield findings about a value that the query of a finding reads, or that its node is a duplicate."""
        query = self._query_of(finding)
        for kept in self._about[str(finding.focus)] if query else ():
            is_read = kept.value and kept.path and re.search(rf"(?<!\w){re.escape(kept.path)}(?!\w)", query)
            if is_read or (finding.step == "checks" and kept.step == "identity"):
                yield kept

    def _query_of(self, finding: Finding) -> str:
        """Return the text of the query of a finding, "" if it has none."""
        if finding.step == "checks":
            known = check_queries().get(finding.component)
            return "" if known is None else known.text
        if finding.component != "SPARQLConstraintComponent":
            return ""
        return str(self._shapes.value(URIRef(ns.expand(finding.shape) or finding.shape), SH.select) or "")

    def _other_side(self, finding: Finding) -> Iterator[Finding]:
        """Yield the same finding for the other one of two nodes that are wrong together, or for a related node."""
        if finding.value is not None:
            for kept in self._about.get(finding.value, ()):
                alike = (kept.shape, kept.component) == (finding.shape, finding.component)
                if kept.value == finding.focus and (alike or kept.step == "identity"):
                    yield kept
            for kept in self._about[str(finding.focus)] if finding.step == "shapes" else ():
                if kept.value == finding.value and kept.step == "identity":
                    yield kept
        elif finding.focus not in self._statements.touched and "^" in str(finding.path):
            yield from filter(None, [self._of_touched.get((finding.shape, finding.component))])


def _same(kept: Finding, finding: Finding, said: _ChangedStatements) -> Finding | None:
    """Return the kept finding if it is about the same statement, or about the only statement that there is.

    If a property has no value at all, any other value that it should have is missing, too.
    """
    if (kept.path, kept.component, finding.value) == (finding.path, "MinCountConstraintComponent", None):
        return kept
    if kept.path != finding.path or (kept.step == "shapes" and kept.message != finding.message):
        return None
    if kept.value == finding.value:
        return kept if kept.step == "shapes" or kept.value is not None else None
    alone = finding.value is None and len(said.values[str(finding.focus), str(finding.path)]) == 1
    return kept if alone and kept.shape == finding.shape else None


def names_in(path: str | None) -> list[str]:
    """Return the predicates of a path, in order."""
    return [name for name in re.split(r"[/|^()*+?!\s]+", path or "") if name]
