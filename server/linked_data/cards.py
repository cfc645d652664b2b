"""`/card`: in a few words what a link of ours leads to, for the card that the link shows (server/assets/cards.js)."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from kg.errors import UnknownNameError
from kg.publish.pages import card
from server.service import service
from server.web import Document, LinkedText

blueprint = Blueprint("cards", __name__)


@blueprint.get("/card")
def show_card() -> Response:
    """Return what a thing or term is, by the address of its page."""
    address = request.args.get("of", "")
    iri = LinkedText.iri_at(address)
    found = service.workers.read(card, iri) if iri else None
    if found is None:
        raise UnknownNameError("page of a thing or term", address, [])
    return Document.add_validators(jsonify(found), "json")
