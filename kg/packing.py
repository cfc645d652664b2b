"""The texts of a submission as one body: the one text as it came, or both in a JSON object."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from kg.errors import BadValueError
from kg.submissions import Text

PACKED = "application/vnd.citykg.texts+json"
NAMES = ("added", "removed")


def packed(texts: Mapping[str, Text]) -> tuple[str, bytes]:
    """Return media type and bytes that hold all texts."""
    if texts.keys() == {"added"}:
        return texts["added"].media_type, texts["added"].body
    parts = {
        name: {"mediaType": text.media_type, "body": base64.b64encode(text.body).decode()}
        for name, text in texts.items()
    }
    return PACKED, json.dumps(parts).encode()


def unpacked(media_type: str, body: bytes) -> dict[str, Text]:
    """Return the texts that were packed. Raises BadValueError if they were not packed like this."""
    if media_type.partition(";")[0].strip().lower() != PACKED:
        return {"added": Text(body, media_type)}
    try:
        parts = json.loads(body)
        texts = {
            name: Text(base64.b64decode(parts[name]["body"], validate=True), str(parts[name]["mediaType"]))
            for name in NAMES
            if name in parts
        }
        if not texts:
            raise ValueError
        return texts
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadValueError(
            f"The body is no {PACKED}.", 'It has the form {"added": {"mediaType": "…", "body": "<base64>"}}.'
        ) from error
