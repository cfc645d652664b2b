"""The addresses at which a work is read, and how pages link to its passages.

They are `/report` for the first work, `/works/<work>` for any other; a passage is a document as any other thing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from kg.rdf import namespaces as ns
from kg.rdf.formats import GRAPH_FORMATS, HTML
from kg.rdf.passages import work_of_passage
from server import scopes
from server.web import Document, LinkedText

FORMATS: Mapping[str, str] = {"html": HTML, "json": "application/json"}
LISTINGS = {**FORMATS, **{fmt.suffix: fmt.media_type for fmt in GRAPH_FORMATS}}
"""Media types of the list of works, by suffix."""


def document(
    work: str, passage: str = "", *, links: tuple[tuple[str, str], ...] = (), section: str = "", page: int = 1
) -> Document:
    """Return the document about a work by its name, about a passage of it, or about a page of a section."""
    root = f"/works/{quote(work)}" if work else "/report"
    address = f"{root}/{quote(passage)}" if passage else root
    query = {"section": section, "page": page if page > 1 else ""}
    return Document(address, links, urlencode({k: v for k, v in query.items() if v}), alternatives=FORMATS)


def disagreements(kind: str, page: int = 1, links: tuple[tuple[str, str], ...] = ()) -> Document:
    """Return the document about all disagreements, or a page of those of a kind by its name."""
    query = {"kind": kind, "page": page if page > 1 else "", **scopes.as_parameters()}
    return Document("/disagreements", links, urlencode({k: v for k, v in query.items() if v}), alternatives=FORMATS)


def disagreements_table(kind: str, scope: str) -> str:
    """Return where all disagreements, or those of a kind by its name, can be had as CSV; `scope` may be empty."""
    if kind == "copy-gap":
        return "/queries/what-our-copy-lacks.csv"
    query = {"kind": f"disagreement-kind:{kind}" if kind else "", "scope": scope}
    asked = urlencode({name: value for name, value in query.items() if value}, safe=":")
    return f"/queries/disagreements.csv{'?' if asked else ''}{asked}"


def negotiated_address(document: Document) -> str:
    """Return the address of a document in the format that the client prefers."""
    return f"{document.address}?{document.query}" if document.query else document.address


def reading_address(iri: str) -> str | None:
    """Return where a thing is read."""
    return LinkedText.of("", iri).href


def anchor(iri: str) -> str:
    """Return the fragment by which a statement is found on the page of its passage."""
    return iri.removeprefix(ns.ID).replace("/", "-")


def linked_text(named: Mapping[str, Any]) -> LinkedText:
    """Return a thing, or a text without one, as a page shows it."""
    iri = named.get("iri")
    return LinkedText(named["text"], reading_address(iri) if iri else None, named["lang"])


def further_works(said: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the names of the works other than the first whose passages say something."""
    passages = (one["passage"]["iri"] for one in said)
    return sorted({LinkedText.work_name(iri) for iri in passages if work_of_passage(iri)})


def disagreement_chip(disagreement: Mapping[str, Any], passage: str = "") -> tuple[LinkedText, LinkedText | None]:
    """Return a chip that leads to a disagreement, and the kind of it.

    It names the kind, and the other passages as seen from one; without one, the title.
    """
    beside = [one for one in disagreement["passages"] if one["iri"] != passage]
    others = [LinkedText.text_in_work(one["text"], one["iri"]) for one in beside]
    kind = disagreement["kind"]
    name = kind["text"] if kind else "disagreement"
    with_whom = " · " + (f"{others[0]} and {len(others) - 1} more" if len(others) > 2 else ", ".join(others))
    text = f"{name}{with_whom if others else ' within'}" if passage else disagreement["title"]["text"]
    return LinkedText(text, reading_address(disagreement["iri"]), "en"), linked_text(kind) if kind else None


def kind_links(counted: Iterable[Mapping[str, Any]]) -> Mapping[str, str]:
    """Return where the disagreements of each kind that has any are listed, by a heading with their number."""
    some = (one for one in counted if one["count"])
    return {
        f"{one['label']['text'].capitalize()} {one['count']}": negotiated_address(disagreements(one["name"]))
        for one in some
    }


def graph_address(iri: str) -> str:
    """Return where a graph is read."""
    return f"/{iri.removeprefix(ns.BASE)}"


def sides(disagreement: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """Return the sides of a disagreement as a page shows them."""
    return [
        {
            "words": [linked_text(text) for text in side["words"]],
            "source": linked_text(side["source"]) if side["source"] else LinkedText(ns.compact(side["graph"])),
        }
        for side in disagreement["sides"]
    ]
