"""When a document last changed, as far as anybody knows (RFC 9110, section 8.8.2).

Until changes are recorded one by one, no document has a date of its own: its bytes follow from the graph that was built
and from this program. Hence it did not change since the later of two moments: the build, and the start of this process
(a program that was renewed has been started again). The date may be later than the true change, never earlier; the
strong ETag does not depend on it, and goes before it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from kg.snapshots import Build

_STARTED = datetime.now(UTC)


def last_modified(build: Build) -> datetime | None:
    """Return the moment since which no document of a build has changed."""
    return unchanged_since([datetime.fromisoformat(build.built), _STARTED], _now())


def unchanged_since(changes: list[datetime], now: datetime) -> datetime | None:
    """Return the end of the second of the latest change, since HTTP counts in seconds and two may fall into one.

    None while that lies in the future: then no date is known that holds (RFC 9110, sections 8.8.2.1 and 8.8.2.2).
    """
    since = max(changes).replace(microsecond=0) + timedelta(seconds=1)
    return since if since <= now else None


def _now() -> datetime:
    return datetime.now(UTC)
