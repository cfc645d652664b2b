"""The mechanics of HTTP that all addresses share: negotiation, documents, problems, the envelope of an answer."""

from flask import Flask

from server.web import assets, envelope, page_queries, problems, templates
from server.web.answer_page import AnswerPage
from server.web.answers import AnswerType
from server.web.documents import Document
from server.web.labels import Labels, LinkedText
from server.web.links import Link

__all__ = ["AnswerPage", "AnswerType", "Document", "Labels", "Link", "LinkedText", "attach", "envelope"]


def attach(app: Flask) -> None:
    """Give every answer of an app what all of them have: assets, the envelope, one shape of errors."""
    assets.attach(app)
    templates.attach(app)
    envelope.attach(app)
    problems.attach(app)
    page_queries.attach(app)
