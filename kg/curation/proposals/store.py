"""Store drafts and proposals of contributors, as they were sent, until a curator decides on them.

An open proposal is accepted, refused or withdrawn once. A decision is a compare-and-set: the second one fails.

A draft is a proposal that its author has not made yet: others cannot see it, and it may hold any text. One that is
discarded leaves its number behind, without an author, and cannot be seen any more.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from kg.accounts import Database
from kg.curation.proposals.imported import ImportedChange
from kg.errors import BadValueError, CityKgError, DataFolderError
from kg.history import History, Record
from kg.rdf.change import Change
from kg.rdf.serialise import lines_of

_COLUMNS = (
    "number, proposer, summary, source, graph, media_type, findings, submitted, state, reviewer, reason, decided, "
    "change"
)
_PART = "-part-"
LONGEST_NOTE = 2_000
"""Characters of a question or an answer."""
_HIGHEST_NUMBER = (1 << 63) - 1
"""The largest integer of SQLite; an address may hold a larger number."""


class ProposalState(StrEnum):
    """The state of a proposal."""

    DRAFT = "draft"
    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class NoSuchProposalError(CityKgError):
    """There is no proposal with that number."""

    title = "There is no such thing"

    def __init__(self, number: int) -> None:
        super().__init__(f"There is no proposal {number}.", "The list of proposals shows which there are.")


class NotTheProposerError(CityKgError):
    """Only its proposer can withdraw a proposal."""

    title = "The proposal is not yours"


class NotADraftError(CityKgError):
    """What is to be changed, discarded or proposed was proposed already."""

    title = "The draft was proposed already"

    def __init__(self, proposal: Proposal) -> None:
        super().__init__(
            f"Draft {proposal.number} was proposed already; the proposal is {proposal.state}.",
            "Withdraw it, and keep another draft, to say something else.",
        )


class DraftChangedError(CityKgError):
    """A draft is another one than that which its author read."""

    title = "The draft was changed"

    def __init__(self, number: int) -> None:
        super().__init__(
            f"Draft {number} was changed since you read it, in another window or by a program, so nothing was done.",
            "Read it again, and send what you want of it with its new ETag in If-Match.",
        )


class AlreadyDecidedError(CityKgError):
    """The proposal is no longer open; `proposal` has the decision."""

    title = "The proposal is decided already"

    def __init__(self, proposal: Proposal) -> None:
        outcome = f"It is change {proposal.change}." if proposal.change is not None else "It can be made again, anew."
        because = f": {proposal.reason}" if proposal.reason else ""
        super().__init__(
            f"Proposal {proposal.number} was {proposal.state} by {proposal.reviewer} at {proposal.decided}{because}",
            outcome,
        )
        self.proposal = proposal


@dataclass(frozen=True)
class NewProposal:
    """A new proposal: the IRIs of its source and of the graph to change, the bytes as sent, and the findings."""

    proposer: str
    summary: str
    source: str
    graph: str
    media_type: str
    body: bytes
    findings: Sequence[dict[str, Any]] = ()


@dataclass(frozen=True)
class Proposal:
    """A proposal without its bytes (`Proposals.body`). Times are xsd:dateTime in UTC.

    `reviewer` decided on it (the proposer, if it was withdrawn), `change` is the number of the change it became.
    """

    number: int
    proposer: str
    summary: str
    source: str
    graph: str
    media_type: str
    findings: list[dict[str, Any]]
    submitted: str
    state: ProposalState
    reviewer: str | None
    reason: str | None
    decided: str | None
    change: int | None

    @property
    def change_id(self) -> str:
        """The id of the change that it becomes; it has the time, since a new database gives the same numbers again."""
        return f"proposal-{self.number}-{self.submitted}"

    def part_id(self, part: Change) -> str:
        """Return the id of the change that a part of it becomes."""
        lines = "\n".join([*lines_of(part.added), "", *lines_of(part.removed)])
        return f"{self.change_id}{_PART}{hashlib.sha256(lines.encode()).hexdigest()[:12]}"

    def as_dict(self) -> dict[str, Any]:
        """Return its description in lists, for JSON."""
        return {
            "number": self.number,
            "address": f"/proposals/{self.number}",
            "state": self.state,
            "kind": "import" if self.media_type == ImportedChange.MEDIA_TYPE else "text",
            "summary": self.summary,
            "source": self.source,
            "graph": self.graph,
            "proposer": self.proposer,
            "submitted": self.submitted,
            "reviewer": self.reviewer,
            "reason": self.reason,
            "decided": self.decided,
            "change": f"/changes/{self.change}" if self.change is not None else None,
        }


@dataclass(frozen=True)
class Note:
    """A question or an answer about a proposal, or about what it says of a `thing`; its text.

    Or that a part of it became a `change`; then the text has the subjects of that part, a line each. A part that was
    refused has the reason in the first line, and `REFUSED` in place of the change.
    """

    REFUSED: ClassVar = 0

    author: str
    at: str
    thing: str
    text: str
    change: int | None = None

    @property
    def subjects(self) -> list[str]:
        """The IRIs of the subjects of a part that became a change, or was refused."""
        return self.text.split("\n")[self.change == self.REFUSED :] if self.change is not None else []

    @property
    def reason(self) -> str:
        """The reason for which a part was refused, empty for other notes."""
        return self.text.partition("\n")[0] if self.change == self.REFUSED else ""

    @property
    def in_words(self) -> str:
        """What was asked or answered, or decided on a part."""
        if self.change is None:
            return self.text
        return (
            f"rejected a part of it: {self.reason}" if self.reason else f"accepted a part of it, change {self.change}"
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the note for JSON."""
        said: dict[str, Any]
        if self.reason:
            said = {"refused": self.reason, "subjects": self.subjects}
        elif self.change is not None:
            said = {"change": f"/changes/{self.change}", "subjects": self.subjects}
        else:
            said = {"text": self.text} | ({"thing": self.thing} if self.thing else {})
        return {"author": self.author, "at": self.at, **said}


@dataclass(frozen=True)
class ProposalPage:
    """A page of proposals, newest first, and the total number."""

    proposals: list[Proposal]
    total: int


class Proposals:
    """The proposals of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, new: NewProposal, state: ProposalState = ProposalState.OPEN) -> Proposal:
        """Store a proposal, or a draft, under the next number; numbers are never used twice."""
        with self._database.writing() as connection:
            cursor = connection.execute(
                "INSERT INTO proposals (proposer, summary, source, graph, media_type, body, findings, submitted, state)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    new.proposer,
                    new.summary,
                    new.source,
                    new.graph,
                    new.media_type,
                    new.body,
                    json.dumps(list(new.findings), ensure_ascii=False),
                    self._database.now(),
                    state,
                ),
            )
            return _read_proposal(connection, cursor.lastrowid or 0, new.proposer)

    def get(self, number: int, reader: str = "") -> Proposal:
        """Return a proposal; a draft only if its author is the reader. Raises NoSuchProposalError."""
        with self._database.reading() as connection:
            return _read_proposal(connection, number, reader)

    def draft(self, number: int, author: str, tag: str | None = None) -> Proposal:
        """Return a draft of an author. Raises as `change_draft` does."""
        with self._database.reading() as connection:
            return _read_draft(connection, number, author, tag)

    def tag(self, number: int, reader: str) -> str:
        """Return a text that is another one after every change of a proposal: the seal of its row. Raises as `get`."""
        with self._database.reading() as connection:
            _read_proposal(connection, number, reader)
            return _read_tag(connection, number)

    def change_draft(self, number: int, new: NewProposal, tag: str | None = None) -> Proposal:
        """Replace all of a draft of the author of `new`, which has this `tag`, None for any.

        Raises NoSuchProposalError for a draft of others, NotTheProposerError, NotADraftError, DraftChangedError.
        """
        with self._database.writing() as connection:
            _read_draft(connection, number, new.proposer, tag)
            connection.execute(
                "UPDATE proposals SET summary = ?, source = ?, graph = ?, media_type = ?, body = ?, submitted = ?"
                " WHERE number = ?",
                (new.summary, new.source, new.graph, new.media_type, new.body, self._database.now(), number),
            )
            return _read_proposal(connection, number, new.proposer)

    def discard_draft(self, number: int, author: str, tag: str | None = None) -> None:
        """Forget a draft. Raises as `change_draft` does."""
        with self._database.writing() as connection:
            _read_draft(connection, number, author, tag)
            connection.execute(
                "UPDATE proposals SET proposer = '', summary = '', source = '', graph = '', media_type = '', body = x''"
                " WHERE number = ?",
                (number,),
            )

    def propose_draft(self, number: int, new: NewProposal, tag: str) -> Proposal:
        """Make a proposal of a draft, with the rationale and the findings of `new`. Raises as `change_draft` does."""
        with self._database.writing() as connection:
            _read_draft(connection, number, new.proposer, tag)
            findings = json.dumps(list(new.findings), ensure_ascii=False)
            connection.execute(
                "UPDATE proposals SET summary = ?, source = ?, findings = ?, submitted = ?, state = ? WHERE number = ?",
                (new.summary, new.source, findings, self._database.now(), ProposalState.OPEN, number),
            )
            return _read_proposal(connection, number)

    def get_open(self, number: int) -> Proposal:
        """Return an open proposal. Raises NoSuchProposalError, AlreadyDecidedError."""
        with self._database.reading() as connection:
            return _read_open_proposal(connection, number)

    def body(self, number: int, reader: str = "") -> bytes:
        """Return the bytes of a proposal as they were sent; their type is its `media_type`.

        Raises NoSuchProposalError, also for a draft of another than the reader.
        """
        with self._database.reading() as connection:
            _read_proposal(connection, number, reader)
            row = connection.execute("SELECT body FROM proposals WHERE number = ?", (number,)).fetchone()
        return bytes(row["body"])

    def find(self, media_type: str, body: bytes) -> Proposal | None:
        """Return the first proposal with these bytes, None if there is none; drafts do not count."""
        with self._database.reading() as connection:
            row = connection.execute(
                f"SELECT {_COLUMNS} FROM proposals WHERE media_type = ? AND body = ? AND state != ? ORDER BY number",
                (media_type, body, ProposalState.DRAFT),
            ).fetchone()
        return _proposal(row) if row else None

    def page(
        self,
        state: ProposalState | None = None,
        limit: int = 50,
        offset: int = 0,
        *,
        author: str | None = None,
        is_import: bool | None = None,
        oldest_first: bool = False,
    ) -> ProposalPage:
        """Return up to `limit` proposals after the first `offset` ones, in one state or in any, newest first.

        With an `author`, only theirs; those that are of imports, or that are not. Drafts are in none but the pages of
        drafts of an author.
        """
        where, values = _selection(state, author, is_import)
        order = "ASC" if oldest_first else "DESC"
        with self._database.reading() as connection:
            total = connection.execute(f"SELECT count(*) FROM proposals {where}", values).fetchone()[0]
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM proposals {where} ORDER BY number {order} LIMIT ? OFFSET ?",
                [*values, limit, offset],
            ).fetchall()
        return ProposalPage([_proposal(row) for row in rows], total)

    def notes(self, number: int) -> list[Note]:
        """Return the notes on a proposal, oldest first."""
        with self._database.reading() as connection:
            return _read_notes(connection, number)

    def ask(self, number: int, author: str, text: str, thing: str = "") -> Note:
        """Keep a question about an open proposal, or an answer. Raises BadValueError as `get_open` does."""
        text = text.strip()
        if not 0 < len(text) <= LONGEST_NOTE:
            raise BadValueError(f"A question or an answer has 1 to {LONGEST_NOTE:,} characters.", "Write text=…")
        with self._database.writing() as connection:
            _read_open_proposal(connection, number)
            return self._note(connection, number, Note(author, self._database.now(), thing, text))

    def note_part(self, number: int, record: Record) -> None:
        """Note that a part of a proposal became a change, if that is not noted yet."""
        subjects = sorted({line.partition(" ")[0].strip("<>") for line in (*record.added, *record.removed)})
        note = Note(record.reviewer or record.agent, self._database.now(), "", "\n".join(subjects), record.number)
        with self._database.writing() as connection:
            if record.number not in {one.change for one in _read_notes(connection, number)}:
                self._note(connection, number, note)

    def _note(self, connection: sqlite3.Connection, number: int, note: Note) -> Note:
        connection.execute(
            "INSERT INTO proposal_notes (proposal, position, author, at, thing, text, change)"
            " SELECT ?, count(*), ?, ?, ?, ?, ? FROM proposal_notes WHERE proposal = ?",
            (number, note.author, note.at, note.thing, note.text, note.change, number),
        )
        return note

    def all_open(self) -> list[Proposal]:
        """Return the open proposals, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM proposals WHERE state = ? ORDER BY number", (str(ProposalState.OPEN),)
            ).fetchall()
        return [_proposal(row) for row in rows]

    def accept(self, number: int, reviewer: str, change: int) -> Proposal:
        """Note that a proposal became a change. Raises NoSuchProposalError, AlreadyDecidedError."""
        return self._decide(number, ProposalState.ACCEPTED, reviewer, change=change)

    def refuse(self, number: int, reviewer: str, reason: str) -> Proposal:
        """Refuse a proposal for a reason.

        Raises BadValueError without a reason, NoSuchProposalError, AlreadyDecidedError.
        """
        return self._decide(number, ProposalState.REFUSED, reviewer, _require_reason(reason))

    def refuse_part(self, number: int, reviewer: str, reason: str, subjects: Collection[str]) -> Proposal:
        """Note that what an open proposal says of some subjects is refused for a reason. Raises as `refuse`."""
        text = "\n".join((_require_reason(reason), *sorted(subjects)))
        with self._database.writing() as connection:
            proposal = _read_open_proposal(connection, number)
            self._note(connection, number, Note(reviewer, self._database.now(), "", text, Note.REFUSED))
            return proposal

    def withdraw(self, number: int, proposer: str, reason: str = "") -> Proposal:
        """Withdraw the proposer's own proposal.

        Raises NoSuchProposalError, NotTheProposerError, AlreadyDecidedError.
        """
        with self._database.writing() as connection:
            _refuse_others(_read_proposal(connection, number), proposer)
            return self._decide(number, ProposalState.WITHDRAWN, proposer, reason.strip())

    def _decide(
        self, number: int, state: ProposalState, reviewer: str, reason: str = "", change: int | None = None
    ) -> Proposal:
        with self._database.writing() as connection:
            _read_open_proposal(connection, number)
            connection.execute(
                "UPDATE proposals SET state = ?, reviewer = ?, reason = ?, decided = ?, change = ? WHERE number = ?",
                (state, reviewer, reason or None, self._database.now(), change, number),
            )
            return _read_proposal(connection, number)


def _require_reason(reason: str) -> str:
    """Return a reason in one line. Raises BadValueError for an empty one."""
    if not (said := " ".join(reason.split())):
        raise BadValueError("A refusal needs a reason.", "Say in a sentence what the proposer should know.")
    return said


def _read_notes(connection: sqlite3.Connection, number: int) -> list[Note]:
    rows = connection.execute(
        "SELECT author, at, thing, text, change FROM proposal_notes WHERE proposal = ? ORDER BY position", (number,)
    )
    return [Note(**dict(row)) for row in rows]


def _selection(state: ProposalState | None, author: str | None, is_import: bool | None) -> tuple[str, list[str | None]]:
    """Return the condition of a page of proposals, and its values."""
    if state is ProposalState.DRAFT:
        return "WHERE state = ? AND proposer = ?", [state, author]  # those that were discarded have none
    conditions: dict[str, str | None] = {"state = ?" if state else "state != ?": str(state or ProposalState.DRAFT)}
    conditions |= {"proposer = ?": author} if author is not None else {}
    if is_import is not None:
        conditions["media_type = ?" if is_import else "media_type != ?"] = ImportedChange.MEDIA_TYPE
    return f"WHERE {' AND '.join(conditions)}", [*conditions.values()]


def _read_draft(connection: sqlite3.Connection, number: int, author: str, tag: str | None) -> Proposal:
    draft = _read_proposal(connection, number, author)
    _refuse_others(draft, author)
    if draft.state is not ProposalState.DRAFT:
        raise NotADraftError(draft)
    if tag is not None and tag != _read_tag(connection, number):
        raise DraftChangedError(number)
    return draft


def _read_tag(connection: sqlite3.Connection, number: int) -> str:
    sealed = "SELECT sha256 FROM seals WHERE of_table = 'proposals' AND of_row = ?"
    return str(connection.execute(sealed, (str(number),)).fetchone()[0])


def _refuse_others(proposal: Proposal, author: str) -> None:
    if proposal.proposer != author:
        raise NotTheProposerError(
            f"Proposal {proposal.number} was made by {proposal.proposer}.",
            "Only they can withdraw it; a curator can refuse it.",
        )


def _read_proposal(connection: sqlite3.Connection, number: int, reader: str = "") -> Proposal:
    if number > _HIGHEST_NUMBER:
        raise NoSuchProposalError(number)
    row = connection.execute(f"SELECT {_COLUMNS} FROM proposals WHERE number = ?", (number,)).fetchone()
    if row is None or (row["state"] == ProposalState.DRAFT and row["proposer"] != (reader or None)):
        raise NoSuchProposalError(number)
    return _proposal(row)


def _read_open_proposal(connection: sqlite3.Connection, number: int) -> Proposal:
    proposal = _read_proposal(connection, number)
    if proposal.state is not ProposalState.OPEN:
        raise AlreadyDecidedError(proposal)
    return proposal


def _proposal(row: sqlite3.Row) -> Proposal:
    return Proposal(**{**dict(row), "findings": json.loads(row["findings"]), "state": ProposalState(row["state"])})


class Settling:
    """Notes such acceptances once, and again after one could not be noted. Safe for use by many threads."""

    def __init__(self, database: Database, history: History) -> None:
        self._database = database
        self._proposals = Proposals(database)
        self._history = history
        self._lock = threading.Lock()
        self._is_done = False
        self._settled: dict[int, Record] = {}

    def accepted_change(self, number: int, reviewer: str) -> Record | None:
        """Return the change of a proposal whose acceptance was noted late, if `reviewer` accepted it.

        A reviewer who got no answer tries again.
        """
        self.settle()
        record = self._settled.get(number)
        return record if record is not None and record.reviewer == reviewer else None

    def begin_again(self) -> None:
        """Settle again the next time, since an acceptance could not be noted."""
        self._is_done = False

    def settle(self) -> None:
        """Note which open proposals have become changes; do nothing if the database cannot be read or written."""
        if self._is_done:
            return
        with self._lock, suppress(DataFolderError):
            if self._database.exists():
                self._note_made()
            self._is_done = True

    def _note_made(self) -> None:
        """Look for the changes of open proposals, from the last change back to the first of their submissions."""
        pending = {proposal.change_id: proposal for proposal in self._proposals.all_open()}
        since = min((proposal.submitted for proposal in pending.values()), default="")
        for number in range(self._history.count() if pending else 0, 0, -1):
            record = self._history.get(number)
            if record is None or record.at < since or not pending:
                return
            whole, _, part = record.id.partition(_PART)
            proposal = pending.get(whole) if part else pending.pop(record.id, None)
            if proposal is not None and part:
                self._proposals.note_part(proposal.number, record)
            elif proposal is not None:
                self._settled[proposal.number] = record
                with suppress(AlreadyDecidedError):  # another process has settled it already
                    self._proposals.accept(proposal.number, record.reviewer or record.agent, record.number)
