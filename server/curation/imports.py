"""Imports of tables: submit, list, progress, report by row, commit, cancel.

A table comes as the part `file` of a form (RFC 7578), or as the body itself with its parameters in the address.
Pages may be used with the token as a password, so that a browser without scripts can send the form.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO
from uuid import uuid4

import yaml
from flask import Blueprint, Response, jsonify, redirect, request, send_file
from werkzeug.http import parse_options_header
from werkzeug.wrappers import Response as AnyResponse

from kg.accounts import Role
from kg.curation import Rationale
from kg.errors import BadValueError, CityKgError, UnknownNameError, shorten
from kg.import_jobs import Import, ImportRequest, NoSuchImportError
from kg.rdf.formats import HTML
from kg.submissions import UnsupportedTypeError
from kg.tables import TableMapping
from server.change_requests import ChangeRequest, RequestKey
from server.curation import change_list, import_page
from server.service import Principal, require, service
from server.web import AnswerType, Document

blueprint = Blueprint("imports", __name__)

TABLE_TYPES = {
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/sparql-results+json": ".json",
    "application/geo+json": ".geojson",
}
"""Media types of tables, and the suffixes of their files."""
_TYPES = {"json": "application/json", "html": HTML}
_REPORT_TYPES = {"csv": "text/csv", "json": "application/json"}
_FILES = ("report.csv", "report.json", "unfit")
_SOURCE_FIELDS = ("source_title", "source_url", "source_licence")
"""Parameters for a source that neither the graph nor the mapping has."""
_FIELDS = ("mapping", "source", *_SOURCE_FIELDS, "summary", "dry_run", "acknowledge", "name")
_LONGEST_NAME = 60
_PART = 1 << 20


class TableTooLargeError(CityKgError):
    """A table has more bytes than the role of its sender may import at a time."""

    title = "The body is too large"

    def __init__(self, role: Role, limit: int) -> None:
        super().__init__(
            f"With the role {role} up to {limit:,} bytes are imported at a time.",
            f"Send the table in parts, or ask the operator to raise --{role}-import-bytes.",
        )


@blueprint.post("/imports")
def submit() -> AnyResponse:
    """Import a table: 202 and where to see how far it is. A contributor's becomes a proposal, a curator's a change."""
    who = require(Role.CONTRIBUTOR, by_form=True)
    with closing(_TableUpload.read()) as sent:
        request_ = sent.request(who)
        sent.check_size(who.role)
        is_dry_run, is_seen = sent.is_yes("dry_run"), sent.is_yes("acknowledge")
        mapping = sent.mapping()
        key = RequestKey(who, sent.digest())
        with service.curation.database.writing():
            name = key.outcome() or uuid4().hex
            key.record(name)
        one = service.importer.add(name, request_, mapping, sent.table, is_dry_run=is_dry_run, acknowledged=is_seen)
    return _progress_response(one)


@blueprint.get("/imports")
@blueprint.get("/imports.<suffix>")
def list_imports(suffix: str | None = None) -> Response:
    """List one's own imports, newest first, in pages; for curators all of them. The page has a form to send a table."""
    who = require(Role.CONTRIBUTOR, by_form=True)
    for name in request.args:
        if name != "page":
            raise UnknownNameError("parameter", name, ["page"])
    page = change_list.page_number(request.args)
    seen = [one for one in service.importer.all() if _can_see(who, one)]
    start = (page - 1) * change_list.PAGE
    shown = [service.importer.as_dict(one) for one in seen[start : start + change_list.PAGE]]

    def write(chosen: str) -> bytes:
        if chosen == "html":
            return import_page.render_imports(who, shown, page, len(seen) > start + change_list.PAGE).encode()
        return jsonify({"imports": shown, "total": len(seen)}).get_data()

    return _respond(Document("/imports", alternatives=_TYPES), suffix, write)


@blueprint.get("/imports/<int:number>")
@blueprint.get("/imports/<int:number>.<suffix>")
def show(number: int, suffix: str | None = None) -> Response:
    """Say how far an import is, and what became of its rows."""
    who = require(Role.CONTRIBUTOR, by_form=True)
    found = _visible_import(who, number)
    told = service.importer.as_dict(found)

    def write(chosen: str) -> bytes:
        return import_page.render_import(who, found, told).encode() if chosen == "html" else jsonify(told).get_data()

    return _respond(Document(found.address, alternatives=_TYPES), suffix, write)


@blueprint.get("/imports/<int:number>/report.<suffix>")
def report(number: int, suffix: str) -> AnyResponse:
    """Return what became of each row, and why."""
    found = _visible_import(require(Role.CONTRIBUTOR, by_form=True), number)
    if suffix not in _REPORT_TYPES:
        raise UnknownNameError("format of the report", suffix, list(_REPORT_TYPES))
    return _send_file(found, f"report.{suffix}", _REPORT_TYPES[suffix], f"import-{number}-report.{suffix}")


@blueprint.get("/imports/<int:number>/unfit")
def unfit_rows(number: int) -> AnyResponse:
    """Return the rows that do not fit, in the form of the table, each with the reason; to be mended and sent again."""
    found = _visible_import(require(Role.CONTRIBUTOR, by_form=True), number)
    suffix = Path(found.request.file).suffix
    return _send_file(found, "unfit", found.request.media_type, f"{Path(found.request.file).stem}-unfit{suffix}")


@blueprint.post("/imports/<int:number>/commit")
def commit(number: int) -> AnyResponse:
    """Import for good what was tried in a dry run, as it was shown; or try again what has failed: 202."""
    who = require(Role.CONTRIBUTOR, by_form=True)
    sent = ChangeRequest.read("acknowledge", is_short=True)
    found = _visible_import(who, number)
    if found.request.agent != who.name:
        raise NoSuchImportError(number)
    return _progress_response(service.importer.resume(number, sent.acknowledged))


@blueprint.delete("/imports/<int:number>")
@blueprint.post("/imports/<int:number>/cancel")
def cancel(number: int) -> AnyResponse:
    """Cancel an import that is not over: nothing of it is in the graph then."""
    who = require(Role.CONTRIBUTOR, by_form=True)
    _visible_import(who, number)
    return _progress_response(service.importer.cancel(number, who.name), 200)


@dataclass(frozen=True)
class _TableUpload:
    """A table as it was sent: its file name, its media type, and the parameters by name."""

    table: IO[bytes]
    file: str
    media_type: str
    parameters: Mapping[str, str]
    own_mapping: tuple[str, bytes] | None = None
    """The name and the bytes of the mapping, if it was sent as a file."""

    @classmethod
    def read(cls) -> _TableUpload:
        """Return what the current request sends. Raises BadValueError, UnsupportedTypeError."""
        kind = parse_options_header(request.headers.get("Content-Type", ""))[0]
        said = {**request.form, **request.args}
        for name in said:
            if name not in _FIELDS:
                raise BadValueError(f"There is no parameter {name!r} here.", f"Available: {', '.join(_FIELDS)}")
        if kind != ChangeRequest.FORM:
            suffix = _suffix(kind)
            body = TemporaryFile()  # noqa: SIM115 – `close` closes it
            copyfileobj(request.stream, body)
            return cls(body, _file_name(said.get("name") or "table", suffix), kind, said)
        if unknown := [name for name in request.files if name not in ("file", "mapping")]:
            raise BadValueError(f"The form has a file named {unknown[0]!r}.", "Name files file, and mapping.")
        table = request.files.get("file")
        if table is None or not table.filename:
            raise BadValueError("The form has no part file.", "Send the table: curl -F file=@table.csv")
        name, media_type = _file_and_type(Path(table.filename).name, table.mimetype)
        mapping = request.files.get("mapping")
        own = (Path(mapping.filename).name, mapping.read()) if mapping is not None and mapping.filename else None
        return cls(table.stream, name, media_type, said, own)

    def close(self) -> None:
        """Let go of the table."""
        self.table.close()

    def request(self, who: Principal) -> ImportRequest:
        """Return what is to be imported. Raises BadValueError for an unfit summary."""
        summary = Rationale.parse_summary(self.parameters.get("summary") or f"Import of {self.file}")
        mapping = self.own_mapping[0] if self.own_mapping else self.parameters.get("mapping", "")
        source = " ".join(self.parameters.get("source", "").split())
        return ImportRequest(who.name, who.role, self.file, self.media_type, mapping, source, summary)

    def is_yes(self, name: str) -> bool:
        """Return True if a parameter is yes, False if it is absent. Raises BadValueError for any other value."""
        if self.parameters.get(name) not in (None, "", "yes"):
            raise BadValueError(
                f"{name}={shorten(self.parameters[name])!r} is not understood.", f"For example: {name}=yes"
            )
        return self.parameters.get(name) == "yes"

    def mapping(self) -> bytes:
        """Return the mapping, once it can be read, with the source that was described beside it.

        Raises BadValueError for an unknown name, RefusedSubmissionError.
        """
        name, known = self.parameters.get("mapping", ""), TableMapping.built_in()
        if self.own_mapping is None and name not in known:
            problem = f"There is no mapping named {shorten(name)!r}." if name else "There is no mapping."
            raise BadValueError(problem, f"Name one of these, or send one as a file: {', '.join(known)}")
        file, body = self.own_mapping or (name, known[name].read_bytes())
        described = [" ".join(self.parameters.get(part, "").split()) for part in _SOURCE_FIELDS]
        if any(described):
            body = _with_source(body, " ".join(self.parameters.get("source", "").split()), *described)
        TableMapping.read(body, file)
        return body

    def check_size(self, role: Role) -> None:
        """Raise TableTooLargeError if the table has more bytes than the role may import."""
        limit = service.importer.limits.of(role).bytes
        if self.table.seek(0, 2) > limit:
            raise TableTooLargeError(role, limit)
        self.table.seek(0)

    def digest(self) -> str:
        """Return the SHA-256 of all that was sent; the table is at its start afterwards."""
        whole = hashlib.sha256(repr((sorted(self.parameters.items()), self.file, self.own_mapping)).encode())
        while part := self.table.read(_PART):
            whole.update(part)
        self.table.seek(0)
        return whole.hexdigest()


def _with_source(mapping: bytes, name: str, title: str, url: str, licence: str) -> bytes:
    """Return a mapping that also declares a source; one that does already has two then, and is refused when read."""
    said = {"name": name, "title": title, "url": url, "licence": licence}
    source = yaml.safe_dump({"source": {part: value for part, value in said.items() if value}}, allow_unicode=True)
    return mapping.rstrip() + b"\n" + source.encode()


def _suffix(media_type: str) -> str:
    if media_type not in TABLE_TYPES:
        problem = f"{shorten(media_type)!r} is not a table." if media_type else "The body does not say its format."
        raise UnsupportedTypeError(
            problem, f"Send one of: {', '.join(TABLE_TYPES)}; or a form (multipart/form-data) with a part named file."
        )
    return TABLE_TYPES[media_type]


def _file_and_type(file: str, media_type: str) -> tuple[str, str]:
    """Return name and media type of a file in a form: by its name, since browsers guess the type; else by the type."""
    by_suffix = {suffix: name for name, suffix in TABLE_TYPES.items()} | {".srj": "application/sparql-results+json"}
    suffix = Path(file).suffix.lower()
    if suffix not in by_suffix:
        return _file_name(file, _suffix(media_type)), media_type
    return _file_name(file, suffix), by_suffix[suffix]


def _file_name(name: str, suffix: str) -> str:
    """Return a name as a file can have it, and a header can hold it."""
    printable = "".join(char if char.isprintable() and char not in '/\\"' else "_" for char in Path(name).stem)
    return f"{printable[:_LONGEST_NAME]}{suffix}"


def _visible_import(who: Principal, number: int) -> Import:
    """Return an import, if its reader may see it. Raises NoSuchImportError."""
    found = service.importer.get(number)
    if not _can_see(who, found):
        raise NoSuchImportError(number)
    return found


def _can_see(who: Principal, one: Import) -> bool:
    return who.role is Role.CURATOR or one.request.agent == who.name


def _progress_response(one: Import, status: int = 202) -> AnyResponse:
    """Return how far an import is by now, for people the way to its page."""
    if AnswerType.prefers_page():
        return redirect(one.address, 303)
    response = jsonify(service.importer.as_dict(one))
    response.status_code = status
    response.headers["Location"] = one.address
    return response


def _respond(document: Document, suffix: str | None, write: Callable[[str], bytes]) -> Response:
    """Answer without validators: how far an import is may change while the graph does not."""
    chosen = document.choose(suffix)
    response = document.response(write(chosen), chosen)
    response.vary.add("Accept")
    return response


def _send_file(one: Import, name: str, media_type: str, as_name: str) -> AnyResponse:
    path = one.plan / name
    if not path.exists():
        there = sorted(path.name for path in one.plan.iterdir() if path.name in _FILES) if one.plan.exists() else []
        raise UnknownNameError(f"file of import {one.number}", name, there)
    return send_file(path, media_type, as_attachment=True, download_name=as_name, max_age=0)
