"""The pages of imports, for people: the form with the list of what was sent, and how far one import is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import yaml
from flask import render_template
from pyoxigraph import NamedNode

from kg.accounts import Role
from kg.curation import ProposalState, SubmissionReport
from kg.findings import Finding, FindingGroup, RefusedSubmissionError
from kg.import_jobs import Import, ImportState
from kg.rdf import namespaces as ns
from kg.tables import TableMapping, read_table
from server.figures import Spot
from server.service import Principal, service
from server.web import AnswerType, Labels, LinkedText

WORDS = {
    ImportState.QUEUED: "Waiting for its turn",
    ImportState.READING: "Being read",
    ImportState.RECONCILING: "Being compared with the graph, row by row",
    ImportState.VALIDATING: "Being validated",
    ImportState.WAITING: "Waiting for a curator to review it",
    ImportState.COMMITTING: "Going into the graph",
    ImportState.DONE: "Imported",
    ImportState.FAILED: "Failed; nothing of it is in the graph",
    ImportState.CANCELLED: "Cancelled; nothing of it is in the graph",
}
"""The state of an import in words."""
_TRIED = "Tried; nothing of it is in the graph"
_PASSED = (ImportState.DONE, ImportState.WAITING)
OUTCOMES = {
    "new": "what the row states was not in the graph",
    "known": "the graph states it already",
    "ambiguous": "a name may mean several things: decide which, and update the plan",
    "refused": "the row cannot be used, for the reason given",
}


FIELDS = {
    "partner": "Twin town",
    "city": "City whose list it is",
    "country": "Country of the twin town",
    "since": "Since",
    "until": "Until",
    "kind": "Kind: sister city, friendship …",
    "status": "Status: current, former …",
    "note": "Note",
    "latitude": "Latitude",
    "longitude": "Longitude",
    "wikidata": "Number in Wikidata",
    "geonames": "Number in GeoNames",
}
"""What a column may be, in words."""
MOST_READ = 1_000_000
"""Bytes of a table up to which its columns and cells are on the page."""
_ROWS = 3
"""First rows of a table that are shown with its columns."""


def render_imports(who: Principal, shown: Sequence[Mapping[str, Any]], page: int, has_more: bool) -> str:
    """Return the page with the form, and what was sent by now, of which a page is shown."""
    turned = {"prev": f"?page={page - 1}"} if page > 1 else {}
    return render_template(
        "imports.html",
        who=who,
        shown=shown,
        mappings={name: TableMapping.load(name).columns for name in TableMapping.built_in()},
        limits=service.importer.limits.of(who.role),
        turned=turned | ({"next": f"?page={page + 1}"} if has_more else {}),
    )


def _columns(found: Import) -> list[dict[str, Any]]:
    """Return the columns of a table whose mapping is guessed, with their first texts; none of a large one."""
    if not found.is_guessed or found.size > MOST_READ or not found.table.exists():
        return []
    with suppress(RefusedSubmissionError):  # the import says why it cannot be read
        return read_table(found.table).head(found.request.columns, _ROWS)
    return []


def _open_rows(rows: Sequence[Mapping[str, Any]], undecided: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows to decide, each with the texts that are decided there.

    A row whose texts are decided above has only what else is wrong with it, and is left out if that is nothing. One
    that shares its text with others has no cells to mend.
    """
    found: list[dict[str, Any]] = []
    first: dict[str, list[Mapping[str, Any]]] = {}
    for one in undecided:
        first.setdefault(one["places"][0], []).append(one)
    decided_above = {place for one in undecided for place in one["places"]} - first.keys()
    seen = set[str]()
    for row in (row for row in rows if row["outcome"] in ("ambiguous", "refused")):
        here, is_above = first.get(row["place"], []), row["place"] in decided_above
        reasons = [why for why in row["reasons"] if not is_above or why["message"] not in seen]
        seen.update(why["message"] for why in row["reasons"])
        if here or reasons:
            cells = {} if any(len(one["places"]) > 1 for one in here) else row.get("cells", {})
            found.append({**row, "decisions": here, "reasons": reasons, "cells": cells})
    return found


def _shared(rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the names of things that all rows that go in are about, such as the city whose list it is."""
    fit = [row["things"].values() for row in rows if row["outcome"] in ("new", "known")]
    return set.intersection(*({one["thing"] for one in things} for things in fit)) if fit else set()


def _with_rejections(found: Import, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of an import, those that a reviewer has rejected with the outcome "rejected" and by whom, why."""
    if found.status.proposal is None:
        return [*rows]
    rejection = service.curation.rejections(service.curation.proposals.get(found.status.proposal))
    reasons = [row["outcome"] == "new" and rejection(ns.expand(_thing_of(row)) or "") for row in rows]
    return [
        row | ({"outcome": "rejected", "rejection": why} if why else {}) for row, why in zip(rows, reasons, strict=True)
    ]


def _thing_of(row: Mapping[str, Any]) -> str:
    """Return the name of the tie of a row, or of its thing if the table has no ties."""
    return str(row.get("relation") or next((one["thing"] for one in row["things"].values() if "thing" in one), ""))


def _is_by_rows(found: Import) -> bool:
    """Return True if the rows of the proposal that an import has become can be decided apart."""
    proposals = service.curation.proposals
    return found.status.proposal is not None and service.curation.is_splittable(proposals.get(found.status.proposal))


def _words(found: Import, told: Mapping[str, Any]) -> str:
    """Return the state of an import in words; of one that was proposed, what was decided on it."""
    if undone := [one["undoneBy"] for one in told["changes"] if one["undoneBy"]]:
        return f"Imported, then {'' if len(undone) == len(told['changes']) else 'a part of it '}undone"
    if found.status.state is not ImportState.DONE or found.status.proposal is None:
        return WORDS[ImportState(told["state"])]
    proposal = service.curation.proposals.get(found.status.proposal)
    is_whole = proposal.state is ProposalState.ACCEPTED
    return f"Accepted by {proposal.reviewer}; it is in the graph" if is_whole else "A part of it was accepted"


def _source(source: str) -> LinkedText:
    """Return the source of an import as it was given, or by its name; linked unless the graph has nothing on it yet."""
    if "://" not in source:
        return LinkedText(source)
    label = Labels.of([NamedNode(source)]).value(NamedNode(source))
    return LinkedText(label.text) if source.startswith(ns.ID) and label.text == ns.compact(source) else label


def _described_source(found: Import) -> dict[str, str]:
    """Return what was written of a new source in the fields of the form."""
    path = found.mapping if found.mapping.exists() else found.sent_mapping
    with suppress(RefusedSubmissionError, OSError):
        said = yaml.safe_load(TableMapping.keep_declared(path.read_bytes())) or {}
        return {f"source_{part}": str(value) for part, value in (said.get("source") or {}).items()}
    return {}


def _links(names: Iterable[str]) -> list[LinkedText]:
    iris = [NamedNode(ns.thing_iri(name)) for name in sorted(names)]
    return [Labels.of(iris).value(iri) for iri in iris]


def render_import(who: Principal, found: Import, told: Mapping[str, Any]) -> str:
    """Return the page of an import; `told` is the import as JSON."""
    is_tried = found.status.is_dry_run and found.status.state is ImportState.DONE
    is_accepted = found.status.state is ImportState.WAITING and told["state"] == ImportState.COMMITTING
    state, is_own = found.status.state, found.request.agent == who.name
    rests = is_own and not is_tried and (found.plan / "unfit").exists() and state in _PASSED
    failed = is_own and state is ImportState.FAILED and found.status.proposal is None
    plans_again = rests or (found.table.exists() and ((is_own and is_tried) or failed))
    rows = _with_rejections(found, found.shown_rows())
    if rests:  # the table of the rest begins with the first of them
        rows = [row | {"number": number} for number, row in enumerate(rows, start=1)]
    shared = _shared(rows)
    stands = bool(told["change"]) and not any(one["undoneBy"] for one in told["changes"])
    findings = [one for one in told["findings"] if one["step"] != SubmissionReport.OBJECTION]  # they stand at the rows
    broken = any(finding["severity"] == "Violation" for finding in findings)
    return render_template(
        "import.html",
        told=told,
        who=who,
        is_live=not state.is_over and (state is not ImportState.WAITING or is_accepted),
        words=_TRIED if is_tried else _words(found, told),
        cancels=not state.is_over and not is_accepted and state is not ImportState.WAITING,
        outcomes=OUTCOMES,
        open_rows=_open_rows(rows, told["undecided"]) if plans_again else [],
        rows=rows,
        shared=shared if sum(row["outcome"] in ("new", "known") for row in rows) > 1 else (),
        stands=stands,
        links=_links(shared) if stands else [],
        world=Spot.WORLD,
        is_chinese=AnswerType.reader_language() == "zh",
        goes_on=is_own and is_tried and (found.status.counts or {}).get("new"),
        tries_again=failed and not broken and found.status.counts is not None,
        mends=failed and broken,
        plans_again=plans_again,
        rests=rests,
        columns=_columns(found),
        column_fields=FIELDS,
        mapping_text=found.mapping.read_text(encoding="utf-8") if found.mapping.exists() else "",
        by_rows=state is ImportState.WAITING and not is_accepted and _is_by_rows(found),
        reviews=state is ImportState.WAITING and not is_accepted and who.role is Role.CURATOR and not is_own,
        finding_groups=[one.as_dict() for one in FindingGroup.group(Finding(**one) for one in findings)],
        source=_source(told["source"]),
        described=_described_source(found) if failed else {},
        warned=any(finding["severity"] == "Warning" for finding in findings),
    )
