"""What works beside the first would add to an answer that is asked of the first alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kg.errors import BadValueError, CityKgError
from kg.publish.questions import prepare
from kg.publish.work_names import added_by_others
from kg.queries import Question
from kg.rdf.rows import FirstRows
from kg.rdf.scopes import EVERYTHING, REPORT, WORLD
from server.queries import addresses
from server.service import service
from server.web import Labels, Link


@dataclass(frozen=True)
class OtherWorks:
    """The same question asked of all works: of which one it is asked now, what the others add, and where to ask all.

    `added` is a sentence, empty where it is not known.
    """

    asked_of: str
    address: str
    added: str = ""

    @classmethod
    def of(cls, asked: Question) -> OtherWorks | None:
        """Return where a question is asked of all works; None where it is, or where there is one work only."""
        if asked.scope != REPORT or not service.revisions.current().works:
            return None
        of_all = addresses.document(replace(asked, other_scope=EVERYTHING))
        return cls(first_work(), addresses.page_address(of_all))

    def counted(self, asked: Question, found: FirstRows) -> OtherWorks:
        """Return the same with what the others add to the rows found, for which the question is asked once more.

        Where that fails, as where the client has used up its seconds, nothing is said. Nor is it for a part of the
        rows, and beside the twinnings of the world, which take too long.
        """
        is_whole = asked.row_range.limit is None and not asked.row_range.offset and found.count == len(found.rows)
        if not is_whole or not found.is_complete or WORLD in service.revisions.current().works:
            return self
        plain = replace(asked, other_scope=EVERYTHING, evidence=False)
        try:
            with service.revisions.in_scope(EVERYTHING):
                read = service.questions.ask(plain, FirstRows.MEDIA_TYPE, aside=asked.evidence).read_all()
        except CityKgError:
            return self
        every = FirstRows.from_json(read)
        if every.count > len(every.rows):
            return self
        return replace(self, added=added_by_others(_names(), found.rows, every.rows))

    @staticmethod
    def link(asked: Question, suffix: str) -> Link | None:
        """Return the link to the same answer of all works, in the format of a suffix, with a title."""
        if asked.scope != REPORT or not service.revisions.current().works:
            return None
        names = _names()
        others = [name for work, name in sorted(names.items()) if work]
        title = f"Asked of {first_work()} alone. Here it is asked of all works, of {' and '.join(others)} too."
        return Link("related", addresses.document(replace(asked, other_scope=EVERYTHING)).at(suffix), title=title)


def first_work() -> str:
    """Return the name of the first work beside others."""
    with service.revisions.in_scope(EVERYTHING):
        beside = Labels.of_works()
    return beside[""] if len(beside) > 1 else "the report"


def fits_all_works(asked: Question) -> bool:
    """Return True if the values of a question fit where it is asked of all works."""
    try:
        with service.revisions.in_scope(EVERYTHING):
            service.workers.read(prepare, asked.as_json())
    except BadValueError:
        return False
    return True


def _names() -> dict[str, str]:
    with service.revisions.in_scope(EVERYTHING):
        return dict(Labels.of_works(data_sets=True))
