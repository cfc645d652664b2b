"""Drafts: any text, kept for its author alone until it is proposed, by programs and by the form of the desk."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from kg.accounts import Database
from tests.support.curated import Curated

pytestmark = pytest.mark.drawn

WORDS = "summary=As+the+council+lists+it&source=https://example.org/list&graph=curated/council"
TURTLE = ("-H", "Content-Type: text/turtle", "--data-binary")
ACCOUNT = "<https://w3id.org/city-diplomacy/id/account/page-list--twinning-jinan-york>"
BROKEN = 'PREFIX cd: <https://w3id.org/city-diplomacy/ontology#> <urn:x> cd:note "half'
TABLE = "city_a,city_b,since,source,source_title,source_licence\njinan,york,1998,page-list,List,not known\n"


def kept(curated: Curated, text: str = BROKEN, by: str = "Carl") -> tuple[str, str]:
    """The address and the entity tag of a draft."""
    answer = curated.ask(*TURTLE, text, "/proposals?draft=yes", by=by)
    assert (answer.status, answer.members["state"], answer.members["added"]["text"]) == (201, "draft", text)
    return answer.headers["location"], answer.headers["etag"]


def test_nobody_else_sees_a_draft(curated: Curated) -> None:
    address, _ = kept(curated)
    number = int(address.rpartition("/")[2])
    assert curated.ask(address, by="Carl").members["number"] == number
    missing = f"There is no proposal {number}."
    for name in ("Ann", "Rita"):  # curators
        for asked in (("",), ("-X", "PUT", *TURTLE, "x", ""), ("-X", "DELETE", "")):
            answer = curated.ask(*asked[:-1], address, by=name)
            assert (answer.status, answer.members["detail"]) == (404, missing)
        for verb in ("propose", "accept", "refuse", "withdraw"):
            answer = curated.ask("-d", "reason=x" if verb == "refuse" else "", f"{address}/{verb}", by=name)
            assert (answer.status, answer.members["detail"]) == (404, missing), verb
        assert curated.at_desk(f"/desk{address}", by=name).status == 404
        assert curated.at_desk(f"/desk/text?draft={number}", by=name).status == 404
        assert number not in [one["number"] for one in curated.ask("/proposals", by=name).members["proposals"]]
        assert curated.ask("/proposals?state=draft", by=name).members == {"proposals": [], "total": 0}
    assert number in [one["number"] for one in curated.ask("/proposals?state=draft", by="Carl").members["proposals"]]
    assert number not in [one["number"] for one in curated.ask("/proposals", by="Carl").members["proposals"]]


def test_a_draft_is_changed_by_who_has_read_it_as_it_is(curated: Curated) -> None:
    address, tag = kept(curated)
    changed = curated.ask(
        *("-X", "PUT", "-H", f"If-Match: {tag}"), *TURTLE, "# nothing yet", f"{address}?summary=Later", by="Carl"
    )
    assert (changed.status, changed.members["summary"]) == (200, "Later")
    late = curated.ask("-X", "PUT", "-H", f"If-Match: {tag}", *TURTLE, "x", address, by="Carl")
    assert (late.status, late.members["title"]) == (412, "The draft was changed")
    read = curated.ask(address, by="Carl")
    assert (read.headers["etag"], read.members["added"]["text"]) == (changed.headers["etag"], "# nothing yet")
    assert curated.ask("-X", "DELETE", "-H", f"If-Match: {tag}", address, by="Carl").status == 412
    assert curated.ask("-X", "DELETE", "-H", f"If-Match: {read.headers['etag']}", address, by="Carl").status == 204
    assert curated.ask(address, by="Carl").status == 404
    assert Database(curated.folder.path).damage() == ""  # its number is used up, and sealed


def test_a_draft_becomes_a_proposal_once_it_can_be_read(curated: Curated) -> None:
    address, _ = kept(curated)
    refused = curated.ask("-X", "POST", f"{address}/propose", by="Carl")
    assert (refused.status, refused.members["detail"]) == (400, "A change needs a summary of 1 to 500 characters.")
    curated.ask("-X", "PUT", *TURTLE, BROKEN, f"{address}?{WORDS}", by="Carl")
    assert curated.ask("-X", "POST", f"{address}/propose", by="Carl").status == 400
    curated.ask("-X", "PUT", "-H", "Content-Type: text/csv", "--data-binary", TABLE, f"{address}?{WORDS}", by="Carl")
    proposed = curated.ask("-X", "POST", f"{address}/propose", by="Carl")
    assert (proposed.status, proposed.members["state"]) == (200, "open")
    assert curated.ask(address, by="Ann").members["added"]["text"] == TABLE
    for again in (
        ("-X", "POST", f"{address}/propose"),
        ("-X", "PUT", *TURTLE, "x", address),
        ("-X", "DELETE", address),
    ):
        answer = curated.ask(*again, by="Carl")
        assert (answer.status, answer.members["title"]) == (409, "The draft was proposed already")
    assert curated.ask("-X", "POST", f"{address}/propose", by="Ann").status == 403
    assert curated.ask("-X", "POST", f"{address}/withdraw", by="Carl").status == 200


def fields(page: str) -> dict[str, str]:
    """The fields of the form that say which draft it is of."""
    found = re.findall(r'<input type="hidden" name="(draft|tag)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in found}


def sent(curated: Curated, act: str, by: str, **more: str) -> tuple[int, str, str]:
    """The status, the page and where it leads, once the button `act` of the form is pressed."""
    form = [part for name, value in {"do": act, **more}.items() for part in ("-F", f"{name}={value}")]
    answer = curated.at_desk(*form, "/desk/text", by=by)
    return answer.status, answer.body.decode(), answer.headers.get("location", "")


def test_the_form_keeps_changes_proposes_and_submits_and_loses_nothing(curated: Curated) -> None:
    why = {"summary": "As listed", "source": "https://example.org/list", "graph": "curated/council"}
    status, _, where = sent(curated, "keep", "Ann", text=BROKEN)
    assert (status, where.partition("=")[0]) == (303, "/desk/text?draft")
    page = curated.at_desk(where, by="Ann").body.decode()
    assert BROKEN in unescape(page)
    draft = fields(page)
    for act in ("propose", "submit"):  # which cannot be read: it comes back, with the place
        status, page, _ = sent(curated, act, "Ann", **draft, **why, text=BROKEN)
        assert (status, BROKEN in unescape(page), fields(page)["draft"]) == (400, True, draft["draft"]), act
        assert "&gt;" in page.partition("<h2>Findings</h2>")[2]
    status, page, _ = sent(curated, "propose", "Ann", **draft, text=TABLE)
    assert (status, TABLE in unescape(page), "A change needs a summary" in page) == (400, True, True)
    assert sent(curated, "keep", "Ann", **draft, **why, text=TABLE)[0] == 303
    status, page, _ = sent(curated, "keep", "Ann", **draft, **why, text="# another window")
    assert (status, "# another window" in page, fields(page)) == (412, True, {})
    draft = fields(curated.at_desk(where, by="Ann").body.decode())
    status, page, made = sent(curated, "submit", "Ann", **draft, **why, text=TABLE)
    assert (status, made.startswith("/desk/changes/")) == (303, True), page
    assert curated.at_desk(where, by="Ann").status == 404  # it has become a change
    assert curated.ask("-X", "POST", f"{made.removeprefix('/desk')}/revert", by="Ann").status == 201
    status, page, _ = sent(curated, "submit", "Carl", **why, text=TABLE)
    assert (status, TABLE in unescape(page)) == (403, True)
    status, _, where = sent(curated, "propose", "Carl", **why, text=TABLE)
    assert (status, where.startswith("/desk/proposals/")) == (303, True)
    assert curated.ask("-X", "POST", f"{where.removeprefix('/desk')}/withdraw", by="Carl").status == 200


def test_several_texts_of_a_draft_are_one_patch_in_the_form(curated: Curated, tmp_path: Path) -> None:
    note = f'PREFIX cd: <https://w3id.org/city-diplomacy/ontology#> {ACCOUNT} cd:note "Since spring."@en .'
    parts = []
    for part, text in {"removed": note, "added": note.replace("spring", "May")}.items():
        (tmp_path / part).write_text(text)
        parts += ["-F", f"{part}=@{tmp_path}/{part};type=text/turtle"]

    def form() -> str:
        made = curated.ask(*parts, f"/proposals?draft=yes&{WORDS}", by="Carl")
        assert made.status == 201, made.body
        return unescape(curated.at_desk(f"/desk/text?draft={made.members['number']}", by="Carl").body.decode())

    page = form()
    for line in (f"D {ACCOUNT}", f"A {ACCOUNT}", "Since spring.", "Since May."):
        assert line in page
    assert '<option value="application/rdf-patch" selected>' in page
    (tmp_path / "added").write_text(BROKEN)  # which is no reason to lose either
    page = form()
    assert f"{note}\n{BROKEN}" in page
    assert "The submission has 1 finding" in page
