"""JSON for programs, in UTF-8 and in the order in which its writer put it."""

from __future__ import annotations

import json
from typing import Any

from flask import Response


def written(members: Any) -> bytes:
    """Return members as JSON."""
    return json.dumps(members, ensure_ascii=False, indent=1).encode() + b"\n"


def answer(members: Any, status: int = 200) -> Response:
    """Return an answer in JSON."""
    return Response(written(members), status, content_type="application/json")
