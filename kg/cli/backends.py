"""The two places where commands act: the data folder itself, or a running server. Both take and give the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from kg.cli.remote import RemoteGate, report_of
from kg.curation import Curation, Rationale, State, SubmissionReport
from kg.rdf import graphs
from kg.store import DataFolder
from kg.submissions import SubmittedText, read
from kg.submissions.checks import withdraws

Texts = Sequence[SubmittedText]
Answer = dict[str, Any]
"""What is answered of a change or a proposal, as over HTTP."""


@dataclass(frozen=True)
class LocalBackend:
    """A data folder, changed by a person of that name."""

    folder: DataFolder
    curation: Curation
    person: str

    def report(self, texts: Texts, graph: str) -> SubmissionReport:
        """Return what a change would do that adds and removes what texts say."""
        return self.curation.validation.report(read(texts, graphs.writable_graph(graph), store=self.folder.open()))

    def submit(self, texts: Texts, graph: str, rationale: Rationale) -> Answer:
        """Make a change; return the proposal that it becomes instead if it withdraws something."""
        iri, store = graphs.writable_graph(graph), self.folder.open()
        submission = read(texts, iri, store=store)
        if withdraws(submission.change, store):
            report = self.curation.validation.report(submission)
            return self.curation.propose_instead(texts, iri, rationale, self.person, report).as_dict()
        draft = rationale.draft(uuid4().hex, "submit", submission, self.person)
        return self.curation.told(self.curation.gate.commit(draft))

    def propose(self, texts: Texts, graph: str, rationale: Rationale) -> Answer:
        iri = graphs.writable_graph(graph)
        report = self.curation.validation.report(read(texts, iri, store=self.folder.open()))
        made = self.curation.propose(texts, iri, rationale, self.person, report)
        return made.as_dict() | {"findings": made.findings}

    def proposals(self, state: str) -> list[Answer]:
        """Return the latest proposals, those in one state or, for "", all."""
        page = self.curation.proposals.page(State(state) if state else None)
        return [proposal.as_dict() for proposal in page.proposals]

    def accept(self, number: int, acknowledged: bool) -> Answer:
        return self.curation.told(self.curation.accept(number, self.person, acknowledged))

    def refuse(self, number: int, reason: str) -> Answer:
        return self.curation.refuse(number, self.person, reason).as_dict()

    def withdraw(self, number: int, reason: str) -> Answer:
        return self.curation.withdraw(number, self.person, reason).as_dict()

    def revert(self, number: int, summary: str, acknowledged: bool) -> Answer:
        change_id = uuid4().hex
        return self.curation.told(
            self.curation.undo(number, change_id, agent=self.person, summary=summary, acknowledged=acknowledged)
        )


@dataclass(frozen=True)
class RemoteBackend:
    """A running server, changed by whoever its token is of."""

    gate: RemoteGate

    def report(self, texts: Texts, graph: str) -> SubmissionReport:
        return report_of(self.gate.post("/validate", {"graph": graph}, texts))

    def submit(self, texts: Texts, graph: str, rationale: Rationale) -> Answer:
        return self.gate.post("/changes", _parameters(rationale, graph), texts)

    def propose(self, texts: Texts, graph: str, rationale: Rationale) -> Answer:
        return self.gate.post("/proposals", _parameters(rationale, graph), texts)

    def proposals(self, state: str) -> list[Answer]:
        return list(self.gate.get("/proposals", {"state": state})["proposals"])

    def accept(self, number: int, acknowledged: bool) -> Answer:
        return self.gate.accept(number, _acknowledgement(acknowledged))

    def refuse(self, number: int, reason: str) -> Answer:
        return self.gate.post(f"/proposals/{number}/refuse", {"reason": reason})

    def withdraw(self, number: int, reason: str) -> Answer:
        return self.gate.post(f"/proposals/{number}/withdraw", {"reason": reason})

    def revert(self, number: int, summary: str, acknowledged: bool) -> Answer:
        return self.gate.post(f"/changes/{number}/revert", {"summary": summary} | _acknowledgement(acknowledged))


Backend = LocalBackend | RemoteBackend
"""Where a command acts."""


def _parameters(rationale: Rationale, graph: str) -> dict[str, str]:
    said = {"summary": rationale.summary, "source": rationale.source, "graph": graph}
    return said | _acknowledgement(rationale.acknowledged)


def _acknowledgement(seen: bool) -> dict[str, str]:
    return {"acknowledge": "yes"} if seen else {}
