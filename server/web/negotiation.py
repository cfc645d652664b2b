"""Content negotiation (RFC 9110, section 12.5.1): which of the types on offer a client prefers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from flask import Response, request
from werkzeug.http import parse_options_header

from kg.errors import CityKgError


class NotAcceptableError(CityKgError):
    """None of the types on offer is acceptable to the client."""

    title = "Not acceptable"

    def __init__(self, offers: Sequence[str]) -> None:
        super().__init__("None of the types that you accept is on offer.", f"Ask for one of: {', '.join(offers)}")


def preferred_type(offers: Sequence[str], aliases: Sequence[str] = ()) -> str:
    """Return the media type that the client prefers; `aliases` are other names of what is on offer.

    Raises NotAcceptableError, which names the offers, if it accepts none.
    """
    media_type = negotiate(request.headers.get("Accept"), [*offers, *aliases])
    if media_type is None:
        raise NotAcceptableError(offers)
    return media_type


def negotiate(accept: str | None, offers: Sequence[str]) -> str | None:
    """Return the offered media type that `accept` prefers, None if it accepts none of them.

    For each offer the most specific matching range decides, with its q; q=0 excludes. Ties go to the earlier offer,
    and so does a missing header.
    """
    if not accept or not accept.strip():
        return offers[0]
    return (_best_offer if len(accept) > _SHORT else _cached_best_offer)(accept, tuple(offers))


def vary(response: Response, field: str) -> None:
    """Say of an answer that it depends on a field of the request (RFC 9110, section 12.5.5)."""
    said = next((value for name, value in response.headers if name == "Vary"), None)  # `get` takes long where none is
    if said is None:
        response.headers.add("Vary", field)
    elif field not in said.split(", "):
        response.headers["Vary"] = f"{said}, {field}"


def _best_offer(accept: str, offers: tuple[str, ...]) -> str | None:
    ranges = [_parse(entry) for entry in accept.split(",") if entry.strip()]
    weighed = [(_quality(ranges, offer), -place, offer) for place, offer in enumerate(offers)]
    quality, _, best = max(weighed)
    return best if quality > 0 else None


_SHORT = 200  # characters; clients say few different things, and say them with each request
_cached_best_offer = lru_cache(1_000)(_best_offer)


def _parse(entry: str) -> tuple[str, dict[str, str], float]:
    media_range, parameters = parse_options_header(entry.strip())
    # all is UTF-8, each version of a format is one that the engine has, and a profile changes no meaning (RFC 6906)
    for accepted in ("charset", "version", "profile"):
        parameters.pop(accepted, None)
    try:
        quality = float(parameters.pop("q", "1"))
    except ValueError:
        quality = 0.0
    return media_range.lower(), parameters, min(max(quality, 0.0), 1.0)


def _quality(ranges: list[tuple[str, dict[str, str], float]], offer: str) -> float:
    media_type, parameters = parse_options_header(offer)
    matching = [
        (_specificity(media_range, wanted), quality)
        for media_range, wanted, quality in ranges
        if _covers(media_range, media_type) and wanted.items() <= parameters.items()
    ]
    return max(matching)[1] if matching else 0.0


def _covers(media_range: str, media_type: str) -> bool:
    main = media_type.partition("/")[0]
    return media_range in (media_type, f"{main}/*", "*/*")


def _specificity(media_range: str, parameters: dict[str, str]) -> int:
    if media_range == "*/*":
        return 0
    return 1 if media_range.endswith("/*") else 2 + len(parameters)


def content_type(media_type: str) -> str:
    """Return the Content-Type of a media type: text says that it is UTF-8, since clients guess otherwise."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
