"""Imports over HTTP: a table becomes one change or one proposal, and whoever sends it sees what became of each row."""

from __future__ import annotations

import csv
import io
import json
import re
import threading
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import yaml

from kg.curation import gate
from kg.curation.gate import Gate
from kg.history import History
from tests.kg.cli.test_main import citykg
from tests.kg.curation.large.conftest import Here
from tests.support.command import Eventually
from tests.support.council_list import MAPPING
from tests.support.curated import Curated
from tests.support.http import Answer
from tests.support.serving import Serving

pytestmark = pytest.mark.drawn

HEAD = "city_a,city_b,since\n"
ROW = "Jinan,York,2019\n"

Written = Callable[..., str]
PAGE = ("-H", "Accept: text/html")


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Write a file, and return its name for curl."""

    def write(text: str | bytes, name: str = "twins.csv") -> str:
        (tmp_path / name).write_bytes(text.encode() if isinstance(text, str) else text)
        return f"@{tmp_path / name}"

    return write


@pytest.fixture
def sent(curated: Curated, written: Written) -> Callable[..., Answer]:
    """Send a table, by a mapping."""

    def send_table(
        table: str | bytes, *more: str, by: str = "Ann", name: str = "twins.csv", mapping: str = MAPPING
    ) -> Answer:
        parts = (f"file={written(table, name)}", f"mapping={written(mapping, 'mine.yaml')}")
        form = [word for part in parts for word in ("-F", part)]
        return curated.ask(*form, *more, "/imports", by=by)

    return send_table


@pytest.fixture
def followed(curated: Curated, eventually: Eventually) -> Callable[..., dict[str, Any]]:
    """Wait until what was sent is over, or waits for a review, and return what is told of it."""

    def follow(answer: Answer, by: str = "Ann", state: str = "done") -> dict[str, Any]:
        assert answer.status == 202, answer.body
        address = answer.headers["location"]
        settled = ("done", "failed", "cancelled", "waiting")
        eventually(lambda: curated.ask(address, by=by).members["state"] in settled, True)
        told = curated.ask(address, by=by).members
        assert told["state"] == state, json.dumps(told)
        return told

    return follow


def taken_back(curated: Curated, told: dict[str, Any]) -> None:
    undone = curated.ask("-X", "POST", f"{told['change']}/revert", by="Ann")
    assert undone.status == 201, undone.body


def test_a_curators_table_becomes_one_change(curated: Curated, sent: Any, followed: Any) -> None:
    told = followed(sent(HEAD + ROW, "-F", "summary=As the council lists it"))
    assert (told["counts"]["rows"], told["counts"]["new"]) == (1, 1)
    change = curated.ask("-H", "Accept: application/json", told["change"]).members
    assert (change["kind"], change["agent"], change["summary"]) == ("import", "Ann", "As the council lists it")
    assert change["source"] == "https://example.org/list"
    assert change["added"]
    assert all("/graph/curated/council-list>" in line for line in change["added"])
    assert b"Jinan" in curated.ask("/queries/twins-of-a-city.csv?thing=city:york").body
    page = curated.at_desk(f"/desk{told['address']}", by="Ann").body.decode()
    assert f'<a href="/desk{told["change"]}">' in page
    assert f'<a href="/desk{told["change"]}/undo">' in page
    assert 'id="undo"' in curated.ask(*PAGE, told["change"]).body.decode()
    again = followed(sent(HEAD + ROW))
    assert (again["counts"]["known"], again["change"]) == (1, None)
    assert told["undoneBy"] is None
    taken_back(curated, told)
    undone = curated.ask(told["address"], by="Ann").members["undoneBy"]
    assert f"/changes/{int(told['change'].rpartition('/')[2]) + 1}" == undone
    for address in (told["address"], "/imports"):
        page = " ".join(curated.at_desk(f"/desk{address}", by="Ann").body.decode().split())
        assert re.search(f'undone by <a href="(/desk)?{undone}">', page)
    listed = curated.ask("-H", "Accept: application/json", "/imports", by="Ann").members["imports"]
    assert [one["undoneBy"] for one in listed if one["number"] == told["number"]] == [undone]
    curated.ask("-X", "POST", f"{undone}/revert", by="Ann")
    redone = curated.ask(told["address"], by="Ann").members
    assert redone["undoneBy"] is None
    curated.ask("-X", "POST", f"{undone.rpartition('/')[0]}/{int(undone.rpartition('/')[2]) + 1}/revert", by="Ann")


def test_a_town_whose_name_is_in_no_known_language_is_answered_like_others(
    curated: Curated, sent: Any, followed: Any
) -> None:
    town = "{name: city_a, language: und, country: {constant: DE}, latitude: {constant: 54}, longitude: {constant: 10}"
    mapping = MAPPING.replace("{name: city_a}", f"{town}, new: city}}")
    told = followed(sent("city_a,city_b,since\nKreuzhafen,York,2019\n", mapping=mapping))
    assert b"/doc/city/kreuzhafen" in curated.ask("/map").body
    for asked in ("twin towns of Kreuzhafen", "Is York twinned with Kreuzhafen?"):
        answer = curated.ask(f"/ask.json?{urlencode({'q': asked})}").members
        said = [sentence["text"] for one in answer["answers"][:1] for sentence in one["sentences"]]
        assert (answer["status"], said) == ("answered", ["Kreuzhafen and York are twinned, since 2019."])
    taken_back(curated, told)


def test_a_dry_run_changes_nothing_and_is_gone_on_with_as_it_was_shown(
    curated: Curated, sent: Any, followed: Any
) -> None:
    revision = curated.ask("/queries").headers["x-revision"]
    tried = followed(sent(HEAD + ROW, "-F", "dry_run=yes"))
    assert (tried["dryRun"], tried["counts"]["new"], tried["change"]) == (True, 1, None)
    assert curated.ask("/queries").headers["x-revision"] == revision
    page = curated.at_desk(f"/desk{tried['address']}", by="Ann").body.decode()
    assert f'action="/desk{tried["address"]}/commit"' in page
    assert curated.ask("-X", "POST", f"{tried['address']}/commit", by="Rita").status == 404  # it is Ann's
    told = followed(curated.ask("-X", "POST", f"{tried['address']}/commit", by="Ann"))
    assert curated.ask("-H", "Accept: application/json", told["change"]).members["kind"] == "import"
    again = curated.ask("-X", "POST", f"{tried['address']}/commit", by="Ann")
    assert (again.status, again.members["title"]) == (409, "The import has come too far")
    taken_back(curated, told)


def test_what_does_not_fit_is_reported_row_by_row_and_can_be_mended(curated: Curated, sent: Any, followed: Any) -> None:
    told = followed(sent(f"{HEAD}{ROW}Atlantis,York,2001\nOxford,Jinan,20190\nLeeds,Oxford\n"))
    assert {name: told["counts"][name] for name in ("new", "refused")} == {"new": 1, "refused": 3}
    report = curated.ask(told["report"], by="Ann")
    assert report.type == "text/csv"
    rows = list(csv.DictReader(io.StringIO(report.body.decode())))
    assert [row["outcome"] for row in rows] == ["new", "refused", "refused", "refused"]
    assert all(row["reason"] for row in rows[1:])
    in_json = curated.ask(told["report"].replace(".csv", ".json"), by="Ann")
    assert (in_json.type, in_json.members["counts"]["new"]) == ("application/json", 1)
    unfit = curated.ask(told["unfit"], by="Ann")
    assert unfit.type == "text/csv"
    assert "filename=twins-unfit.csv" in unfit.headers["content-disposition"]
    mended = unfit.body.decode().replace("Atlantis", "Qingdao").replace("20190", "2019").splitlines()
    second = followed(sent("\n".join(mended[:3]) + "\n"))
    assert (second["counts"]["rows"], second["counts"]["new"]) == (2, 2), second
    page = curated.at_desk(f"/desk{told['address']}", by="Ann").body.decode()
    assert page.index("Atlantis") < page.index(">line 2<")  # what wants a decision comes first
    for one in (second, told):
        taken_back(curated, one)


@pytest.mark.slow
def test_warnings_are_seen_and_then_it_is_tried_again(curated: Curated, sent: Any, followed: Any) -> None:
    told = followed(sent(HEAD + "Leeds,Oxford,2001\n"), state="failed")
    assert "1 warning" in told["error"]["detail"]
    assert "within different states" in told["findings"][0]["message"]
    (group,) = told["findingGroups"]
    assert (group["message"], group["count"]) == (told["findings"][0]["message"], 1)
    assert 'name="acknowledge"' in curated.at_desk(f"/desk{told['address']}", by="Ann").body.decode()
    again = followed(curated.ask("-X", "POST", "-F", "acknowledge=yes", f"{told['address']}/commit", by="Ann"))
    change = curated.ask("-H", "Accept: application/json", again["change"]).members
    assert "within different states" in change["acknowledged"][0]
    taken_back(curated, again)


def test_a_contributors_table_becomes_a_proposal_with_its_dry_run(curated: Curated, sent: Any, followed: Any) -> None:
    told = followed(sent(f"{HEAD}{ROW}Atlantis,York,2001\n", by="Carl"), by="Carl", state="waiting")
    assert curated.ask("/doc/twinning/jinan-york.ttl").status == 404
    proposal = curated.ask(told["proposal"], by="Rita").members
    assert proposal["import"]["counts"]["refused"] == 1
    assert (proposal["proposer"], proposal["state"], proposal["source"]) == ("Carl", "open", "https://example.org/list")
    for by in ("Carl", "Rita"):
        assert curated.ask(proposal["import"]["report"], by=by).status == 200
    assert (
        f'action="/desk{told["proposal"]}/accept"'
        in curated.at_desk(f"/desk{told['address']}", by="Rita").body.decode()
    )
    assert (
        f'action="/desk{told["proposal"]}/accept"'
        not in curated.at_desk(f"/desk{told['address']}", by="Carl").body.decode()
    )
    accepted = curated.ask("-X", "POST", f"{told['proposal']}/accept", by="Rita")
    assert (accepted.status, accepted.members["agent"], accepted.members["reviewer"]) == (201, "Carl", "Rita")
    seen = curated.ask(told["address"], by="Carl").members
    assert (seen["state"], seen["change"]) == ("done", accepted.headers["location"])
    assert "Accepted by Rita; it is in the graph" in curated.at_desk(f"/desk{told['address']}", by="Carl").body.decode()
    taken_back(curated, seen)


def test_the_rows_of_a_contributors_table_are_decided_apart(curated: Curated, sent: Any, followed: Any) -> None:
    rows = f"{HEAD}{ROW}Hangzhou,York,1999\nWuhan,York,2000\n"
    told = followed(sent(rows, by="Carl"), by="Carl", state="waiting")
    address = told["proposal"]
    assert f'href="/desk{address}"' in curated.at_desk(f"/desk{told['address']}", by="Rita").body.decode()
    page = curated.at_desk(f"/desk{address}", by="Rita").body.decode()
    assert [f"/id/twinning/{one}-york" in page for one in ("jinan", "hangzhou")] == [True, True]
    assert f'action="/desk{address}/withdraw"' in curated.at_desk(f"/desk{address}", by="Carl").body.decode()
    ticked = ("-d", "some=yes", "-d", "row=twinning:jinan-york", "-d", "acknowledge=yes")
    accepted = curated.at_desk(*ticked, f"/desk{address}/accept", by="Rita")
    assert (accepted.status, accepted.headers["location"]) == (303, f"/desk{address}?said=1#said")
    assert [curated.ask(f"/doc/twinning/{one}-york.ttl").status for one in ("jinan", "hangzhou")] == [200, 404]
    assert curated.ask(told["address"], by="Carl").members["state"] == "waiting"
    second = curated.ask("-d", "row=twinning:wuhan-york", "-d", "acknowledge=yes", f"{address}/accept", by="Rita")
    rest = ("-d", "some=yes", "-d", "row=twinning:hangzhou-york", "-d", "reason=Not listed", f"/desk{address}/refuse")
    assert curated.at_desk(*rest, by="Rita").status == 303
    seen = curated.ask(told["address"], by="Carl").members
    assert (seen["state"], curated.ask(address, by="Carl").members["state"]) == ("done", "refused")
    assert seen["change"] == second.headers["location"]
    for root in ("", "/desk"):
        shown = outcomes(curated, f"{root}{told['address']}")
        assert [(one, "Rejected by Rita: Not listed" in words) for one, words in shown] == [
            *(("new", False), ("rejected", True), ("new", False))
        ]
    first, undone = seen["changes"][0]["change"], []
    for change, became in ((seen["change"], "then a part of it undone"), (first, "Imported, then undone")):
        undone += [curated.ask("-X", "POST", f"{change}/revert", by="Ann").headers["location"]]
        seen = curated.ask(told["address"], by="Carl").members
        assert [one["undoneBy"] for one in seen["changes"]] == [undone[1] if undone[1:] else None, undone[0]]
        page = curated.at_desk(f"/desk{told['address']}", by="Rita").body.decode()
        assert (became in page, [f'href="/desk{one}/undo"' in page for one in (first, change)]) == (
            True,
            [change != first, False],
        )


def outcomes(curated: Curated, page: str) -> list[tuple[str, str]]:
    """Return the outcome of each row on the page of an import, and the words of the row."""
    ask = curated.at_desk if page.startswith("/desk") else curated.ask
    body = unescape(ask("-H", "Accept: text/html", page, by="Carl").body.decode()).partition('id="rows"')[2]
    rows = re.findall(r"<tr>.*?</tr>", body.replace("\n", " "))
    found = [(re.search('class="mark [a-z]+">(new|known|rejected)<', row), row) for row in rows]
    return [(mark[1], re.sub("<[^>]*>", "", row)) for mark, row in found if mark]


@pytest.mark.slow
def test_a_large_proposal_shows_how_far_its_acceptance_is(
    curated: Curated, sent: Any, followed: Any, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(History, "LARGE", 5)
    told = followed(sent(HEAD + ROW, by="Carl"), by="Carl", state="waiting")
    may_go_on = threading.Event()

    def fails_late(self: Gate, *given: Any, **more: Any) -> Any:
        more["control"].advance("writing a copy of the store", 3, 5)
        assert may_go_on.wait(60)
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as patched:
        patched.setattr(Gate, "commit", fails_late)
        accepted = curated.at_desk("-X", "POST", f"/desk{told['proposal']}/accept", by="Rita")
        assert (accepted.status, accepted.headers["location"]) == (303, f"/desk{told['address']}")
        eventually(lambda: curated.ask(told["address"], by="Carl").members.get("rows"), 3)
        page = curated.at_desk(f"/desk{told['address']}", by="Rita").body.decode()
        assert "Going into the graph" in page
        assert "/accept" not in page
        may_go_on.set()
        eventually(lambda: curated.ask(told["address"], by="Carl").members["state"], "waiting")
    page = curated.at_desk(f"/desk{told['address']}", by="Rita").body.decode()
    assert "failed by a fault" in page
    assert f'action="/desk{told["proposal"]}/accept"' in page
    monkeypatch.setattr(gate, "JobProcess", Here)
    monkeypatch.setattr(Here, "meanwhile", [], raising=False)
    assert curated.ask("-X", "POST", f"{told['proposal']}/accept", by="Rita").status == 202
    eventually(lambda: curated.ask(told["address"], by="Carl").members["state"], "done")
    taken_back(curated, curated.ask(told["address"], by="Carl").members)


@pytest.mark.slow
def test_a_refused_proposal_and_a_withdrawn_one_are_told_as_such(curated: Curated, sent: Any, followed: Any) -> None:
    refused = followed(sent(HEAD + ROW, by="Carl"), by="Carl", state="waiting")
    curated.ask("-X", "POST", "-F", "reason=No such list", f"{refused['proposal']}/refuse", by="Rita")
    told = curated.ask(refused["address"], by="Carl").members
    assert (told["state"], told["error"]["detail"]) == ("failed", "Rejected by Rita: No such list")
    assert [one for one, _ in outcomes(curated, refused["address"])] == ["rejected"]
    withdrawn = followed(sent(HEAD + ROW, by="Carl"), by="Carl", state="waiting")
    assert curated.ask("-X", "DELETE", withdrawn["address"], by="Carl").members["state"] == "cancelled"
    assert curated.ask(withdrawn["proposal"], by="Carl").members["state"] == "withdrawn"


@pytest.mark.slow
def test_imports_are_seen_by_whoever_they_are_of_and_by_curators(curated: Curated, sent: Any, followed: Any) -> None:
    anns = followed(sent(HEAD + ROW, "-F", "dry_run=yes"))
    carls = followed(sent(HEAD + ROW, "-F", "dry_run=yes", by="Carl"), by="Carl")
    listed = {
        by: {one["address"] for one in curated.ask("/imports", by=by).members["imports"]} for by in ("Carl", "Rita")
    }
    assert {anns["address"], carls["address"]} <= listed["Rita"]
    assert carls["address"] in listed["Carl"]
    assert anns["address"] not in listed["Carl"]
    for path in (anns["address"], anns["report"], f"{anns['address']}.json"):
        assert curated.ask(path, by="Carl").status == 404
    assert curated.ask("-X", "DELETE", anns["address"], by="Carl").status == 404
    for path in ("/imports", anns["address"]):
        assert curated.ask(path).status == 401


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        (("-F", "file=@TABLE", "-F", "mapping=twining"), 400, "twinnings"),
        (("-F", "file=@TABLE", "-F", "mapping=../../etc/passwd"), 400, "twinnings"),
        (("-F", "mapping=twinnings"), 400, "no part file"),
        (("-F", "file=@TABLE", "-F", "mapping=twinnings", "-F", "dry-run=yes"), 400, "dry_run"),
        (("-F", "file=@TABLE", "-F", "mapping=twinnings", "-F", "dry_run=1"), 400, "dry_run=yes"),
        (("-F", "file=@TABLE", "-F", "mapping=@BROKEN"), 400, "YAML"),
        (("-F", "file=@PICTURE", "-F", "mapping=twinnings"), 415, "Save a sheet as CSV in UTF-8, or paste its cells"),
        (("--data-binary", "@TABLE", "-H", "Content-Type: text/turtle"), 415, "text/csv"),
        (("--data-binary", "@TABLE", "-H", "Content-Type: text/csv", "-H", "Content-Encoding: gzip"), 415, "unpacked"),
        (("-X", "POST", "-H", "Content-Type:"), 415, "format"),
    ],
)
def test_what_cannot_be_imported_is_refused_with_the_way_out(
    curated: Curated, written: Written, options: tuple[str, ...], status: int, words: str
) -> None:
    before = curated.ask("/imports", by="Ann").members["total"]
    files = {
        "@TABLE": written(HEAD + ROW),
        "@PICTURE": written(b"\x89PNG", "twins.png"),
        "@BROKEN": written("rows: [nonsense", "broken.yaml"),
    }
    for name, path in files.items():
        options = tuple(option.replace(name, path) for option in options)
    answer = curated.ask(*options, "/imports", by="Ann")
    assert (answer.status, answer.type) == (status, "application/problem+json"), answer.body
    assert words in answer.body.decode() or words == "unpacked"
    assert curated.ask("/imports", by="Ann").members["total"] == before


@pytest.mark.slow
def test_a_source_that_is_new_is_described_beside_a_mapping_of_the_package(
    curated: Curated, sent: Any, followed: Any, written: Written
) -> None:
    head = "city_a,country_a,wikidata_a,city_b,country_b,wikidata_b,since,until,status,note,says\n"
    row = "Jinan,CN,,York,GB,,2019,,current,,the council\n"
    table = f"file={written(head + row)}"
    form = ("-F", table, "-F", "mapping=twinnings", "-F", "source=leeds-list", "-F", "source_title=Twins of Leeds")
    more = ("-F", "source_url=https://example.org/leeds", "-F", "source_licence=not known")
    told = followed(curated.ask(*form, *more, "/imports", by="Ann"))
    assert (told["counts"]["new"], told["source"]) == (1, "https://example.org/leeds")
    lines = "\n".join(curated.ask("-H", "Accept: application/json", told["change"]).members["added"])
    for said in ('/source/leeds-list> <http://purl.org/dc/terms/title> "Twins of Leeds"@en', '"not known"'):
        assert said in lines
    (left_out,) = told["findings"]
    assert (left_out["severity"], left_out["file"], left_out["line"]) == ("Info", "twins.csv", 1)
    assert left_out["message"].endswith("Nothing is imported of: says.")
    assert left_out["message"] in curated.at_desk(f"/desk{told['address']}", by="Ann").body.decode()
    taken_back(curated, told)
    nameless = curated.ask("-F", table, "-F", "mapping=twinnings", *more, "/imports", by="Ann")
    assert (nameless.status, "'name' is missing" in nameless.members["detail"]) == (400, True)
    twice = sent(HEAD + ROW, "-F", "source=leeds-list", "-F", "source_title=Twins of Leeds")
    assert (twice.status, "'source' is there twice" in twice.members["detail"]) == (400, True)


def test_the_form_says_which_columns_a_mapping_reads(curated: Curated) -> None:
    page = curated.at_desk("/desk/imports", by="Ann").body.decode()
    assert "<dt>wikidata-twins</dt><dd><code>city, cityLabel, twin, twinLabel</code></dd>" in page


LIST = "Twin town,Country,Since\nGuangzhou,China,2006\nLyon,France,1951\n"
ABOUT = tuple(
    word
    for field in (
        "source=birmingham-list",
        "source_title=Twin towns of Birmingham",
        "source_url=https://example.org/birmingham",
        "source_licence=not known",
    )
    for word in ("-F", field)
)


def test_a_mapping_is_guessed_shown_and_used_once_somebody_has_seen_it(
    curated: Curated, written: Written, followed: Any
) -> None:
    form = ("-F", f"file={written(LIST, 'list.csv')}", *ABOUT, "-F", "city=Birmingham, GB")
    tried = followed(curated.ask(*form, "/imports", by="Ann"))
    assert (tried["guessed"], tried["dryRun"], tried["change"], tried["counts"]["new"]) == (True, True, None, 1)
    fields = {one["field"]: one for one in tried["fields"]}
    assert fields["city_b.country"] == {"field": "city_b.country", "column": "Country", "sample": "China"}
    assert fields["city_a.name"] == {"field": "city_a.name", "constant": "Birmingham"}
    assert fields["city_a.country"] == {"field": "city_a.country", "constant": "GB"}
    page = curated.at_desk(f"/desk{tried['address']}", by="Ann").body.decode()
    assert "a mapping guessed from the headings" in page
    assert "<code>city_b.country</code>" in page
    mapping = curated.ask(tried["mappingFile"], by="Ann")
    assert (mapping.type, mapping.body.decode() in unescape(page)) == ("application/yaml", True)
    assert curated.ask(tried["mappingFile"], by="Carl").status == 404
    corrected = "\r\n".join(mapping.body.decode().replace("since: Since", "note: Since").splitlines())
    again = ("-F", f"again={tried['number']}", "-F", "dry_run=yes", "-F", f"mapping={corrected}")
    told = followed(curated.ask(*again, "/imports", by="Ann"))
    assert (told["guessed"], told["file"], told["source"]) == (False, "list.csv", "https://example.org/birmingham")
    assert {"field": "note", "column": "Since", "sample": "2006"} in told["fields"]
    assert curated.ask("-F", f"again={tried['number']}", "/imports", by="Rita").status == 404  # it is Ann's
    assert curated.ask("-F", f"again={'9' * 5_000}", "/imports", by="Ann").status == 404
    made = followed(curated.ask("-X", "POST", f"{tried['address']}/commit", by="Ann"))
    added = curated.ask("-H", "Accept: application/json", made["change"]).members["added"]
    assert any("#begin" in line and "2006" in line for line in added)
    taken_back(curated, made)


def test_a_guess_that_fails_can_be_helped_with_the_town_and_the_source(
    curated: Curated, written: Written, followed: Any
) -> None:
    failed = followed(curated.ask("-F", f"file={written(LIST, 'list.csv')}", "/imports", by="Ann"), state="failed")
    assert "which town is twinned with which" in failed["error"]["detail"]
    page = curated.at_desk(f"/desk{failed['address']}", by="Ann").body.decode()
    for field in ("city", "source", "source_title"):
        assert f'name="{field}"' in page
    again = ("-F", f"again={failed['number']}", "-F", "city=city:birmingham", *ABOUT)
    told = followed(curated.ask(*again, "/imports", by="Ann"))
    assert (told["guessed"], told["dryRun"], told["counts"]["new"]) == (True, True, 1)


def test_a_source_that_was_given_by_its_address_is_described_on_the_page_of_the_import_that_failed(
    curated: Curated, written: Written, followed: Any
) -> None:
    """The four fields stay as they are written, each is written anew, and none is there twice."""
    address = "https://www.birmingham.example/twins"
    table = ("-F", f"file={written(LIST, 'list.csv')}", "-F", "city=city:birmingham")
    failed = followed(curated.ask(*table, "-F", f"source={address}", "/imports", by="Ann"), state="failed")
    assert failed["error"]["detail"] == f"No source with the address '{address}' is known here."

    def again(of: Any, state: str, *said: str) -> Any:
        form = (word for one in (f"again={of['number']}", *said) for word in ("-F", one))
        return followed(curated.ask(*form, "/imports", by="Ann"), state=state)

    misnamed = again(failed, "failed", "source=No name!", "source_title=Twins here", "source_licence=not known")
    page = curated.at_desk(f"/desk{misnamed['address']}", by="Ann").body.decode()
    for said in ('name="source" value="No name!"', 'value="Twins here"', 'value="not known"'):
        assert said in page, said
    told = again(misnamed, "done", f"source={address}", "source_title=Twins of Birmingham", "source_licence=not known")
    mapping = curated.ask(f"{told['address']}/mapping", by="Ann").body.decode()
    said = yaml.safe_load(mapping)["source"]
    assert said == {
        "name": "twins-of-birmingham",
        "title": "Twins of Birmingham",
        "url": address,
        "licence": "not known",
    }


PASTED = "Town abroad\tLand\tYear of it\nGuangzhou\tChina\t2006\nLyno\tFrance\t1951\nOslo\tNorway\t1950\n"
COLUMNS = tuple(
    word for field in ("Town abroad=partner", "Land=country", "Year of it=since") for word in ("-F", f"column:{field}")
)


def test_pasted_cells_go_in_as_far_as_they_are_right_and_the_rest_waits(curated: Curated, followed: Any) -> None:
    """As a person does it on the pages: no heading is known, one town is misspelt, one is left out."""

    def send(*form: str) -> dict[str, Any]:
        answer = curated.at_desk(*form, "/desk/imports", by="Ann")
        assert answer.status == 303, answer.body
        address = answer.headers["location"].removeprefix("/desk")
        return followed(Answer(202, {"location": address}, b""), state=state)

    def page(told: dict[str, Any]) -> str:
        return unescape(curated.at_desk(f"/desk{told['address']}", by="Ann").body.decode())

    about = ("-F", "source_title=Twins of Birmingham", "-F", "source_licence=not known", "-F", "city=Birmingham, GB")
    state = "failed"
    failed = send("-F", f"cells={PASTED}", *about, "-F", "dry_run=yes")
    assert 'name="column:Town abroad"' in page(failed)
    assert "Guangzhou · Lyno · Oslo" in page(failed)
    twice = ("-F", f"again={failed['number']}", "-F", "column:Land=since", *COLUMNS)
    assert curated.at_desk(*twice, "/desk/imports", by="Ann").status == 400
    state = "done"
    tried = send("-F", f"again={failed['number']}", "-F", "dry_run=yes", *COLUMNS)
    assert (tried["source"], tried["counts"]["new"], tried["counts"]["refused"]) == (
        "https://w3id.org/city-diplomacy/id/source/twins-of-birmingham",
        1,
        2,
    )
    assert '<option value="country" selected>' in page(tried)
    assert 'name="cell:2:Town abroad" value="Lyno"' in page(tried)
    assert ("All rows are about" in page(tried), "Birmingham and Guangzhou became twins in" in page(tried)) == (
        False,
        True,
    )
    done = curated.at_desk("-X", "POST", f"/desk{tried['address']}/commit", by="Ann")
    made = followed(Answer(202, {"location": done.headers["location"].removeprefix("/desk")}, b""))
    assert made["change"] is not None
    waits = page(made)
    assert re.search(r'See\s+<a href="/doc/city/birmingham"[^>]*>Birmingham</a>', waits)
    assert '<a href="/doc/city/guangzhou">Guangzhou</a>' in waits
    assert ("What waits" in waits, 'name="cell:1:Town abroad" value="Lyno"' in waits) == (True, True)
    mended = ("-F", "cell:1:Town abroad=Jinan", "-F", "cell:1:Land=China", "-F", "without=2")
    rest = send("-F", f"again={made['number']}", "-F", "rest=yes", "-F", "dry_run=yes", *COLUMNS, *mended)
    assert (rest["counts"]["rows"], rest["counts"]["new"], rest["guessed"]) == (1, 1, True)
    taken_back(curated, made)


def test_pasted_cells_outlive_the_session_in_which_they_were_sent(curated: Curated, followed: Any) -> None:
    asked = curated.browse("-F", f"cells={PASTED}", "-F", "city=city:birmingham", "/desk/imports")
    assert (asked.status, 'name="kept:cells"' in asked.body.decode()) == (401, True)
    kept = (
        "-F",
        f"kept:cells={PASTED}",
        "-F",
        "kept:city=city:birmingham",
        "-F",
        "again=yes",
        "-F",
        "to=/desk/imports",
    )
    again = curated.browse("-F", f"token={curated.tokens['Ann']}", *kept, "/desk/sign-in").body.decode()
    form = re.search(
        r'<form action="/desk/imports" method="post" class="fields" enctype="multipart.*?</form>', again, re.S
    )
    assert form is not None
    assert 'type="file"' not in form[0]
    found = re.findall(r'name="([^"]+)"(?: value="([^"]*)"| rows="10" [^>]*>\n([^<]*)<)', form[0])
    values = [(name, unescape(value or text)) for name, value, text in found]
    assert values == [("cells", PASTED), ("city", "city:birmingham")]
    sent = curated.at_desk(*(word for one in values for word in ("-F", "=".join(one))), "/desk/imports", by="Ann")
    address = sent.headers["location"].removeprefix("/desk")
    assert followed(Answer(202, {"location": address}, b""), state="failed")["bytes"] == len(PASTED.encode())


ODD = "Twin town\tCountry\tNote\n{}\tFrance\t{}\n"


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("<script>alert(1)</script>", "is not known here"),
        ('"><img src=x onerror=alert(1)>', "do not match"),
        ("Ly\u202eon", "U+202E"),
        ("Ly\u200bon", r"'Ly\u200bon' is not known here"),
        ("L\u0443on", "is not known here"),  # with a Cyrillic letter
        ("=HYPERLINK(1)", "is not known here"),
        ("x" * 6_000, "more than 5,000 characters"),
    ],
)
def test_odd_cells_are_refused_and_shown_as_they_are(curated: Curated, followed: Any, cell: str, why: str) -> None:
    about = ("-F", "source_title=Odd cells", "-F", "city=city:birmingham", "-F", "dry_run=yes")
    cells = ODD.format(cell, cell)
    sent = curated.at_desk("-F", f"cells={cells}", *about, "/desk/imports", by="Ann")
    address = sent.headers["location"].removeprefix("/desk")
    told = followed(Answer(202, {"location": address}, b""), state="failed" if "match" in why else "done")
    page = curated.at_desk(f"/desk{address}", by="Ann").body.decode()
    assert (why in unescape(page), "<script>alert" in page, "<img src=x" in page) == (True, False, False), page
    assert told["change"] is None


@pytest.mark.parametrize(
    "field", ["cell:x:Land=1", "cell:1=1", "column:Land=nothing", "without=x", "rest=maybe", "cell:99999999999:Land=x"]
)
def test_what_mends_nothing_does_no_harm(curated: Curated, followed: Any, field: str) -> None:
    answer = curated.at_desk("-F", "again=1", "-F", "dry_run=yes", "-F", field, "/desk/imports", by="Ann")
    assert answer.status in (303, 400, 404), answer.body


def test_a_table_may_be_the_body(curated: Curated, followed: Any) -> None:
    words = "?mapping=twinnings&source=https://example.org/list&dry_run=yes&name=mine"
    table = ("--data-binary", HEAD + ROW, "-H", "Content-Type: text/csv")
    told = followed(curated.ask(*table, f"/imports{words}", by="Ann"), state="failed")
    assert (told["file"], told["mapping"]) == ("mine.csv", "twinnings")
    assert "country_a" in json.dumps(told["findings"])  # which that mapping names, and the table does not have


@pytest.mark.slow
def test_a_table_that_is_too_large_names_the_setting(
    curated: Curated, written: Written, serving_folder: Serving
) -> None:
    with serving_folder(
        curated.folder, contributor_import_bytes=2_000, curator_import_bytes=100_000, body_bytes=5_000
    ) as address:
        own = Curated(curated.folder, address, curated.tokens)
        table = written(HEAD + ROW * 300)
        form = ("-F", f"file={table}", "-F", "mapping=twinnings", "-F", "dry_run=yes")
        refused = own.ask(*form, "/imports", by="Carl")
        assert (refused.status, "--contributor-import-bytes" in refused.members["hint"]) == (413, True)
        assert "2,000" in refused.members["detail"]
        assert own.ask(*form, "/imports", by="Ann").status != 413  # though it is larger than other bodies may be
        large = ("-F", f"file={written(HEAD + ROW * 40_000)}", "-F", "mapping=twinnings")
        refused = own.ask(*large, "/imports", by="Ann")
        assert (refused.status, "--curator-import-bytes" in refused.members["hint"]) == (413, True)
        assert own.ask(*form, "/imports").status == 413  # a stranger has no more than for other bodies


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (HEAD.encode() + "Zürich,York,2001\n".encode("latin-1"), "UTF-8"),
        ("ort_a,ort_b,since\nJinan,York,2019\n", "city_a"),
        ("", "empty"),
    ],
)
def test_a_table_that_is_none_fails_with_a_sentence_and_is_not_tried_again_as_it_is(
    curated: Curated, sent: Any, followed: Any, table: bytes | str, words: str
) -> None:
    told = followed(sent(table, "-F", "dry_run=yes"), state="failed")
    assert words in json.dumps(told["error"], ensure_ascii=False) + json.dumps(told["findings"])
    assert told["change"] is None
    page = curated.at_desk(f"/desk{told['address']}", by="Ann").body.decode()
    assert "Try again" not in page
    assert '<a href="/desk/imports">send the table again</a>' in page


@pytest.mark.slow
def test_a_byte_order_mark_is_no_part_of_the_header(sent: Any, followed: Any) -> None:
    told = followed(sent("\ufeff" + HEAD + ROW, "-F", "dry_run=yes"))
    assert told["counts"]["new"] == 1


@pytest.mark.slow
def test_the_same_request_again_is_the_same_import(curated: Curated, written: Written, followed: Any) -> None:
    key = ("-H", "Idempotency-Key: import-1")
    form = ("-F", f"file={written(HEAD + ROW)}", "-F", f"mapping={written(MAPPING, 'mine.yaml')}")
    first, again = (curated.ask(*form, *key, "/imports", by="Ann") for _ in range(2))
    assert first.headers["location"] == again.headers["location"]
    other = curated.ask(*form, "-F", "dry_run=yes", *key, "/imports", by="Ann")
    assert (other.status, other.members["title"]) == (422, "The idempotency key was used before")
    told = followed(first)
    assert curated.ask(*form, *key, "/imports", by="Ann").members["change"] == told["change"]
    taken_back(curated, told)


@pytest.mark.slow
def test_a_person_may_not_queue_without_end(
    curated: Curated, sent: Any, followed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = followed(sent(HEAD + ROW, by="Carl"), by="Carl", state="waiting")
    monkeypatch.setattr("kg.import_jobs.importer.MOST_UNFINISHED", 1)
    refused = sent(HEAD + ROW, by="Carl")
    assert (refused.status, refused.members["title"]) == (429, "Too many imports")
    assert curated.ask("-X", "POST", f"{waiting['address']}/cancel", by="Carl").status == 200


def test_a_form_leads_to_the_page_of_the_import(curated: Curated, written: Written) -> None:
    moved = curated.browse("-F", f"file={written(HEAD + ROW)}", "/imports")
    assert (moved.status, 'href="/desk/imports"' in moved.body.decode()) == (403, True)
    # a browser sends the empty field of a file, too
    form = ("-F", f"file={written(HEAD + ROW, 't.csv')}", "-F", "mapping=twinnings", "-F", "mapping=;filename=")
    answer = curated.at_desk(*form, "-F", "dry_run=yes", "/desk/imports", by="Ann")
    assert answer.status == 303, answer.body
    page = curated.at_desk(answer.headers["location"], by="Ann")
    assert (page.status, "Import of t.csv" in page.body.decode()) == (200, True)


@pytest.mark.slow
def test_the_command_sends_a_table_and_follows_it(curated: Curated, tmp_path: Path) -> None:
    table, mapping = tmp_path / "twins.csv", tmp_path / "mine.yaml"
    table.write_text(f"{HEAD}{ROW}Atlantis,York,2001\n")
    mapping.write_text(MAPPING)
    report, unfit = tmp_path / "report.csv", tmp_path / "unfit.csv"
    words = ("--server", curated.address, "--mapping", str(mapping))
    tried = citykg(
        "import", str(table), *words, "--dry-run", "--report", str(report), "--unfit", str(unfit),
        CITYKG_TOKEN=curated.tokens["Ann"],
    )  # fmt: skip
    assert (tried.returncode, "a dry run" in tried.stdout) == (3, True), tried
    assert "'Atlantis' is not known here" in tried.stdout
    assert "line 3" in tried.stdout
    assert "line 3,refused" in report.read_text()
    assert unfit.read_text().startswith("city_a,city_b,since,import_reason\nAtlantis,")
    made = citykg("import", str(table), *words, CITYKG_TOKEN=curated.tokens["Carl"])
    assert (made.returncode, "waits for a curator" in made.stdout) == (3, True), made
    listed = citykg("imports", "--server", curated.address, CITYKG_TOKEN=curated.tokens["Carl"])
    assert (listed.returncode, "waiting" in listed.stdout) == (0, True), listed
    newest = curated.ask("/imports", by="Carl").members["imports"][0]
    assert curated.ask("-X", "DELETE", newest["address"], by="Carl").status == 200
    table.write_bytes("Zürich".encode("latin-1"))
    failed = citykg("import", str(table), *words, CITYKG_TOKEN=curated.tokens["Ann"])
    assert (failed.returncode, "UTF-8" in failed.stderr) == (1, True), failed
    unknown = citykg("import", str(table), "--mapping", "nothing", *words[:2], CITYKG_TOKEN=curated.tokens["Ann"])
    assert (unknown.returncode, "nothing cannot be read" in unknown.stderr) == (1, True), unknown


WITH_NUMBERS = """\
rows: twinnings
source: {name: council-list, title: Sister cities, url: "https://example.org/list", licence: not known}
city_a: {name: city_a}
city_b: {name: city_b, country: land, identifiers: {wikidata: item}}
status: {constant: current}
"""


@pytest.mark.slow
def test_what_contradicts_itself_or_the_graph_is_told_row_by_row(curated: Curated, sent: Any, followed: Any) -> None:
    rows = {
        "York,Dalian,CN,": ("new", ""),
        "York,大连,中国,": ("known", "The same is said in line 2"),  # a duplicate within the table, by another name
        "Birmingham,Guangzhou,CN,": ("new", ""),  # the graph knows the tie, by another source
        "York,Dalian,CN,Q956": ("ambiguous", "'Dalian' is a name of"),  # the number of Beijing
        "York,Beijing,CN,Q99999999": ("ambiguous", "not by Q99999999"),  # a second number, or one that leads on
        "York,York,GB,": ("refused", "Both parties are the same"),
        "York,Beijing,CN,956": ("refused", "is not an identifier of Wikidata"),
        "York,Beijing,Atlantis,": ("refused", "is not a country"),
    }
    told = followed(sent("city_a,city_b,land,item\n" + "\n".join(rows), "-F", "dry_run=yes", mapping=WITH_NUMBERS))
    report = curated.ask(told["report"].replace(".csv", ".json"), by="Ann").members
    for (row, (outcome, why)), found in zip(rows.items(), report["rows"], strict=True):
        reasons = " ".join(reason["message"] for reason in found["reasons"])
        assert (found["outcome"], why in reasons) == (outcome, True), (row, found)
    page = curated.at_desk(f"/desk{told['address']}", by="Ann").body.decode()
    one, other = told["undecided"]
    assert (one["text"], one["places"], [choice["name"] for choice in one["choices"]]) == (
        "Q956",
        ["line 5"],
        ["city:beijing", "city:dalian"],
    )
    assert other["text"] == "Q99999999"
    for name, label in (("beijing", "Beijing"), ("dalian", "Dalian")):
        assert f"{label} in China" in page
        assert f'name="decision:Q956" value="city:{name}"' in page


def test_a_decision_is_made_by_a_button_and_kept_in_the_mapping(curated: Curated, sent: Any, followed: Any) -> None:
    rows = "city_a,city_b,land,item\nYork,Dalian,CN,Q956\nLeeds,Dalian,CN,\nYork,Atlantis,CN,\n"
    tried = followed(sent(rows, "-F", "dry_run=yes", mapping=WITH_NUMBERS))
    number, unknown = tried["undecided"]
    assert number["text"] == "Q956"
    assert (unknown["text"], unknown["choices"]) == ("Atlantis, CN", [])
    page = curated.at_desk(f"/desk{tried['address']}", by="Ann").body.decode()
    assert '<input name="decision:Atlantis, CN">' in page  # for what the gazetteer or the graph calls otherwise
    again = ("-F", f"again={tried['number']}", "-F", "dry_run=yes", "-F", "decision:Q956=city:dalian")
    told = followed(curated.ask(*again, "/imports", by="Ann"))
    assert (told["counts"]["new"], told["counts"]["ambiguous"]) == (2, 0)
    assert [one["text"] for one in told["undecided"]] == ["Atlantis, CN"]
    mapping = curated.ask(told["mappingFile"], by="Ann").body.decode()
    assert (mapping.startswith(WITH_NUMBERS.rstrip()), "Q956: city:dalian" in mapping) == (True, True)
    report = curated.ask(told["report"].replace(".csv", ".json"), by="Ann").members
    assert report["rows"][0]["things"]["city_b"]["grounds"] == ["decision"]


def test_like_warnings_stand_once_on_the_page_with_their_number(curated: Curated, sent: Any, followed: Any) -> None:
    mapping = MAPPING.replace(
        "{name: city_b}", "{name: city_b, country: {constant: CN}, identifiers: {wikidata: id}, new: city}"
    )
    rows = "Leeds,Wuhu,2001,Q360498\nYork,Zibo,2001,Q58111\n"
    told = followed(sent(HEAD.strip() + ",id\n" + rows, "-F", "dry_run=yes", mapping=mapping))
    warning = next(group for group in told["findingGroups"] if group["message"].startswith("Give the city a position"))
    assert (warning["count"], len(warning["places"])) == (2, 2)
    assert sum(one["message"] == warning["message"] for one in told["findings"]) == 2
    page = curated.at_desk(f"/desk{told['address']}", by="Ann").body.decode()
    assert page.count(warning["message"]) == 1
    assert "2 times:" in page
