"""The two places where commands act: the data folder itself, or a running server. Both take and give the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol
from uuid import uuid4

from pyoxigraph import Store

from kg import change_documents, curating
from kg.curating import Words
from kg.desk import Desk
from kg.errors import BadValueError
from kg.faults import Fault, RefusedSubmissionError
from kg.gate import Gate
from kg.history import Record
from kg.judgements import Judgement
from kg.proposals import Proposals, State
from kg.remote_gate import RemoteGate, judgement_of
from kg.snapshots import DataFolder
from kg.standing import CurrentValidation, Progress
from kg.submissions import Submission, Text

Texts = Mapping[str, Text]
Told = dict[str, Any]


class Place(Protocol):
    """Where a command acts. What is told of changes and proposals is as over HTTP."""

    def judge(self, files: Mapping[str, Texts], removed: Texts, graph: str) -> Judgement:
        """Return what a change would do that adds the texts of files, by their names, and removes others."""

    def submit(self, texts: Texts, graph: str, words: Words) -> Told:
        """Make a change."""

    def propose(self, texts: Texts, graph: str, words: Words) -> Told:
        """Propose a change."""

    def proposals(self, state: str) -> list[Told]:
        """Return the latest proposals, those in one state or, for "", all."""

    def accept(self, number: int, acknowledged: bool) -> Told:
        """Make the change that a proposal wants."""

    def refuse(self, number: int, reason: str) -> Told:
        """Refuse a proposal."""

    def withdraw(self, number: int, reason: str) -> Told:
        """Withdraw a proposal."""

    def revert(self, number: int, summary: str, acknowledged: bool) -> Told:
        """Take a change back."""


@dataclass(frozen=True)
class Here:
    """The data folder, by a person of that name."""

    folder: DataFolder
    person: str
    progress: Progress

    def judge(self, files: Mapping[str, Texts], removed: Texts, graph: str) -> Judgement:
        """Return what a change would do that adds the texts of files, by their names, and removes others."""
        iri = curating.checked_graph(graph)
        texts = {**files, **({"--removed": removed} if removed else {})}
        store = self.folder.open()
        submissions = {name: _read(name, text, iri, store) for name, text in texts.items()}
        return curating.judge_files(submissions, store, CurrentValidation(self.folder, self.progress).judge)

    def submit(self, texts: Texts, graph: str, words: Words) -> Told:
        """Make a change."""
        submission = curating.submission_of(texts, curating.checked_graph(graph), self.folder.open())
        draft = words.draft(uuid4().hex, "submit", submission.change, self.person)
        with Gate(self.folder, progress=self.progress) as gate:
            return _told(gate, curating.make(gate, submission, draft))

    def propose(self, texts: Texts, graph: str, words: Words) -> Told:
        """Propose a change."""
        iri = curating.checked_graph(graph)
        store = self.folder.open()
        submission = curating.submission_of(texts, iri, store)
        found = curating.judge(submission, store, CurrentValidation(self.folder, self.progress).judge)
        made = curating.propose(self._proposals(), texts, iri, words, who=self.person, found=found)
        return made.as_dict() | {"findings": made.findings}

    def proposals(self, state: str) -> list[Told]:
        """Return the latest proposals, those in one state or, for "", all."""
        page = self._proposals().page(State(state) if state else None)
        return [proposal.as_dict() for proposal in page.proposals]

    def accept(self, number: int, acknowledged: bool) -> Told:
        """Make the change that a proposal wants."""
        with Gate(self.folder, progress=self.progress) as gate:
            return _told(gate, curating.accept(gate, self._proposals(), number, self.person, acknowledged))

    def refuse(self, number: int, reason: str) -> Told:
        """Refuse a proposal."""
        with Gate(self.folder, progress=self.progress) as gate:
            return curating.refuse(gate, self._proposals(), number, self.person, reason).as_dict()

    def withdraw(self, number: int, reason: str) -> Told:
        """Withdraw a proposal."""
        with Gate(self.folder, progress=self.progress) as gate:
            return curating.withdraw(gate, self._proposals(), number, self.person, reason).as_dict()

    def revert(self, number: int, summary: str, acknowledged: bool) -> Told:
        """Take a change back."""
        with Gate(self.folder, progress=self.progress) as gate:
            record = curating.undo(
                gate, number, uuid4().hex, who=self.person, summary=summary, acknowledged=acknowledged
            )
            return _told(gate, record)

    def _proposals(self) -> Proposals:
        return Proposals(Desk(self.folder.path))


@dataclass(frozen=True)
class Elsewhere:
    """A running server, by whoever its token is of."""

    gate: RemoteGate

    def judge(self, files: Mapping[str, Texts], removed: Texts, graph: str) -> Judgement:
        """Return what a change would do; a server takes one file at a time. Raises BadValueError for more."""
        if len(files) > 1:
            raise BadValueError("A server validates one file at a time.", "Name one file, or leave out --server.")
        texts = next(iter(files.values()), {})
        said = self.gate.post("/validate", {"graph": graph}, {**texts, **removed})
        return judgement_of([Fault(**finding) for finding in said["findings"]])

    def submit(self, texts: Texts, graph: str, words: Words) -> Told:
        """Make a change."""
        return self.gate.post("/changes", _stated(words, graph), texts)

    def propose(self, texts: Texts, graph: str, words: Words) -> Told:
        """Propose a change."""
        return self.gate.post("/proposals", _stated(words, graph), texts)

    def proposals(self, state: str) -> list[Told]:
        """Return the latest proposals, those in one state or, for "", all."""
        return list(self.gate.get("/proposals", {"state": state})["proposals"])

    def accept(self, number: int, acknowledged: bool) -> Told:
        """Make the change that a proposal wants."""
        return self.gate.post(f"/proposals/{number}/accept", _acknowledged(acknowledged))

    def refuse(self, number: int, reason: str) -> Told:
        """Refuse a proposal."""
        return self.gate.post(f"/proposals/{number}/refuse", {"reason": reason})

    def withdraw(self, number: int, reason: str) -> Told:
        """Withdraw a proposal."""
        return self.gate.post(f"/proposals/{number}/withdraw", {"reason": reason})

    def revert(self, number: int, summary: str, acknowledged: bool) -> Told:
        """Take a change back."""
        return self.gate.post(f"/changes/{number}/revert", {"summary": summary} | _acknowledged(acknowledged))


def _read(name: str, texts: Texts, graph: str, store: Store) -> Submission:
    """Return what a file says. Raises RefusedSubmissionError whose faults name the file."""
    try:
        return curating.submission_of(texts, graph, store)
    except RefusedSubmissionError as error:
        raise RefusedSubmissionError([replace(fault, file=name) for fault in error.faults]) from error


def _told(gate: Gate, record: Record) -> Told:
    return change_documents.summary(record) | {"revision": gate.build.revision_of(record.number), "hash": record.hash}


def _stated(words: Words, graph: str) -> dict[str, str]:
    return {"summary": words.summary, "source": words.source, "graph": graph} | _acknowledged(words.acknowledged)


def _acknowledged(seen: bool) -> dict[str, str]:
    return {"acknowledge": "yes"} if seen else {}
