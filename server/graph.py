"""The graph that the current request reads."""

from __future__ import annotations

from typing import cast

from flask import Flask, Response, current_app, g
from pyoxigraph import Store

from kg.snapshots import Build, DataFolder, Reader


def attach(app: Flask, folder: DataFolder) -> None:
    """Let an app read a data folder, and name the revision on every answer that read it."""
    app.extensions["citykg"] = Reader(folder)
    app.after_request(_name_revision)


def current() -> tuple[Build, Store]:
    """Return build and store, the same ones throughout a request. Raises DataFolderError if nothing is built."""
    if "graph" not in g:
        g.graph = cast(Reader, current_app.extensions["citykg"]).current()
    return cast(tuple[Build, Store], g.graph)


def _name_revision(response: Response) -> Response:
    if "graph" in g:
        response.headers["X-Revision"] = current()[0].revision
    return response
