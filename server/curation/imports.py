"""Imports of tables: submit, list, progress, report by row, mapping, commit, cancel.

A table comes as the part `file` of a form (RFC 7578), or as the body itself with its parameters in the address; or it
is that of an earlier import, which is planned again with another mapping, or with decisions.
The forms for people are at the desk (server.desk).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, Any
from uuid import uuid4

import yaml
from flask import Blueprint, Response, jsonify, request, send_file
from werkzeug.http import parse_options_header
from werkzeug.wrappers import Response as AnyResponse

from kg.accounts import Role
from kg.curation import Rationale
from kg.errors import BadValueError, CityKgError, UnknownNameError, shorten
from kg.history import HistoryGraph
from kg.import_jobs import Import, ImportRequest, NoSuchImportError
from kg.rdf.formats import HTML
from kg.rdf.namespaces import fit_length, slug
from kg.rdf.sources import is_address
from kg.submissions import UnsupportedTypeError
from kg.tables import Plan, TableMapping, read_table
from server.change_requests import ChangeRequest, RequestKey
from server.curation import change_list, import_page
from server.service import Principal, require, service
from server.web import Document

blueprint = Blueprint("imports", __name__)

TABLE_TYPES = {
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/sparql-results+json": ".json",
    "application/json": ".json",
    "application/geo+json": ".geojson",
}
"""Media types of tables, and the suffixes of their files."""
_TYPES = {"json": "application/json", "html": HTML}
_FILES = {"report.csv": "text/csv", "report.json": "application/json", "unfit": ""}
"""The files of a plan, with their media types; that of the rows that do not fit is the table's own."""
_SOURCE_FIELDS = ("source_title", "source_url", "source_licence")
"""Parameters for a source that neither the graph nor the mapping has."""
_FIELDS = (
    *("mapping", "city", "again", "rest", "without", "cells", "source", *_SOURCE_FIELDS),
    *("summary", "dry_run", "acknowledge", "name"),
)
_DECISION, _COLUMN, _CELL = "decision:", "column:", "cell:"
"""Beginnings of names of parameters: what a text of the table means, what a column is, and the text of a cell."""
_MOST_PARTS = 5_000
_OWN = "mapping.yaml"
"""The name of a mapping that is sent as text."""
_LONGEST_NAME = 60
_MOST_DIGITS = 9  # of the number of an import
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
def submit() -> Response:
    """Import a table: 202 and where to see how far it is. A contributor's becomes a proposal, a curator's a change."""
    return _progress_response(begin(require(Role.CONTRIBUTOR)))


def begin(who: Principal) -> Import:
    """Begin the import of the table that the current request sends."""
    with closing(_TableUpload.read(who)) as sent:
        sent.check_size(who.role)
        is_dry_run, is_seen = sent.is_yes("dry_run"), sent.is_yes("acknowledge")
        mapping_name, mapping = sent.mapping()
        request_ = sent.request(who, mapping_name)
        key = RequestKey(who, sent.digest())
        with service.curation.database.writing():
            name = key.outcome() or uuid4().hex
            key.record(name)
        return service.importer.add(name, request_, mapping, sent.table, is_dry_run=is_dry_run, acknowledged=is_seen)


@blueprint.get("/imports")
@blueprint.get("/imports.<suffix>")
def list_imports(suffix: str | None = None) -> Response:
    """List one's own imports, newest first, in pages; for curators all of them."""
    who = require(Role.CONTRIBUTOR)
    shown, total, _ = _find_page(who)

    def write(chosen: str) -> bytes:
        return list_page(who).encode() if chosen == "html" else jsonify({"imports": shown, "total": total}).get_data()

    return _respond(Document("/imports", alternatives=_TYPES), suffix, write)


def list_page(who: Principal) -> str:
    """Return the page of the list that the current request asks for."""
    shown, total, page = _find_page(who)
    return import_page.render_imports(who, shown, page, total > page * change_list.PAGE)


def _find_page(who: Principal) -> tuple[list[dict[str, Any]], int, int]:
    """Return the imports on the page that is asked for, how many there are in all, and the number of the page."""
    for name in request.args:
        if name != "page":
            raise UnknownNameError("parameter", name, ["page"])
    page = change_list.page_number(request.args)
    seen = [one for one in service.importer.all() if _can_see(who, one)]
    return _as_dicts(seen[(page - 1) * change_list.PAGE : page * change_list.PAGE]), len(seen), page


@blueprint.get("/imports/<int:number>")
@blueprint.get("/imports/<int:number>.<suffix>")
def show(number: int, suffix: str | None = None) -> Response:
    """Say how far an import is, and what became of its rows."""
    who = require(Role.CONTRIBUTOR)

    def write(chosen: str) -> bytes:
        page = show_page(who, number).encode() if chosen == "html" else b""
        return page or jsonify(as_json(who, number)).get_data()

    return _respond(Document(_visible_import(who, number).address, alternatives=_TYPES), suffix, write)


def as_json(who: Principal, number: int) -> dict[str, Any]:
    """Return an import that its reader may see as JSON. Raises NoSuchImportError."""
    found = _visible_import(who, number)
    return _as_dicts([found])[0] | {"undecided": Plan.decisions_in(found.shown_rows())}


def show_page(who: Principal, number: int) -> str:
    """Return the page of an import that its reader may see. Raises NoSuchImportError."""
    return import_page.render_import(who, _visible_import(who, number), as_json(who, number))


@blueprint.get("/imports/<int:number>/report.<suffix>")
def report(number: int, suffix: str) -> AnyResponse:
    """Return what became of each row, and why."""
    return file_response(require(Role.CONTRIBUTOR), number, f"report.{suffix}")


@blueprint.get("/imports/<int:number>/unfit")
def unfit_rows(number: int) -> AnyResponse:
    """Return the rows that do not fit, in the form of the table, each with the reason; to be mended and sent again."""
    return file_response(require(Role.CONTRIBUTOR), number, "unfit")


@blueprint.get("/imports/<int:number>/mapping")
def mapping(number: int) -> AnyResponse:
    """Return the mapping by which a table is read, with the decisions that were made, as a file for `--mapping`."""
    return file_response(require(Role.CONTRIBUTOR), number, "mapping")


def file_response(who: Principal, number: int, name: str) -> AnyResponse:
    """Return a file of an import that its reader may see: its mapping, a report, or the rows that do not fit."""
    found = _visible_import(who, number)
    if name == "mapping" and found.mapping.exists():
        return send_file(found.mapping, "application/yaml", as_attachment=True, download_name="mapping.yaml", max_age=0)
    path = found.plan / name
    if name not in _FILES or not path.exists():
        there = sorted(path.name for path in found.plan.iterdir() if path.name in _FILES) if found.plan.exists() else []
        raise UnknownNameError(f"file of import {number}", name, there)
    table = Path(found.request.file)
    as_name = f"{table.stem}-unfit{table.suffix}" if name == "unfit" else f"import-{number}-{name}"
    media_type = _FILES[name] or found.request.media_type
    return send_file(path, media_type, as_attachment=True, download_name=as_name, max_age=0)


@blueprint.post("/imports/<int:number>/commit")
def commit(number: int) -> Response:
    """Import for good what was tried in a dry run, as it was shown; or try again what has failed: 202."""
    return _progress_response(resume(require(Role.CONTRIBUTOR), number))


def resume(who: Principal, number: int) -> Import:
    """Import one's own table for good, or try again. Raises NoSuchImportError."""
    sent = ChangeRequest.read("acknowledge", is_short=True)
    if _visible_import(who, number).request.agent != who.name:
        raise NoSuchImportError(number)
    return service.importer.resume(number, sent.acknowledged)


@blueprint.delete("/imports/<int:number>")
@blueprint.post("/imports/<int:number>/cancel")
def cancel(number: int) -> Response:
    """Cancel an import that is not over: nothing of it is in the graph then."""
    return _progress_response(stop(require(Role.CONTRIBUTOR), number), 200)


def stop(who: Principal, number: int) -> Import:
    """Cancel an import that one may see. Raises NoSuchImportError."""
    _visible_import(who, number)
    return service.importer.cancel(number, who.name)


@dataclass(frozen=True)
class _TableUpload:
    """A table as it was sent: its file name, its media type, and the parameters by name."""

    table: IO[bytes]
    file: str
    media_type: str
    parameters: Mapping[str, str]
    own_mapping: tuple[str, bytes] | None = None
    """The name and the bytes of the mapping, if it was sent as a file."""
    former: Import | None = None
    """The import whose table is planned again."""

    @classmethod
    def read(cls, who: Principal) -> _TableUpload:
        """Return what the current request sends. Raises BadValueError, UnsupportedTypeError, NoSuchImportError."""
        kind = parse_options_header(request.headers.get("Content-Type", ""))[0]
        request.max_form_memory_size, request.max_form_parts = None, _MOST_PARTS  # the front bounds bodies
        said = {**request.form, **request.args}
        for name in said:
            if name not in _FIELDS and not name.startswith((_DECISION, _COLUMN, _CELL)):
                raise BadValueError.of_unknown(f"There is no parameter {shorten(name)!r} here.", name, _FIELDS)
        if said.get("again"):
            return cls._again(who, said)
        if kind != ChangeRequest.FORM:
            suffix = _suffix(kind)
            body = TemporaryFile()  # noqa: SIM115 – `close` closes it
            copyfileobj(request.stream, body)
            return cls(body, _file_name(said.get("name") or "table", suffix), kind, said)
        if unknown := [name for name in request.files if name not in ("file", "mapping")]:
            raise BadValueError(f"The form has a file named {unknown[0]!r}.", "Name files file, and mapping.")
        table = request.files.get("file")
        if said.get("cells", "").strip() and not (table and table.filename):
            return cls(
                BytesIO(said["cells"].encode()), "pasted.tsv", "text/tab-separated-values", said, _sent_mapping()
            )
        if table is None or not table.filename:
            way_out = "Choose a file, or paste cells; by curl: -F file=@table.csv"
            raise BadValueError("The form has no part file.", way_out)
        name, media_type = _file_and_type(Path(table.filename).name, table.mimetype)
        return cls(table.stream, name, media_type, said, _sent_mapping())

    @classmethod
    def _again(cls, who: Principal, said: Mapping[str, str]) -> _TableUpload:
        """Return the table of an earlier import of one's own, with what is said anew."""
        number = said["again"]
        is_number = number.isdecimal() and len(number) <= _MOST_DIGITS
        former = _visible_import(who, int(number) if is_number else 0)
        if former.request.agent != who.name:
            raise NoSuchImportError(former.number)
        try:
            table = _mended(former, former.plan / "unfit" if said.get("rest") == "yes" else former.table)
        except FileNotFoundError:
            problem = f"The table of import {former.number} is not kept any more."
            raise BadValueError(problem, "Send it again, as the part file of a form.") from None
        before = {name: getattr(former.request, name) for name in ("source", "summary", "city")}
        parameters = before | {name: value for name, value in said.items() if value}
        for heading, one in former.request.columns.items():
            parameters.setdefault(_COLUMN + heading, said.get(_COLUMN + heading, one))
        return cls(table, former.request.file, former.request.media_type, parameters, _sent_mapping(), former)

    def close(self) -> None:
        """Let go of the table."""
        self.table.close()

    def request(self, who: Principal, mapping: str) -> ImportRequest:
        """Return what is to be imported, by the name of the mapping. Raises BadValueError for an unfit summary."""
        default = f"Import of {self._text('source_title') or self.file}"
        summary = Rationale.parse_summary(self.parameters.get("summary") or default)
        source, city = self._source(), self._text("city")
        return ImportRequest(
            who.name, who.role, self.file, self.media_type, mapping, source, summary, city, self._columns()
        )

    def _columns(self) -> dict[str, str]:
        """Return the fields of columns by their headings, as a person has said. Raises BadValueError."""
        said = {
            name.removeprefix(_COLUMN): field for name, field in self.parameters.items() if name.startswith(_COLUMN)
        }
        columns = {heading: field for heading, field in said.items() if field}
        for heading, field in columns.items():
            if field not in import_page.FIELDS:
                problem = f"{shorten(heading)!r} cannot be read as {shorten(field)!r}."
                raise BadValueError.of_unknown(problem, field, [*import_page.FIELDS])
            if [*columns.values()].count(field) > 1:
                problem = f"Two columns are said to be: {import_page.FIELDS[field]}."
                raise BadValueError(problem, "Choose one of them, and “not read” for the other.")
        return columns

    def _text(self, name: str) -> str:
        return " ".join(self.parameters.get(name, "").split())

    def _source(self) -> str:
        """Return the name or address of the source; of a new one without a name a name made of its title."""
        given, title = self._text("source"), self._text("source_title")
        return fit_length(slug(title)) if title and (not given or is_address(given)) else given

    def is_yes(self, name: str) -> bool:
        """Return True if a parameter is yes, False if it is absent. Raises BadValueError for any other value."""
        if self.parameters.get(name) not in (None, "", "yes"):
            raise BadValueError(
                f"{name}={shorten(self.parameters[name])!r} is not understood.", f"For example: {name}=yes"
            )
        return self.parameters.get(name) == "yes"

    def mapping(self) -> tuple[str, bytes]:
        """Return name and text of the mapping, once it can be read, with source and decisions that are sent beside it.

        The name is empty if the mapping is to be guessed; the text is then what will be added to it. Raises
        BadValueError for an unknown name, RefusedSubmissionError.
        """
        name, body = self._chosen_mapping()
        title, url, licence = (self._text(part) for part in _SOURCE_FIELDS)
        if title or url or licence:
            given = self._text("source")
            there = body if self.former is None else TableMapping.without_source(body)  # what was written before
            body = _with_source(there, self._source(), title, url or (given if is_address(given) else ""), licence)
        said = self.parameters.items()
        decisions = {name.removeprefix(_DECISION): value for name, value in said if name.startswith(_DECISION)}
        if decided := {text: thing for text, thing in decisions.items() if thing}:
            body = TableMapping.add_decisions(body, decided)
        if name:
            TableMapping.read(body, name)
        return name, body

    def _chosen_mapping(self) -> tuple[str, bytes]:
        """Return the mapping that is sent or named; else that of the import that is planned again, if it has one."""
        said, known = self.parameters.get("mapping", ""), TableMapping.built_in()
        if self.own_mapping is not None:
            return self.own_mapping
        if self.former is not None and self.former.is_guessed and said.split() in ([], self.former_words()):
            there = self.former.mapping if self.former.mapping.exists() else self.former.sent_mapping
            return "", TableMapping.keep_declared(there.read_bytes())
        if ":" in said:
            return _OWN, said.replace("\r\n", "\n").encode()
        if said and said not in known:
            problem = f"There is no mapping named {shorten(said)!r}."
            raise BadValueError(problem, f"Name one of these, or send one as a file: {', '.join(known)}")
        if said:
            return said, known[said].read_bytes()
        if self.former is None:
            return "", b""
        return self.former.request.mapping, self.former.mapping.read_bytes()

    def former_words(self) -> list[str]:
        """Return the words of the mapping of the former import; forms change no more than the spaces between them."""
        assert self.former is not None
        path = self.former.mapping
        return path.read_text(encoding="utf-8").split() if path.exists() else []

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


def _mended(former: Import, path: Path) -> IO[bytes]:
    """Return a table of an import as a file, with the cells that the current request mends, without rows it leaves out.

    Raises FileNotFoundError if it is not kept any more, BadValueError, RefusedSubmissionError.
    """
    cells = {_cell_of(name): value for name, value in request.form.items() if name.startswith(_CELL)}
    left_out = {int(one) for one in request.form.getlist("without") if one.isdecimal() and len(one) <= _MOST_DIGITS}
    if not cells and not left_out:
        return path.open("rb")
    if path.stat().st_size > import_page.MOST_READ:
        raise BadValueError("The table is too large to be mended here.", "Mend the file, and send it again.")
    table = read_table(path, named=former.request.file).edited(cells, left_out)
    text = StringIO(newline="")
    table.write(text, ((row, "") for row in table.rows))
    return BytesIO(text.getvalue().encode())


def _cell_of(name: str) -> tuple[int, str]:
    """Return row and column of a cell, by the name of its parameter. Raises BadValueError."""
    number, _, column = name.removeprefix(_CELL).partition(":")
    if not number.isdecimal() or len(number) > _MOST_DIGITS:
        raise BadValueError(f"{shorten(name)!r} names no cell.", "For example: cell:3:Country, of the third row.")
    return int(number), column


def _sent_mapping() -> tuple[str, bytes] | None:
    """Return the name and the bytes of the mapping that the current request sends as a file, None without one."""
    mapping = request.files.get("mapping")
    return (Path(mapping.filename).name, mapping.read()) if mapping is not None and mapping.filename else None


def _with_source(mapping: bytes, name: str, title: str, url: str, licence: str) -> bytes:
    """Return a mapping that also declares a source; one that does already has two then, and is refused when read."""
    said = {"name": name, "title": title, "url": url, "licence": licence}
    stated = {"source": {part: value for part, value in said.items() if value}}
    source = yaml.safe_dump(stated, allow_unicode=True, sort_keys=False)
    return mapping.rstrip() + b"\n" + source.encode()


def _suffix(media_type: str) -> str:
    if media_type not in TABLE_TYPES:
        problem = f"{shorten(media_type)!r} is not a table." if media_type else "The body does not say its format."
        way_out = "Save a sheet as CSV in UTF-8, or paste its cells at the desk. Programs send one of: "
        raise UnsupportedTypeError(problem, f"{way_out}{', '.join(TABLE_TYPES)}; or a form with a part named file.")
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


def _as_dicts(imports: Sequence[Import]) -> list[dict[str, Any]]:
    """Return imports as JSON for clients, with the changes of each, and the change that undid each of these."""
    numbers = [number for one in imports for number in one.status.changes]
    undos = service.workers.read(HistoryGraph.undone_by, numbers) if numbers else []
    undone = {number: None if by is None else f"/changes/{by}" for number, by in zip(numbers, undos, strict=True)}
    return [
        service.importer.as_dict(one)
        | {"undoneBy": undone.get(one.status.change or 0)}
        | {"changes": [{"change": f"/changes/{each}", "undoneBy": undone[each]} for each in one.status.changes]}
        for one in imports
    ]


def _progress_response(one: Import, status: int = 202) -> Response:
    """Return how far an import is by now."""
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
