"""`citykg serve` with one address more, whose view does nothing: what Flask and what is before it take by themselves.

`python -m bench.with_empty_view` takes the options of `citykg serve`.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response

from server import command, serve
from server.app import create_app

PATH = "/empty"


def _with_empty_view(*arguments: Any, **named: Any) -> Flask:
    app = create_app(*arguments, **named)
    app.add_url_rule(PATH, "empty", lambda: Response(content_type="text/plain"))
    return app


if __name__ == "__main__":
    serve.create_app = _with_empty_view
    command.serve()
