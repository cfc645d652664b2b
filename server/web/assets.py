"""The style sheet, the script and the icon of all pages, at addresses that change when their bytes do."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from mimetypes import guess_type
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

from kg.errors import DataFolderError, UnknownNameError
from server.service import service

FOLDER = Path(__file__).parents[1] / "assets"
_NAMES = sorted(path.name for path in FOLDER.iterdir())
_A_YEAR = 31_536_000


def attach(app: Flask) -> None:
    """Let an app answer for its assets, and its templates name them and the revision of the graph."""
    app.add_url_rule("/assets/<name>", "asset", _answer)
    app.jinja_env.globals["asset"] = address
    app.context_processor(_site)


def address(name: str) -> str:
    """Return the address of an asset, which names its bytes; a cache may keep what it finds there (RFC 8246)."""
    return f"/assets/{name}?v={_read(name)[1]}"


def _answer(name: str) -> Response:
    if name not in _NAMES:
        raise UnknownNameError("asset", name, _NAMES)
    content, digest = _read(name)
    response = Response(content, mimetype=guess_type(name)[0])
    response.set_etag(digest)
    if request.args.get("v") == digest:
        response.cache_control.public = response.cache_control.immutable = True
        response.cache_control.max_age = _A_YEAR
    else:
        response.cache_control.no_cache = True
    response.make_conditional(request)
    return response


@lru_cache
def _read(name: str) -> tuple[bytes, str]:
    content = (FOLDER / name).read_bytes()
    return content, hashlib.sha256(content).hexdigest()[:16]


def _site() -> dict[str, Any]:
    """Return what every page says of the graph; nothing where none is built."""
    try:
        build = service.revisions.newest_build()
    except DataFolderError:
        return {"site": {}}
    return {"site": {"revision": build.revision, "changed": build.changed, "works": build.works}}
