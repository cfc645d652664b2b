"""What the page of a canned query shows beside its answer: the form, the text of the query, ways on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pyoxigraph import Store

from kg import choices, paging
from kg.choices import Choice
from server import answers, query_catalogue, query_documents
from server.query_requests import CannedRequest
from server.representations import Document


@dataclass(frozen=True)
class Field:
    """A field of the form: a list to choose from where `is_choice`, else a text with suggestions."""

    name: str
    label: str
    value: str
    example: str
    needed: bool
    is_choice: bool
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class QuestionWords(answers.Words):
    """What stands around the answer of a canned query.

    `text` is the query as it ran; `limit` is the number of rows a page, `hindrance` says why there are no pages;
    `turned` leads to the other pages.
    """

    fields: tuple[Field, ...] = ()
    text: str = ""
    hindrance: str | None = None
    limit: int | None = None
    formats: Mapping[str, str] = field(default_factory=dict)
    turned: Mapping[str, str] = field(default_factory=dict)


def words(store: Store, asked: CannedRequest, text: str, turned: Mapping[str, Document]) -> QuestionWords:
    """Return what stands around an answer. `text` is the query as it ran, `turned` are the other pages."""
    query = asked.query
    document = query_documents.document(asked)
    return QuestionWords(
        title=query.summary,
        description=query.description,
        columns=query.columns,
        address=document.address,
        fields=_fields(store, asked),
        text=text,
        hindrance=paging.hindrance(query.text),
        limit=asked.window.limit,
        formats={suffix: document.at(suffix) for suffix in query_catalogue.formats(query) if suffix != "html"},
        turned={relation: other.at("html") for relation, other in turned.items()},
    )


def _fields(store: Store, asked: CannedRequest) -> tuple[Field, ...]:
    return tuple(
        Field(
            name=parameter.name,
            label=parameter.label,
            value=asked.values.get(parameter.name, parameter.default or ""),
            example=parameter.example,
            needed=parameter.default is None and not parameter.optional,
            is_choice=parameter.type == "choice",
            choices=choices.of(store, parameter),
        )
        for parameter in asked.query.parameters
    )
