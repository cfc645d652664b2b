"""Style sheets, scripts and the icon, at addresses that change when their bytes do.

Those of all pages are files of the project. Those of the workbench are bundled when it is installed (hatch_build.py);
where they could not be, pages do without them, and say so.
"""

from __future__ import annotations

import hashlib
from functools import cache
from mimetypes import guess_type
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

from kg.errors import DataFolderError, UnknownNameError
from server import workbench
from server.service import service

FOLDER = Path(__file__).parents[1] / "assets"
_A_YEAR = 31_536_000


def attach(app: Flask) -> None:
    """Let an app answer for its assets, and its templates name them and the revision of the graph."""
    app.add_url_rule("/assets/<name>", "asset", _answer)
    app.jinja_env.globals["asset"] = address
    app.jinja_env.globals["has_workbench"] = workbench.is_bundled
    app.context_processor(_site)


def address(name: str) -> str:
    """Return the address of an asset, which names its bytes; a cache may keep what it finds there (RFC 8246)."""
    return f"/assets/{name}?v={_read(name)[1]}"


def _answer(name: str) -> Response:
    if name not in _names():
        raise UnknownNameError("asset", name, _names())
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


@cache
def _names() -> list[str]:
    return sorted([*(path.name for path in FOLDER.iterdir()), *(workbench.BUNDLED if workbench.is_bundled() else ())])


@cache
def _read(name: str) -> tuple[bytes, str]:
    content = ((workbench.BUNDLE if name in workbench.BUNDLED else FOLDER) / name).read_bytes()
    return content, hashlib.sha256(content).hexdigest()[:16]


def _site() -> dict[str, Any]:
    """Return what every page says of the graph; nothing where none is built."""
    try:
        build = service.revisions.newest_build()
    except DataFolderError:
        return {"site": {}}
    return {"site": {"revision": build.revision, "changed": build.changed, "works": build.works}}
