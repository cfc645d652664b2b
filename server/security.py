"""Headers by which browsers treat our pages as what they are: text, forms and links, without scripts.

Content Security Policy Level 3 (W3C); RFC 9110 knows none of these. The one style sheet stands in the page, so the
policy names it by its hash.
"""

from __future__ import annotations

import base64
import hashlib

from flask import Flask, Response

STYLE_SHEET = "page.css"


def protect(app: Flask) -> None:
    """Add the headers to every answer of an app."""
    style = app.jinja_env.get_template(STYLE_SHEET).render().encode()
    digest = base64.b64encode(hashlib.sha256(style).digest()).decode()
    headers = {
        "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self' data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Cross-Origin-Resource-Policy": "cross-origin",  # the data are there for pages of others, too
    }

    def add(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response

    app.after_request(add)
