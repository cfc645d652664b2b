"""The evidence pair by pair: which passage states, denies or passes over each twinning and membership."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, json, redirect, render_template
from werkzeug.wrappers import Response as AnyResponse

from kg.errors import UnknownNameError
from kg.publish.works import membership_evidence, twinning_evidence
from kg.readings import Reading
from server import addresses, scopes
from server.service import service
from server.web import Document

blueprint = Blueprint("evidence", __name__)

_FORMATS = {**addresses.FORMATS, "csv": "text/csv"}
_READINGS: Mapping[str, Reading[..., Mapping[str, Any]]] = {
    "twinnings": twinning_evidence,
    "memberships": membership_evidence,
}
VERDICTS = {
    "contradict": "passages contradict each other",
    "agree": "passages agree",
    "one": "one passage",
    "implied": "implied only",
    "denied": "denied only",
}


@blueprint.get("/evidence")
def overview() -> AnyResponse:
    """Lead to the evidence on twinnings."""
    return redirect("/evidence/twinnings", 302)


@blueprint.get("/evidence/<name>")
def matrix(name: str) -> Response:
    """Return which passage of a work says what of each pair of twins, or of each city and network."""
    stem, _, suffix = name.rpartition(".")
    name, suffix = (stem, suffix) if stem and suffix in _FORMATS else (name, "")
    if name not in _READINGS:
        raise UnknownNameError("table of evidence", name, list(_READINGS))
    with scopes.in_chosen_scope():
        read: Mapping[str, Any] = service.workers.read(_READINGS[name])
    document = Document(f"/evidence/{name}", query=urlencode(scopes.as_parameters()), alternatives=_FORMATS)

    def write(chosen: str) -> bytes:
        if chosen == "json":
            return json.dumps(read).encode()
        if chosen == "csv":
            return _as_csv(_pairs(read))
        shown = {"read": read, "cells": _cells(read), "verdicts": VERDICTS}
        return render_template(f"evidence_{name}.html", document=document, addresses=addresses, **shown).encode()

    return document.answer(suffix or None, write)


def _pairs(read: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(read["pairs"]) if "pairs" in read else [pair for group in read["groups"] for pair in group["pairs"]]


def _cells(read: Mapping[str, Any]) -> Mapping[tuple[str, str], Mapping[str, Any]]:
    """Return the pairs by both IRIs, and the statements about each pair by passage."""
    return {
        (pair["first"]["iri"], pair["second"]["iri"]): {
            "pair": pair,
            "by_passage": {one["passage"]["iri"]: one for one in pair["said"]},
        }
        for pair in _pairs(read)
    }


def _as_csv(pairs: list[Mapping[str, Any]]) -> bytes:
    """Return a row for each passage that speaks of a pair (RFC 4180)."""
    output = io.StringIO()
    writer = csv.writer(output)
    writer.writerow(_COLUMNS)
    writer.writerows(row for pair in pairs for row in _rows(pair))
    return output.getvalue().encode()


_COLUMNS = (
    *("first", "firstLabel", "second", "secondLabel", "tie", "verdict"),
    *("passage", "passageLabel", "says", "manner", "words", "statement"),
)


def _verb(one: Mapping[str, Any]) -> str:
    return "implies" if one["is_implied"] else "states" if one["states"] else "denies"


def _rows(pair: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for one in pair["said"]:
        yield (
            *(pair["first"]["iri"], pair["first"]["text"], pair["second"]["iri"], pair["second"]["text"]),
            *(pair["tie"]["iri"] if pair["tie"] else "", VERDICTS[pair["verdict"]]),
            *(one["passage"]["iri"], one["passage"]["text"], _verb(one)),
            *("; ".join(one["manner"]), " ".join(text["text"] for text in one["words"]), one["statement"]),
        )
