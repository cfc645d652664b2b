"""What the gate does with the process of a large change, or of measures.

A large change goes there in a file, whose statements findings name by number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from kg.curation.draft import Draft
from kg.curation.large.preparation import IN_THE_SUBMISSION, in_order
from kg.curation.refusals import RefusedChangeError
from kg.findings import Finding
from kg.jobs import Child
from kg.rdf.change_file import ChangeFile
from kg.store.aside import Aside
from kg.submissions import Submission


def prepare(child: Child, aside: Aside, last: Callable[[], int]) -> None:
    """Let a process do what needs no lock, and follow what others change meanwhile, up to the `last` of the changes."""
    child.call("prepare", nicely=True)
    followed = aside.base.changes
    while followed < (number := last()):
        child.call("follow", number)
        followed = number


def portable(draft: Draft, aside: Aside) -> Draft:
    """Return a draft with what is submitted in a file."""
    sent = draft.submission
    if not isinstance(sent, Submission):
        return draft
    return replace(draft, submission=ChangeFile.write(aside.sent, sent.change))


@contextmanager
def placed(draft: Draft) -> Iterator[None]:
    """Give the findings of a refusal the places of the statements that they are about."""
    try:
        yield
    except RefusedChangeError as error:
        sent = draft.submission
        place = _places(sent) if isinstance(sent, Submission) else lambda number: None
        findings = tuple(_in_text(finding, place) for finding in error.report.findings)
        error.report = replace(error.report, findings=findings)
        raise


def _places(sent: Submission) -> Callable[[int], tuple[str, int, int] | None]:
    quads = in_order(sent.change)
    return lambda number: sent.place_of(quads[number - 1])


def _in_text(finding: Finding, place: Callable[[int], tuple[str, int, int] | None]) -> Finding:
    if finding.file != IN_THE_SUBMISSION or finding.line is None:
        return finding
    file, line, column = place(finding.line) or ("", None, None)
    return replace(finding, file=file, line=line, column=column)
