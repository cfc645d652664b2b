"""The forms of the desk: imports, proposals, and undoing a change. Each does what the API does, and leads to a page."""

from __future__ import annotations

from flask import Response, jsonify, redirect
from werkzeug.wrappers import Response as AnyResponse

from kg.accounts import Role
from server.curation import change_page, changes, imports, own_work, proposals
from server.desk.sessions import ROOT, desk_blueprint, signed_in
from server.service import service

blueprint = desk_blueprint("desk_forms")

_IMPORT = f"{ROOT}/imports/<int:number>"
_PROPOSAL = f"{ROOT}/proposals/<int:number>"
_CHANGE = f"{ROOT}/changes/<int:number>"
_UNDO = f"{_CHANGE}/undo"
_LISTS = {"imports": imports.list_page, "proposals": proposals.list_page, "mine": own_work.render_page}

for _name, _list in _LISTS.items():
    blueprint.add_url_rule(f"{ROOT}/{_name}", _name, lambda page=_list: page(signed_in(Role.CONTRIBUTOR)))


@blueprint.post(f"{ROOT}/imports")
def begin_import() -> AnyResponse:
    """Import the table of the form."""
    return _to(imports.begin(signed_in(Role.CONTRIBUTOR)).address)


@blueprint.get(_IMPORT)
def show_import(number: int) -> str:
    """Show how far an import is, and the forms by which it goes on."""
    return imports.show_page(signed_in(Role.CONTRIBUTOR), number)


@blueprint.get(f"{_IMPORT}.json")
def import_progress(number: int) -> Response:
    """Say how far an import is, for the script of its page."""
    return jsonify(imports.as_json(signed_in(Role.CONTRIBUTOR, is_used=False), number))


@blueprint.get(f"{_IMPORT}/<name>")
def import_file(number: int, name: str) -> AnyResponse:
    """Return a file of an import: its mapping, a report, or the rows that do not fit."""
    return imports.file_response(signed_in(Role.CONTRIBUTOR), number, name)


@blueprint.post(f"{_IMPORT}/commit")
def commit_import(number: int) -> AnyResponse:
    """Import for good what was tried."""
    return _to(imports.resume(signed_in(Role.CONTRIBUTOR), number).address)


@blueprint.post(f"{_IMPORT}/cancel")
def cancel_import(number: int) -> AnyResponse:
    """Cancel an import."""
    return _to(imports.stop(signed_in(Role.CONTRIBUTOR), number).address)


@blueprint.get(_PROPOSAL)
def show_proposal(number: int) -> AnyResponse:
    """Show a proposal, and the forms that decide on it."""
    return proposals.show_page(signed_in(Role.CONTRIBUTOR), number, ROOT)


@blueprint.post(f"{_PROPOSAL}/accept")
def accept(number: int) -> AnyResponse:
    """Accept a proposal, or rows of it, and lead to its page, which has the change, or how far it is."""
    proposals.begin_accepting(signed_in(Role.CURATOR), number)
    return _to_decided(number)


@blueprint.post(f"{_PROPOSAL}/notes")
def ask(number: int) -> AnyResponse:
    """Ask about a proposal, or one of its rows, or answer."""
    proposals.ask(signed_in(Role.CONTRIBUTOR), number)
    return _to_last_note(number)


@blueprint.post(f"{_PROPOSAL}/refuse")
def refuse(number: int) -> AnyResponse:
    """Refuse a proposal for a reason, or rows of it."""
    who = signed_in(Role.CURATOR)
    service.curation.refuse(number, who.name, proposals.reason(), proposals.rows())
    return _to_decided(number)


@blueprint.post(f"{_PROPOSAL}/withdraw")
def withdraw(number: int) -> AnyResponse:
    """Withdraw a proposal of one's own."""
    who = signed_in(Role.CONTRIBUTOR)
    service.curation.withdraw(number, who.name, proposals.reason())
    return _to(proposals.page_address(number))


@blueprint.get(_CHANGE)
def show_change(number: int) -> bytes:
    """Show a change, as its public page does."""
    signed_in(Role.CONTRIBUTOR)
    return changes.render_page(changes.find_record(number))


@blueprint.get(_UNDO)
def undo_form(number: int) -> str:
    """Show the form that undoes a change."""
    signed_in(Role.CURATOR)
    return change_page.render_undo(changes.find_record(number))


@blueprint.post(_UNDO)
def undo(number: int) -> AnyResponse:
    """Undo a change, and lead to the change that does it."""
    return _to(changes.undo(signed_in(Role.CURATOR), number).address)


def _to_decided(number: int) -> AnyResponse:
    """Lead to what was decided on; where rows were, to those that are left."""
    return _to_last_note(number) if proposals.rows() else _to(proposals.page_address(number))


def _to_last_note(number: int) -> AnyResponse:
    """Lead to the place on the page of a proposal where what was last said of it stands."""
    return _to(f"/proposals/{number}?said={len(service.curation.proposals.notes(number))}#said")


def _to(address: str) -> AnyResponse:
    """Lead to the page at the desk that is for an address of the API."""
    return redirect(ROOT + address, 303)
