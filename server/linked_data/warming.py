"""Make the documents about things ahead of requests: those that are not ready for the present revision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from flask import Flask

from kg.errors import CityKgError
from kg.publish import entities_with
from kg.publish.ready_documents import write_ready
from kg.publish.ready_documents_file import Upkeep
from kg.rdf.scopes import EVERYTHING, REPORT
from kg.rdf.vocabulary import SKOS
from kg.shortage import ROOM_BYTES, has_room
from kg.workers import BusyError
from server.service import service

_NAMED, _ANY = SKOS.prefLabel.value, ""


def warm_documents(app: Flask, most_bytes: int) -> Iterator[int]:
    """Make documents up to a total of bytes; yield how many are ready, at the start and after each one.

    It ends once the revision has changed, when the workers are busy, and when the disk is nearly full; the rest is made
    with the next revision. Raises what Revisions.current and Upkeep.begin raise.
    """
    with app.test_request_context():
        folder, build = service.folder, service.revisions.current()
    with closing(Upkeep(folder, most_bytes)) as upkeep:
        with app.test_request_context():
            upkeep.begin(build, _thing_names)
        yield upkeep.count
        while (name := upkeep.next_pending()) is not None:
            with app.test_request_context():
                # the last room on the disk is for changes
                if service.revisions.current() != build or not has_room(folder.path, ROOM_BYTES):
                    return
                try:
                    upkeep.save(build, name, service.workers.write(write_ready, *name.split("/", 1)).read_all())
                except BusyError:
                    return
                except CityKgError:  # it was withdrawn, or takes too much: it is made when it is asked for
                    upkeep.skip(build, name)
            yield upkeep.count


def _thing_names() -> Iterator[str]:
    """Yield kind and slug of all things, those of the report first, then what has a name, then all else.

    A thing may come more than once. Raises what Workers.read raises.
    """
    for scope, predicate in ((REPORT, _ANY), (EVERYTHING, _NAMED), (EVERYTHING, _ANY)):
        with service.revisions.in_scope(scope):
            yield from service.workers.read(entities_with, predicate)
