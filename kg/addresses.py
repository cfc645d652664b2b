"""What may stand as the address of another server: of an endpoint that SERVICE names, of an engine behind this one."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from kg.errors import BadValueError

_CHARACTERS = re.compile(r"[!$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]+")  # RFC 3986, section 2, without `#`


def check_address(address: str) -> None:
    """Raise BadValueError unless this is the address of an endpoint: http or https, a host, no user and no fragment."""
    try:
        url = urlsplit(address)
        sound = url.scheme in ("http", "https") and url.port != 0 and "@" not in url.netloc
        sound = sound and bool((url.hostname or "").encode("idna"))  # as it is looked up: no empty label
    except ValueError:
        sound = False
    if not sound or not _CHARACTERS.fullmatch(address):
        raise BadValueError(
            f"{address!r} is not the address of an endpoint.",
            "Give it as in https://query.wikidata.org/sparql: http or https, a host, no user and no fragment.",
        )
