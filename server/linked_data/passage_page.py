"""The page of a passage: what it states in sentences, in its place in the work, and where others disagree with it."""

from __future__ import annotations

from flask import render_template

from kg.publish.pages import EntityPage
from kg.publish.work_names import named_in_work
from kg.publish.works import work_passage
from kg.rdf import namespaces as ns
from kg.rdf.scopes import EVERYTHING
from server import addresses
from server.linked_data.entity_page import Navigation, overview_words
from server.service import service
from server.web import Document, Labels


def render_passage(document: Document, about: EntityPage, ways: Navigation) -> str:
    """Return the page of a passage; it names all that disagrees with it, whichever scope is asked for."""
    work, _, name = ways.iri.removeprefix(f"{ns.ID}passage/").rpartition("/")
    with service.revisions.in_scope(EVERYTHING):
        read = service.workers.read(work_passage, work, name)
    beside = {relation: one for relation, one in (("prev", read["prev"]), ("next", read["next"])) if one}
    return render_template(
        "passage.html",
        **overview_words(document, about, ways),
        addresses=addresses,
        read=read,
        title=named_in_work(Labels.of_works(), ways.iri, about["name"]["text"]),
        turned={relation: addresses.reading_address(one["iri"]) for relation, one in beside.items()},
        words={relation: one["label"]["text"] for relation, one in beside.items()},
        as_json=addresses.document(work, name).at("json"),
    )
