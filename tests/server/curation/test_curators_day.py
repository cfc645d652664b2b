"""A curator's whole day against a running server, with curl: validate, mend, submit, review, undo, conflict, repeat."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from kg.building.verification import verify
from kg.history.chain import History
from tests.support.curated import Curated
from tests.support.http import Answer
from tests.support.tiers import TIER, Tier
from tests.support.turtle import PREFIXES

pytestmark = pytest.mark.scaled  # all change one graph, and leave it as it was; the last verifies it in CI

SOURCE = """
source:council-list a cd:Source ;
    skos:prefLabel "List of the council"@en ;
    dcterms:title "Sister cities"@en ;
    dcterms:rights "not known"@en .
"""
SOURCE_IRI = "https://w3id.org/city-diplomacy/id/source/council-list"
WORDS = "summary=As+the+council+lists+it&source=https://example.org/list&graph=curated/council"


def twinning(one: str, other: str) -> str:
    return f"""
twinning:{one}-{other} a cd:Twinning ;
    skos:prefLabel "Twinning of {one.title()} and {other.title()}"@en ;
    cd:twin city:{one} , city:{other} .
account:council-list--twinning-{one}-{other} a cd:Account ;
    cd:accountOf twinning:{one}-{other} ;
    cd:statedIn source:council-list ;
    cd:status status:current .
"""


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """Write a text to a file, for curl."""

    def write(text: str, name: str = "mine.ttl") -> str:
        (tmp_path / name).write_text(PREFIXES + text, encoding="utf-8")
        return f"@{tmp_path / name}"

    return write


def turtle(data: str) -> tuple[str, ...]:
    return "--data-binary", data, "-H", "Content-Type: text/turtle"


def members(answer: Answer) -> dict[str, Any]:
    return dict(json.loads(answer.body))


def test_mistakes_are_told_with_places_before_and_after_submitting(curated: Curated, written: Any) -> None:
    broken = written(
        twinning("jinan", "york").replace("cd:accountOf", "cd:acountOf").replace(";\n    cd:twin", ".\ncd:twin")
    )
    before, after = (
        curated.ask(*turtle(broken), "/validate"),
        curated.ask(*turtle(broken), f"/changes?{WORDS}", by="Ann"),
    )
    assert (before.status, after.status) == (400, 400)
    assert members(before)["findings"] == members(after)["findings"]
    assert members(before)["line"] > len(PREFIXES.splitlines())

    unfit = written(SOURCE + twinning("jinan", "york").replace("cd:accountOf", "cd:acountOf"))
    before, after = curated.ask(*turtle(unfit), "/validate"), curated.ask(*turtle(unfit), f"/changes?{WORDS}", by="Ann")
    assert (before.status, after.status) == (200, 422)
    found = members(before)
    assert found["findings"] == members(after)["findings"]
    assert not found["conforms"]
    (spelled,) = found["findings"]
    assert (spelled["step"], spelled["meant"]) == ("vocabulary", "cd:accountOf")
    assert "cd:accountOf" in spelled["hint"]
    assert spelled["line"]


@pytest.mark.parametrize("door", ["/validate", f"/changes?{WORDS}", f"/proposals?{WORDS}"])
def test_a_file_that_was_cut_off_is_refused_at_every_door(curated: Curated, door: str) -> None:
    before = members(curated.ask("/proposals", by="Ann"))["total"]
    header = ("--data-binary", "city_a,city_b,source\n", "-H", "Content-Type: text/csv")
    answer = curated.ask(*header, door, by="Ann")
    assert (answer.status, "neither a row nor a statement" in members(answer)["detail"]) == (400, True)
    assert members(curated.ask("/proposals", by="Ann"))["total"] == before


def test_a_change_is_made_seen_and_undone(curated: Curated, written: Any) -> None:
    good = written(SOURCE + twinning("jinan", "york"))
    asked = curated.ask(*turtle(good), "/validate?graph=curated/council")
    assert (asked.status, members(asked)["conforms"]) == (200, True), members(asked)
    before = curated.ask("/queries/twins-of-a-city.csv?thing=city:york")
    assert "Jinan" not in before.body.decode()

    made = curated.ask(*turtle(good), f"/changes?{WORDS}", by="Ann")
    assert made.status == 201, made.body
    change = made.headers["location"]
    assert made.headers["x-revision"] == members(made)["revision"] != before.headers["x-revision"]
    seen = curated.ask("-H", "Accept: text/turtle", "-L", "/id/twinning/jinan-york")
    assert b"source:council-list" in seen.body
    after = curated.ask("/queries/twins-of-a-city.csv?thing=city:york")
    assert "Jinan" in after.body.decode()
    assert after.headers["x-revision"] == made.headers["x-revision"]
    past = curated.ask(f"/queries/twins-of-a-city.csv?thing=city:york&at={before.headers['x-revision']}")
    assert past.body == before.body

    full = curated.ask("/doc/twinning/jinan-york.trig?profile=provenance").body.decode()
    for known in (
        'dcterms:title "Sister cities"@en',
        'dcterms:rights "not known"@en',
        "As the council lists it",
        '"Ann"',
    ):
        assert known in full, full
    assert f"{change}>" in full
    assert "prov:endedAtTime" in full

    patch = curated.ask(f"{change}.rdfp").body.decode()
    assert patch.count("\nA ") == members(made)["added"]
    page = curated.ask("-H", "Accept: text/html", change)
    assert (page.status, page.type) == (200, "text/html")
    assert b"As the council lists it" in page.body
    undone = curated.ask("-X", "POST", f"{change}/revert?summary=A+mistake", by="Ann")
    assert (undone.status, members(undone)["reverts"]) == (201, members(made)["number"])
    assert curated.ask("/queries/twins-of-a-city.csv?thing=city:york").body == before.body
    assert curated.ask("/doc/twinning/jinan-york.ttl").status == 404


def test_two_people_review_a_proposal(curated: Curated, written: Any) -> None:
    good = written(SOURCE + twinning("oxford", "qingdao"))
    refused = curated.ask(*turtle(good), f"/changes?{WORDS}", by="Carl")
    assert refused.status == 403
    assert "Propose" in members(refused)["hint"]
    made = curated.ask(*turtle(good), f"/proposals?{WORDS}", by="Carl")
    assert made.status == 201, made.body
    proposal = made.headers["location"]
    assert curated.ask("/doc/twinning/oxford-qingdao.ttl").status == 404
    assert curated.ask("/proposals").status == 401
    listed = members(curated.ask("/proposals?state=open", by="Rita"))["proposals"]
    assert [one["address"] for one in listed] == [proposal]
    assert "twinning:oxford-qingdao" in members(curated.ask(proposal, by="Rita"))["added"]["text"]

    assert curated.ask("-X", "POST", f"{proposal}/accept", by="Carl").status == 403
    accepted = curated.ask("-X", "POST", f"{proposal}/accept", by="Rita")
    assert accepted.status == 201, accepted.body
    assert (members(accepted)["agent"], members(accepted)["reviewer"]) == ("Carl", "Rita")
    assert curated.ask("/doc/twinning/oxford-qingdao.ttl").status == 200
    again = curated.ask("-X", "POST", f"{proposal}/accept", by="Rita")
    assert (again.status, "Rita" in members(again)["detail"]) == (409, True)
    assert curated.ask("-X", "POST", f"{accepted.headers['location']}/revert", by="Ann").status == 201


def test_a_curator_does_not_review_what_is_their_own(curated: Curated, written: Any) -> None:
    good = written(SOURCE + twinning("oxford", "qingdao"))
    proposal = curated.ask(*turtle(good), f"/proposals?{WORDS}", by="Ann").headers["location"]
    assert curated.ask("-X", "POST", f"{proposal}/accept", by="Ann").status == 403
    refused = curated.ask("-X", "POST", "-F", "reason=No such list", f"{proposal}/refuse", by="Rita")
    assert (refused.status, members(refused)["state"], members(refused)["reason"]) == (200, "refused", "No such list")


def test_the_second_of_two_proposals_that_do_not_go_together_learns_it_when_accepted(
    curated: Curated, written: Any
) -> None:
    other = twinning("oxford", "qingdao").replace("account:council-list-", "account:council-list-again-")
    texts = [SOURCE + twinning("oxford", "qingdao"), SOURCE + other]
    made = [curated.ask(*turtle(written(text)), f"/proposals?{WORDS}", by="Carl") for text in texts]
    assert [answer.status for answer in made] == [201, 201]
    assert not any(f["severity"] == "Violation" for answer in made for f in members(answer)["findings"]), made
    first, second = (answer.headers["location"] for answer in made)
    accepted = curated.ask("-X", "POST", "-F", "acknowledge=yes", f"{first}/accept", by="Rita")
    assert accepted.status == 201, accepted.body
    late = curated.ask("-X", "POST", "-F", "acknowledge=yes", f"{second}/accept", by="Rita")
    assert (late.status, late.type) == (422, "application/problem+json")
    assert "twinning:oxford-qingdao" in late.body.decode()
    assert members(curated.ask(second, by="Rita"))["state"] == "open"
    assert curated.ask("-X", "POST", f"{accepted.headers['location']}/revert", by="Ann").status == 201


@pytest.mark.parametrize("word", ["null", "", "no"])
def test_warnings_are_acknowledged_by_one_word(curated: Curated, written: Any, word: str) -> None:
    for address in (f"/validate?acknowledge={word}", f"/changes?{WORDS}&acknowledge={word}"):
        refused = curated.ask(*turtle(written(SOURCE)), address, by="Ann")
        assert (refused.status, "acknowledge=yes" in members(refused)["hint"]) == (400, True), refused.body
    update = ("-H", "Content-Type: application/sparql-update", "-d", "INSERT DATA {}")
    assert curated.ask(*update, f"/update?{WORDS}&acknowledge={word}", by="Ann").status == 400


def test_a_lost_answer_is_asked_for_again(curated: Curated, written: Any) -> None:
    good = turtle(written(SOURCE + twinning("jinan", "york")))
    key = ("-H", "Idempotency-Key: day-1")
    first = curated.ask(*good, *key, f"/changes?{WORDS}", by="Ann")
    again = curated.ask(*good, *key, f"/changes?{WORDS}", by="Ann")
    assert (first.status, again.status) == (201, 201), first.body
    assert first.headers["location"] == again.headers["location"]
    another = curated.ask(*good, *key, f"/changes?{WORDS}&acknowledge=yes", by="Ann")
    assert another.status == 422
    assert curated.ask("-X", "POST", f"{first.headers['location']}/revert", by="Ann").status == 201


def test_a_refused_change_does_not_spend_its_key(curated: Curated, written: Any) -> None:
    key = ("-H", "Idempotency-Key: mended-1")
    wrong = twinning("jinan", "york").replace("status:current", "status:curent")
    broken = turtle(written(SOURCE + wrong, "broken.ttl"))
    assert curated.ask(*broken, *key, f"/changes?{WORDS}", by="Ann").status == 422
    mended = turtle(written(SOURCE + twinning("jinan", "york")))
    made = [curated.ask(*mended, *key, f"/changes?{WORDS}", by="Ann") for _ in range(2)]
    assert [answer.status for answer in made] == [201, 201], made[0].body
    assert made[0].headers["location"] == made[1].headers["location"]
    assert curated.ask(*broken, *key, f"/changes?{WORDS}", by="Ann").status == 422
    assert curated.ask("-X", "POST", f"{made[0].headers['location']}/revert", by="Ann").status == 201


def test_a_repeated_acceptance_is_the_same_change_and_names_its_revision(curated: Curated, written: Any) -> None:
    good = written(SOURCE + twinning("oxford", "qingdao"))
    proposal = curated.ask(*turtle(good), f"/proposals?{WORDS}", by="Carl").headers["location"]
    stale = curated.ask("-X", "POST", "-H", 'If-Match: "000000000000"', f"{proposal}/accept", by="Rita")
    assert stale.status == 412
    accept = ("-X", "POST", "-H", "Idempotency-Key: accept-1", f"{proposal}/accept")
    first = curated.ask(*accept, by="Rita")
    undone = curated.ask("-X", "POST", f"{first.headers['location']}/revert", by="Ann")
    again = curated.ask(*accept, by="Rita")
    assert (first.status, undone.status, again.status) == (201, 201, 201)
    assert members(first) == members(again)
    another = curated.ask("-X", "POST", "-H", "Idempotency-Key: accept-2", f"{proposal}/accept", by="Ann")
    assert (another.status, "accepted by Rita" in members(another)["detail"]) == (409, True)
    assert again.headers["x-revision"] == first.headers["x-revision"] != undone.headers["x-revision"]


def test_who_decides_first_decides(curated: Curated, written: Any) -> None:
    """One accepts while another refuses: the database and the graph say the same."""
    good = turtle(written(SOURCE + twinning("oxford", "qingdao")))
    for offset in (0, 0.01, 0.02, 0.05):
        proposal = curated.ask(*good, f"/proposals?{WORDS}", by="Carl").headers["location"]
        with ThreadPoolExecutor() as threads:
            accepting = threads.submit(curated.ask, "-X", "POST", f"{proposal}/accept", by="Rita")
            time.sleep(offset)
            refused = curated.ask("-X", "POST", "-F", "reason=No", f"{proposal}/refuse", by="Ann")
            accepted = accepting.result()
        assert sorted([accepted.status, refused.status]) in ([200, 409], [201, 409])
        is_made = accepted.status == 201
        assert members(curated.ask(proposal, by="Ann"))["state"] == ("accepted" if is_made else "refused")
        assert curated.ask("/doc/twinning/oxford-qingdao.ttl").status == (200 if is_made else 404)
        if is_made:
            assert curated.ask("-X", "POST", f"{accepted.headers['location']}/revert", by="Ann").status == 201


def test_a_form_has_several_files_of_several_formats(curated: Curated, written: Any) -> None:
    files = written(SOURCE, "source.ttl"), written(twinning("jinan", "york"), "tie.ttl")
    patch = written("", "patch.rdfp")
    Path(patch[1:]).write_text(f'A <{SOURCE_IRI}> <http://www.w3.org/2004/02/skos/core#altLabel> "List"@en .\n')
    form = [word for file in files for word in ("-F", f"added={file};type=text/turtle")]
    form += ["-F", f"added={patch};type=application/rdf-patch"]
    assert members(curated.ask(*form, "/validate?graph=curated/council"))["conforms"]
    made = curated.ask(*form, f"/changes?{WORDS}", by="Ann")
    assert (made.status, members(made)["added"]) == (201, 13), made.body
    assert curated.ask("-X", "POST", f"{made.headers['location']}/revert", by="Ann").status == 201
    wrong = written(twinning("jinan", "york").replace("status:current", "status:curent"), "wrong.ttl")
    told = curated.ask("-F", f"added={files[0]};type=text/turtle", "-F", f"added={wrong};type=text/turtle", "/validate")
    assert {(f["file"], f["line"]) for f in members(told)["findings"] if "file" in f} == {("wrong.ttl", 9)}
    proposed = curated.ask(*form, f"/proposals?{WORDS}", by="Carl")
    sent = members(curated.ask(proposed.headers["location"], by="Rita"))["added"]
    assert [text["file"] for text in sent] == ["source.ttl", "tie.ttl", "patch.rdfp"]
    accepted = curated.ask("-X", "POST", f"{proposed.headers['location']}/accept", by="Rita")
    assert (accepted.status, members(accepted)["added"]) == (201, 13)
    assert curated.ask("-X", "POST", f"{accepted.headers['location']}/revert", by="Ann").status == 201


def test_nothing_of_a_form_is_dropped(curated: Curated, written: Any) -> None:
    one, other = written(SOURCE, "one.ttl"), written(SOURCE, "other.ttl")
    form = ("-F", f"aded={one};type=text/turtle", "-F", f"removed={other};type=text/turtle")
    assert curated.ask(*form, f"/changes?{WORDS}", by="Ann").status == 400
    packed = ("--data-binary", "{}", "-H", "Content-Type: application/vnd.citykg.texts+json")
    assert curated.ask(*packed, f"/proposals?{WORDS}", by="Carl").status == 400
    assert curated.ask(*turtle(one), "/changes?sumary=x", by="Ann").status == 400


@pytest.mark.parametrize(
    "source", ["https://user:secret@example.org/", "https://example.org/%E2%80%AEx", "file:///x", ""]
)
def test_a_source_can_be_looked_up_and_tells_no_secret(curated: Curated, written: Any, source: str) -> None:
    words = f"summary=x&source={quote(source, safe='')}"
    assert curated.ask(*turtle(written(SOURCE)), f"/changes?{words}", by="Ann").status == 400


def city(slug: str) -> str:
    return (
        SOURCE
        + f"""
city:{slug} a cd:City ; skos:prefLabel "{slug.title()}"@en ;
    cd:within <https://w3id.org/city-diplomacy/id/country/china> ;
    <https://schema.org/sameAs> <http://www.wikidata.org/entity/Q888888881> ;
    <http://purl.org/dc/terms/source> source:council-list .
"""
    )


def test_undo_of_an_undo_passes_the_same_gate(curated: Curated, written: Any) -> None:
    first = curated.ask(*turtle(written(city("onetown"))), f"/changes?{WORDS}&acknowledge=yes", by="Ann")
    assert first.status == 201, first.body
    undone = curated.ask("-X", "POST", f"{first.headers['location']}/revert", by="Ann")
    second = curated.ask(*turtle(written(city("twotown"))), f"/changes?{WORDS}&acknowledge=yes", by="Ann")
    assert (undone.status, second.status) == (201, 201), second.body
    again = curated.ask("-X", "POST", f"{undone.headers['location']}/revert?acknowledge=yes", by="Ann")
    assert (again.status, "identity" in again.body.decode()) == (409, True)
    assert curated.ask("-X", "POST", f"{second.headers['location']}/revert", by="Ann").status == 201
    assert curated.ask("-X", "POST", f"/changes/{10**300}/revert", by="Ann").status == 404


def test_what_builds_on_a_change_is_undone_with_it_or_named(curated: Curated, written: Any) -> None:
    """The second cites the source that the first has stated; the tie of a third has nothing to do with either."""
    first = curated.ask(*turtle(written(SOURCE + twinning("jinan", "york"))), f"/changes?{WORDS}", by="Ann")
    second = curated.ask(*turtle(written(twinning("oxford", "qingdao"))), f"/changes?{WORDS}", by="Ann")
    other = (SOURCE + twinning("hangzhou", "york")).replace("council-list", "other-list")
    third = curated.ask(*turtle(written(other)), f"/changes?{WORDS}&acknowledge=yes", by="Ann")
    assert (first.status, second.status, third.status) == (201, 201, 201), third.body
    undo = ("-X", "POST", f"{first.headers['location']}/revert")
    refused = curated.ask(*undo, by="Ann")
    assert (refused.status, "dependents=yes" in members(refused)["hint"]) == (409, True)
    assert curated.ask(*undo[:2], f"{undo[2]}?dependents=perhaps", by="Ann").status == 400
    undone = curated.ask(*undo[:2], f"{undo[2]}?dependents=yes", by="Ann")
    told = members(undone)
    assert (undone.status, told["revertsToo"]) == (201, [members(second)["number"]]), undone.body
    page = curated.ask("-H", "Accept: text/html", second.headers["location"]).body.decode()
    assert f'Undone by</dt><dd><a href="{told["address"]}">' in page
    assert curated.ask("-X", "POST", f"{third.headers['location']}/revert", by="Ann").status == 201


def test_conflicts_name_what_changed_meanwhile(curated: Curated, written: Any) -> None:
    good, old = written(SOURCE + twinning("jinan", "york")), curated.ask("/healthz").headers["x-revision"]
    made = curated.ask(*turtle(good), f"/changes?{WORDS}", by="Ann")
    passed = curated.ask(*turtle(good), "-H", f'If-Match: "{old}"', f"/changes?{WORDS}", by="Rita")
    assert passed.status == 412
    assert made.headers["location"] in [change["address"] for change in members(passed)["changes"]]
    again = (*turtle(good), "-H", f'If-Match: "{old}"', f"/changes?{WORDS}")
    said = curated.ask("-H", "Accept: text/plain", *again, by="Rita").body.decode()
    assert f"change {members(made)['number']} by Ann: As the council lists it" in said.splitlines()
    page = curated.ask("-H", "Accept: text/html", *again, by="Rita").body.decode()
    assert f'<a href="{made.headers["location"]}">' in page
    same = curated.ask(*turtle(good), f"/changes?{WORDS}", by="Rita")
    assert same.status == 409
    undone = curated.ask("-X", "POST", f"{made.headers['location']}/revert", by="Ann")
    gone = curated.ask("-F", f"removed={good};type=text/turtle", f"/changes?{WORDS}", by="Rita")
    assert gone.status == 409
    assert undone.headers["location"] in [change["address"] for change in members(gone)["changes"]]
    assert any("jinan-york" in line for line in members(gone)["statements"])


def test_whoever_corrects_what_they_have_said_hears_who_said_it_and_how(curated: Curated) -> None:
    head = "city_a,city_b,since,source,source_title,source_licence\n"

    def sent(since: str) -> tuple[str, ...]:
        return (
            "--data-binary",
            f"{head}jinan,york,{since},day-list,Sister cities,not known\n",
            "-H",
            "Content-Type: text/csv",
        )

    first = curated.ask(*sent("1998"), f"/changes?{WORDS}", by="Ann")
    assert first.status == 201, first.body
    again = curated.ask(*sent("1999"), f"/changes?{WORDS}", by="Rita")
    (hint,) = [found["hint"] for found in members(again)["findings"] if found["path"] == "cd:begin"]
    account = "account:day-list--twinning-jinan-york"
    assert f"at most 1, and the graph has another one already: /changes?about={account} says who stated it." in hint
    stated = members(curated.ask(f"/changes.json?about={account}"))["changes"]
    assert [one["address"] for one in stated] == [first.headers["location"]]
    assert curated.ask("-X", "POST", f"{first.headers['location']}/revert", by="Ann").status == 201
    assert curated.ask(*sent("1999"), f"/changes?{WORDS}", by="Rita").status == 201
    twice = f"<https://w3id.org/city-diplomacy/id/{account.replace(':', '/')}> cd:begin 1998, 1999 ."
    both = members(
        curated.ask(*turtle(f"PREFIX cd: <https://w3id.org/city-diplomacy/ontology#>\n{twice}"), "/validate")
    )
    assert all("another one already" not in found.get("hint", "") for found in both["findings"])


def test_what_is_known_already_is_told_beforehand(curated: Curated, written: Any) -> None:
    good = turtle(written(SOURCE + twinning("jinan", "york")))
    assert "changesNothing" not in members(curated.ask(*good, "/validate?graph=curated/council"))
    made = curated.ask(*good, f"/changes?{WORDS}", by="Ann")
    assert members(curated.ask(*good, "/validate?graph=curated/council"))["changesNothing"] is True
    said = curated.ask(*good, "-H", "Accept: text/plain", "/validate?graph=curated/council").body.decode()
    assert "The graph already says all of it" in said
    assert curated.ask("-X", "POST", f"{made.headers['location']}/revert", by="Ann").status == 201


def test_what_others_need_is_not_taken_back(curated: Curated, written: Any) -> None:
    first = curated.ask(*turtle(written(SOURCE + twinning("jinan", "york"))), f"/changes?{WORDS}", by="Ann")
    note = written('account:council-list--twinning-jinan-york cd:note "Since spring."@en .')
    second = curated.ask(*turtle(note), f"/changes?{WORDS}", by="Ann")
    assert (first.status, second.status) == (201, 201), (first.body, second.body)
    refused = curated.ask("-X", "POST", f"{first.headers['location']}/revert", by="Ann")
    assert (refused.status, members(refused)["title"]) == (409, "Something depends on the change")
    assert "account:council-list--twinning-jinan-york" in {f["focus"] for f in members(refused)["findings"]}
    assert [change["address"] for change in members(refused)["changes"]] == [second.headers["location"]]
    for answer in (second, first):
        assert curated.ask("-X", "POST", f"{answer.headers['location']}/revert", by="Ann").status == 201


def test_the_list_and_the_feed_tell_the_day(curated: Curated, written: Any) -> None:
    for pair in (("jinan", "york"), ("oxford", "qingdao")):
        proposed = curated.ask(*turtle(written(SOURCE + twinning(*pair))), f"/proposals?{WORDS}", by="Carl")
        accepted = curated.ask("-X", "POST", f"{proposed.headers['location']}/accept", by="Rita")
        undone = curated.ask("-X", "POST", f"{accepted.headers['location']}/revert", by="Ann")
        assert (accepted.status, undone.status) == (201, 201)
    listed = members(curated.ask("/changes.json"))["changes"]
    assert [one["number"] for one in listed] == list(range(len(listed), 0, -1))
    by_carl = members(curated.ask("/changes.json?agent=Carl"))["changes"]
    assert {one["agent"] for one in by_carl} == {"Carl"}
    later = members(curated.ask(f"/changes.json?after={len(listed) - 2}"))["changes"]
    assert [one["number"] for one in later] == [len(listed), len(listed) - 1]
    assert curated.ask("/changes.atom?after=x").status == 400
    about = members(curated.ask("/changes.json?about=twinning:jinan-york"))["changes"]
    assert {change["number"] for change in about} == {
        number
        for number in range(1, len(listed) + 1)
        if b"<https://w3id.org/city-diplomacy/id/twinning/jinan-york>" in curated.ask(f"/changes/{number}.nq").body
    }
    assert 0 < len(about) < len(listed)
    page = curated.ask("-H", "Accept: text/html", "/doc/city/york").body.decode()
    assert "about=https%3A%2F%2Fw3id.org%2Fcity-diplomacy%2Fid%2Fcity%2Fyork" in page
    for wrong in ("York", "x:y", "https://a b"):
        refused = curated.ask(f"/changes?about={quote(wrong)}")
        assert (refused.status, "about=city:york" in members(refused)["hint"]) == (400, True)
    assert curated.ask("/agents/Carl").headers["location"] == "/changes?agent=Carl"
    feed = curated.ask("-H", "Accept: application/atom+xml", "/changes")
    assert (feed.type, feed.body.count(b"<entry>")) == ("application/atom+xml", len(listed))
    assert curated.ask("/changes.html").status == 200
    query = "SELECT ?c { GRAPH graph:history { ?c a prov:Activity } }"
    rows = curated.ask("-G", "--data-urlencode", f"query={query}", "-H", "Accept: text/csv", "/sparql").body
    assert len(rows.split()) == len(listed) + 1


def test_nothing_of_the_day_is_amiss(curated: Curated) -> None:
    if TIER > Tier.QUICK:  # it takes ten seconds; test_writers.py verifies what a server has written to a small graph
        assert [check for check in verify(curated.folder) if not check.passed] == []
    records = list(History(curated.folder.path).records())
    secrets = [*curated.tokens.values(), *(token.split("_")[1] for token in curated.tokens.values())]
    told = curated.ask("/dumps/all.nq").body.decode() + "".join(map(str, records))
    assert not [secret for secret in secrets if secret in told]
