"""Sessions at the desk: whose form is read, what a cookie opens and for how long, and what each role may."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import Client, TestResponse

from kg.accounts import Database, Role, Sessions, Tokens
from kg.accounts.sessions import IDLE_MINUTES, LONGEST_HOURS
from kg.rdf import namespaces as ns
from kg.store import DataFolder
from server.app import create_app
from server.desk.sessions import ROOT
from server.service import Service
from server.service.clients import Clients
from tests.support.curated import Curated

OWN = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
COOKIE = Clients.COOKIE
MARKUP = "\"><b planted>'&lt;"


@pytest.fixture
def tokens(tmp_path: Path) -> dict[str, str]:
    made = Tokens(Database(tmp_path))
    return {"curator": made.create("Ann", Role.CURATOR), "contributor": made.create("Carl", Role.CONTRIBUTOR)}


@pytest.fixture
def open_app(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Open the service over a folder with nothing but tokens."""
    opened = []

    def open_with(**settings: Any) -> Any:
        opened.append(create_app(DataFolder(tmp_path), **settings))
        return opened[-1]

    yield open_with
    for app in opened:
        Service.of(app).close()


@pytest.fixture
def browser(open_app: Callable[..., Any]) -> Client:
    return Client(open_app())


def sign_in(browser: Client, token: str, **headers: str) -> TestResponse:
    return browser.post(f"{ROOT}/sign-in", data={"token": token}, headers={**OWN, **headers})


def home(browser: Client) -> int:
    return browser.get(ROOT, headers=OWN).status_code


def test_a_cookie_that_is_no_text_is_none(browser: Client) -> None:
    assert browser.get(ROOT, headers={"Cookie": "citykg-desk=\xff\x85"} | OWN).status_code == home(browser)


def test_the_cookie_is_for_the_desk_alone_and_no_script_reads_it(browser: Client, tokens: dict[str, str]) -> None:
    answer = sign_in(browser, tokens["curator"])
    name, *said = answer.headers["Set-Cookie"].split("; ")
    assert sorted(said) == ["HttpOnly", "Path=/desk", "SameSite=Strict"]
    assert (answer.status_code, answer.location, answer.headers["Cache-Control"]) == (303, "/desk", "no-store")
    assert home(browser) == 200
    for path in ("/proposals", "/imports"):
        plain = browser.get(path, headers={"Cookie": name})
        assert (plain.status_code, plain.headers["WWW-Authenticate"]) == (401, 'Bearer realm="citykg"')


@pytest.mark.parametrize(
    ("public_url", "host", "is_secure"),
    [
        ("", "127.0.0.1:8000", False),
        ("", "localhost", False),
        ("http://localhost:8000", "localhost:8000", False),
        ("https://city.example", "127.0.0.1:8000", True),  # behind a proxy that names no host
        ("", "city.example", True),
        ("", "127.0.0.1.example.org", True),
    ],
)
def test_off_this_machine_the_cookie_travels_by_tls_only(
    open_app: Callable[..., Any], tokens: dict[str, str], public_url: str, host: str, is_secure: bool
) -> None:
    answer = sign_in(Client(open_app(public_url=public_url)), tokens["curator"], Host=host)
    assert ("Secure" in answer.headers["Set-Cookie"].split("; ")) is is_secure


HEADERS = {
    "same origin": ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, True),
    "same origin, no Origin": ({"Sec-Fetch-Site": "same-origin"}, True),
    "an older browser": ({"Origin": "http://localhost"}, True),
    "nothing said": ({}, False),
    "typed by hand": ({"Sec-Fetch-Site": "none"}, False),
    "another host of the site": ({"Sec-Fetch-Site": "same-site"}, False),
    "another site": ({"Sec-Fetch-Site": "cross-site"}, False),
    "another site with our Origin": ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, False),
    "another Origin": ({"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"}, False),
    "a hidden Origin": ({"Origin": "null"}, False),
    "another port": ({"Origin": "http://localhost:81"}, False),
    "a name that begins with ours": ({"Origin": "http://localhost.evil.example"}, False),
    "two words": ({"Sec-Fetch-Site": "same-origin, cross-site"}, False),
}


@pytest.mark.parametrize(("headers", "is_read"), HEADERS.values(), ids=HEADERS)
def test_forms_are_read_from_our_own_pages_alone(
    browser: Client, tokens: dict[str, str], headers: dict[str, str], is_read: bool
) -> None:
    assert sign_in(browser, tokens["curator"]).status_code == 303
    for path, done in ((f"{ROOT}/sign-in", 303), (f"{ROOT}/proposals/1/refuse", 400), (f"{ROOT}/sign-out", 303)):
        sent = browser.post(path, data={"token": tokens["curator"], "reason": "x"}, headers=headers)
        assert sent.status_code == (done if is_read else 403), path
    assert (home(browser) == 200) is not is_read  # signed out, or not
    if not is_read:
        writing = [path for method, path in ADDRESSES.keys() | OPEN if method == "POST"]
        assert {path for path in writing if browser.post(path, headers=headers).status_code != 403} == set()


def test_a_cookie_that_somebody_else_chose_or_has_opens_nothing(
    browser: Client, open_app: Callable[..., Any], tokens: dict[str, str]
) -> None:
    chosen = f"{tokens['curator'].split('_')[1]}_{'A' * 43}"
    browser.set_cookie(COOKIE, chosen, path=ROOT)
    assert home(browser) == 303
    assert sign_in(browser, tokens["contributor"]).status_code == 303
    given = browser.get_cookie(COOKIE, path=ROOT)
    assert given is not None
    assert given.value != chosen
    planted = Client(open_app())
    planted.set_cookie(COOKIE, given.value, path=ROOT)
    assert home(planted) == 200
    assert sign_in(planted, tokens["curator"]).status_code == 303  # the session that was planted ends
    assert (home(browser), home(planted)) == (303, 200)


def test_signing_out_ends_the_session_and_not_the_cookie_alone(browser: Client, tokens: dict[str, str]) -> None:
    sign_in(browser, tokens["curator"])
    given = browser.get_cookie(COOKIE, path=ROOT)
    assert given is not None
    left = browser.post(f"{ROOT}/sign-out", headers=OWN)
    assert (left.status_code, left.location) == (303, f"{ROOT}/sign-in")
    assert browser.get_cookie(COOKIE, path=ROOT) is None
    browser.set_cookie(COOKIE, given.value, path=ROOT)
    assert home(browser) == 303


def test_a_session_ends_with_its_token(browser: Client, tokens: dict[str, str], tmp_path: Path) -> None:
    sign_in(browser, tokens["curator"])
    Tokens(Database(tmp_path)).revoke("Ann")
    assert home(browser) == 303
    refused = sign_in(browser, tokens["curator"])
    assert (refused.status_code, "This token was revoked." in refused.text) == (401, True)
    assert refused.headers["Cache-Control"] == "no-store"
    assert tokens["curator"] not in refused.text


def test_a_session_ends_unused_or_old_and_is_hashed(tmp_path: Path) -> None:
    now = [1_000_000_000.0]
    database = Database(tmp_path, clock=lambda: now[0])
    token = Tokens(database).create("Ann", Role.CURATOR, days=1)
    sessions = Sessions(database)
    used, unused = (sessions.begin(token.split("_")[1]) for _ in range(2))
    for _ in range(LONGEST_HOURS * 60 // 20 - 1):
        now[0] += 20 * 60
        assert sessions.find(used) is not None
    assert sessions.find(unused) is None
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert used.partition("_")[2].encode() not in stored
    now[0] += (20 + 1) * 60
    assert sessions.find(used) is None  # however much it is used
    now[0] += IDLE_MINUTES * 60
    late = sessions.begin(token.split("_")[1])
    with database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM sessions").fetchone()[0] == 1
    now[0] += 24 * 3600 - LONGEST_HOURS * 3600 - IDLE_MINUTES * 60
    assert sessions.find(late) is None


def test_a_wrong_token_is_not_tried_for_ever_and_loses_no_text(browser: Client) -> None:
    form = {"token": "guess", "to": f"{ROOT}/proposals/1/refuse", "again": "yes", "kept:reason": MARKUP}
    tried = [browser.post(f"{ROOT}/sign-in", data=form, headers=OWN) for _ in range(11)]
    assert [one.status_code for one in tried] == [401] * 10 + [429]
    assert "Retry-After" in tried[-1].headers
    assert fields_of(tried[-1].text) == {name: value for name, value in form.items() if name != "token"}


def test_where_the_browser_keeps_no_cookie_the_form_says_so(
    open_app: Callable[..., Any], tokens: dict[str, str]
) -> None:
    app = open_app()
    forgets, keeps = Client(app, use_cookies=False), Client(app)
    for scheme, way in {"http": f"{ROOT}/sign-in?to=%2Fdesk&begun=yes", "https": ROOT}.items():
        where = {"base_url": f"{scheme}://city.example", "headers": OWN}
        for client in (forgets, keeps):
            answer = client.post(f"{ROOT}/sign-in", data={"token": tokens["curator"]}, **where)
            assert (answer.status_code, answer.location) == (303, way)
    shown = forgets.get(f"{ROOT}/sign-in?to=%2Fdesk&begun=yes", headers=OWN)
    assert (shown.status_code, "https://" in shown.text, fields_of(shown.text)) == (200, True, {"to": ROOT})
    on = keeps.get(f"{ROOT}/sign-in?to=%2Fdesk&begun=yes", headers=OWN, base_url="https://city.example")
    assert (on.status_code, on.location) == (303, ROOT)


def test_a_script_that_asks_by_itself_keeps_no_session_awake(tmp_path: Path) -> None:
    now = [1_000_000_000.0]
    database = Database(tmp_path, clock=lambda: now[0])
    sessions = Sessions(database)
    left = sessions.begin(Tokens(database).create("Ann", Role.CURATOR).split("_")[1])
    for _ in range(IDLE_MINUTES - 1):
        now[0] += 61
        assert sessions.find(left, is_used=False) is not None
    now[0] += 61
    assert sessions.find(left, is_used=False) is None


@pytest.mark.drawn
def test_a_form_that_is_refused_comes_back_filled_in(curated: Curated, tmp_path: Path) -> None:
    refused = curated.at_desk("--data-urlencode", f"reason={MARKUP}", "/desk/proposals/99/refuse", by="Ann")
    page = refused.body.decode()
    assert refused.status == 404
    assert '<form action="/desk/proposals/99/refuse" method="post"' in page
    assert f'name="reason" value="{MARKUP}"' in unescape(page)
    assert "<b planted" not in page
    (tmp_path / "t.docx").write_text("x")
    table = ("-F", f"file=@{tmp_path}/t.docx", "-F", "city=Leeds, GB", "-F", "dry_run=yes")
    page = curated.at_desk(*table, "/desk/imports", by="Ann").body.decode()
    assert 'type="file" name="file"' in page
    assert 'name="city" value="Leeds, GB"' in page


@pytest.mark.drawn
def test_programs_are_led_on_as_ever_and_browsers_to_the_desk(curated: Curated) -> None:
    row = "city_a,city_b,since,source,source_title\njinan,york,1998,page-list,Sister cities of York\n"
    words = "summary=As+listed&source=https://example.org/list&graph=curated/council&acknowledge=yes"
    sent = ("--data-binary", row, "-H", "Content-Type: text/csv")
    made = curated.ask(*sent, f"/proposals?{words}", by="Carl").headers["location"]
    form = ("-X", "POST", "-H", "Accept: text/html", f"{made}/refuse?reason=Old")
    assert curated.ask(*form).status == 401
    assert curated.ask("-H", "Sec-Fetch-Site: same-origin", *form).status == 403
    done = curated.ask(*form, by="Ann")
    assert (done.status, done.headers["location"]) == (303, made)


ADDRESSES = {
    ("GET", "/desk"): "contributor",
    ("GET", "/desk/imports"): "contributor",
    ("POST", "/desk/imports"): "contributor",
    ("GET", "/desk/imports/1"): "contributor",
    ("GET", "/desk/imports/1.json"): "contributor",
    ("GET", "/desk/imports/1/mapping"): "contributor",
    ("POST", "/desk/imports/1/commit"): "contributor",
    ("POST", "/desk/imports/1/cancel"): "contributor",
    ("GET", "/desk/proposals"): "contributor",
    ("GET", "/desk/mine"): "contributor",
    ("GET", "/desk/proposals/1"): "contributor",
    ("POST", "/desk/proposals/1/accept"): "curator",
    ("POST", "/desk/proposals/1/notes"): "contributor",
    ("POST", "/desk/proposals/1/refuse"): "curator",
    ("POST", "/desk/proposals/1/withdraw"): "contributor",
    ("GET", "/desk/add/twinning"): "contributor",
    ("POST", "/desk/add/twinning"): "contributor",
    ("GET", "/desk/text"): "contributor",
    ("POST", "/desk/text"): "contributor",
    ("GET", "/desk/changes/1"): "contributor",
    ("GET", "/desk/changes/1/undo"): "curator",
    ("POST", "/desk/changes/1/undo"): "curator",
}
"""The role that each address of the desk needs."""
OPEN = {("GET", "/desk/sign-in"), ("POST", "/desk/sign-in"), ("POST", "/desk/sign-out")}


GRAPH = "curated/x"
API = {
    ("POST", "/changes"): "curator",
    ("POST", "/changes/1/revert"): "curator",
    ("POST", "/update"): "curator",
    **{(method, f"/graph/{GRAPH}"): "curator" for method in ("PUT", "POST", "DELETE")},
    **{(method, f"/graphs?graph={ns.GRAPH}{GRAPH}"): "curator" for method in ("PUT", "POST", "DELETE")},
    ("POST", "/measures"): "curator",
    ("GET", "/measures"): "contributor",
    ("GET", "/proposals"): "contributor",
    ("POST", "/proposals"): "contributor",
    ("GET", "/proposals.atom"): "contributor",
    **{(method, "/proposals/1"): "contributor" for method in ("GET", "PUT", "DELETE")},
    **{("POST", f"/proposals/1/{act}"): "contributor" for act in ("propose", "notes", "withdraw")},
    **{("POST", f"/proposals/1/{act}"): "curator" for act in ("accept", "refuse")},
    ("POST", "/imports"): "contributor",
    ("GET", "/imports"): "contributor",
    **{("GET", f"/imports/1{part}"): "contributor" for part in ("", "/report.csv", "/unfit", "/mapping")},
    **{("POST", f"/imports/1/{act}"): "contributor" for act in ("commit", "cancel")},
    ("DELETE", "/imports/1"): "contributor",
}
"""The role that each address of the API needs, of those that write and those that only holders of a token read."""
ASKING = {("POST", path) for path in ("/mcp", "/reconcile", "/sparql", "/sparql/assist", "/validate")}
"""Addresses that take a POST of anybody, and change nothing."""


def test_each_address_of_the_api_lets_in_who_may_and_nobody_else(browser: Client, tokens: dict[str, str]) -> None:
    wrong = {}
    for (method, path), needed in API.items():
        for role in ("nobody", *tokens):
            who = {"Authorization": f"Bearer {tokens[role]}"} if role != "nobody" else {}
            status = browser.open(path, method=method, headers=who).status_code
            if (status in (401, 403)) is (role in ("curator", needed)) or (role == "nobody" and status != 401):
                wrong[method, path, role] = status
    assert wrong == {}


def test_the_table_has_each_address_of_the_api_that_writes(open_app: Callable[..., Any]) -> None:
    rules = [rule for rule in open_app().url_map.iter_rules() if not rule.rule.startswith(ROOT)]
    found = {
        (method, rule.rule.replace("<int:number>", "1").replace("<path:name>", GRAPH))
        for rule in rules
        for method in (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}
    }
    writing = {(method, path.partition("?")[0]) for method, path in API if method != "GET"}
    assert found == writing | ASKING


def test_each_address_lets_in_who_may_and_nobody_else(
    browser: Client, open_app: Callable[..., Any], tokens: dict[str, str]
) -> None:
    by_role = {"nobody": browser, "contributor": Client(open_app()), "curator": Client(open_app())}
    for role, token in tokens.items():
        assert sign_in(by_role[role], token).status_code == 303
    for (method, path), needed in ADDRESSES.items():
        for role, client in by_role.items():
            answer = client.open(path, method=method, headers=OWN, data={} if method == "POST" else None)
            may = role in ("curator", needed)
            refusal = 403 if role != "nobody" else 401 if method == "POST" else 303
            assert (answer.status_code == refusal) is not may, (method, path, role, answer.status_code)
            assert answer.headers["Cache-Control"] == "no-store", (method, path, role)
            bearer = {"Authorization": f"Bearer {tokens['curator']}"}
            assert (
                role != "nobody" or client.open(path, method=method, headers={**OWN, **bearer}).status_code == refusal
            )


def test_the_table_has_each_address(open_app: Callable[..., Any]) -> None:
    rules = [rule for rule in open_app().url_map.iter_rules() if rule.rule.startswith(ROOT)]
    found = {
        (method, rule.rule.replace("<int:number>", "1").replace("<name>", "mapping").replace("<form>", "twinning"))
        for rule in rules
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert found == ADDRESSES.keys() | OPEN


@pytest.mark.parametrize(
    "to",
    [
        "//evil.example",
        "https://evil.example/desk",
        "/desk\\evil",
        "/deskevil.example",
        "/desk@evil.example",
        "/desk\r\nX: y",
        "",
        "/doc",
        "javascript:1",
        "/desk/../sparql?query=x",
        "/desk/..//evil.example",
    ],
)
def test_signing_in_leads_nowhere_else(browser: Client, tokens: dict[str, str], to: str) -> None:
    answer = browser.post(f"{ROOT}/sign-in", data={"token": tokens["curator"], "to": to}, headers=OWN)
    assert (answer.status_code, answer.location) == (303, ROOT)
    assert browser.get(f"{ROOT}/sign-in", query_string={"to": to}, headers=OWN).location == ROOT


def fields_of(page: str) -> dict[str, str]:
    """Return the fields of the page but the token, the name for stores of passwords, and the search."""
    found = re.findall(r'<input (?:type="hidden" )?name="([^"]*)" value="([^"]*)">', page)
    return {unescape(name): unescape(value) for name, value in found}


def test_what_was_written_when_the_session_ended_is_kept(browser: Client, tokens: dict[str, str]) -> None:
    path = f"{ROOT}/proposals/1/refuse"
    ended = browser.post(path, data={"reason": MARKUP, "empty": ""}, headers=OWN)
    assert ended.status_code == 401
    fields = fields_of(ended.text)
    assert fields == {"to": path, "again": "yes", "kept:reason": MARKUP}
    wrong = browser.post(f"{ROOT}/sign-in", data={**fields, "token": "guess"}, headers=OWN)
    assert (wrong.status_code, wrong.text.count("kept:reason")) == (401, 1)
    again = browser.post(f"{ROOT}/sign-in", data={**fields, "token": tokens["curator"]}, headers=OWN)
    assert again.status_code == 200
    assert f'<form action="{path}" method="post" class="fields" enctype="multipart/form-data">' in again.text
    assert fields_of(again.text) == {"reason": MARKUP}
    assert all("<b planted" not in page.text for page in (ended, wrong, again))
    sent = browser.post(path, data=fields_of(again.text), headers=OWN)
    assert sent.status_code == 503  # nothing is built here


def test_a_long_form_of_a_stranger_does_not_come_back(browser: Client) -> None:
    answer = browser.post(f"{ROOT}/proposals/1/refuse", data={"reason": "'" * 300_000}, headers=OWN)
    assert (answer.status_code, len(answer.data) < 20_000) == (401, True)


def test_a_table_has_to_be_chosen_again_and_the_rest_is_kept(browser: Client, tokens: dict[str, str]) -> None:
    form = {"file": (BytesIO(b"city_a,city_b"), "t.csv"), "summary": "As listed"}
    ended = browser.post(f"{ROOT}/imports", data=form, headers=OWN)
    assert (ended.status_code, "As listed" in ended.text) == (401, True)
    fields = {"to": f"{ROOT}/imports", "again": "yes", "kept:summary": "As listed", "token": tokens["curator"]}
    again = browser.post(f"{ROOT}/sign-in", data=fields, headers=OWN)
    assert ("File, to be chosen again" in again.text, "As listed" in again.text) == (True, True)


FIELDS = {
    "reason of a refusal": ("/desk{proposal}/refuse", "reason", "Rita"),
    "reason of a withdrawal": ("/desk{proposal}/withdraw", "reason", "Carl"),
    "summary of an undo": ("/desk{change}/undo", "summary", "Ann"),
    **{name: ("/desk/imports", name, "Ann") for name in ("city", "mapping", "source", "summary", "decision:Jinan")},
    **{name: ("/desk/imports", name, "Ann") for name in ("source_title", "source_url", "source_licence", MARKUP)},
    "name of a decision": ("/desk/imports", f"decision:{MARKUP}", "Ann"),
    "question": ("/desk{proposal}/notes", "text", "Rita"),
    "thing of a question": ("/desk{proposal}/notes?text=Why", "thing", "Rita"),
    "row": ("/desk{proposal}/accept", "row", "Rita"),
    **{
        f"{name} of a text": ("/desk/text", name, "Ann")
        for name in ("text", "type", "graph", "summary", "source", "draft", "tag", "do", "thing", "mend", MARKUP)
    },
    **{f"{name} of a withdrawal": ("/desk/text?thing=city:york", name, "Ann") for name in ("withdraw", "remove")},
    **{f"{name} of signing in": ("/desk/sign-in", name, "Ann") for name in ("token", "to", "kept:reason")},
    **{
        f"{name} in the address of {path}": (path, name, "Ann")
        for path, names in {
            "/desk": ("about",),
            "/desk/text": ("draft", "graph"),
            "/desk/add/twinning": ("source", "draft", "twin-1", "begin", quote(MARKUP)),
            "/desk/proposals": ("state", "kind", "order", "page", quote(MARKUP)),
            "/desk{proposal}": ("said", "answers"),
            "/desk/mine": ("page",),
            "/desk/imports": ("page",),
            "/desk/sign-in": ("to", "begun"),
        }.items()
        for name in names
    },
}
SHOWN = ("reason of a refusal", "reason of a withdrawal", "summary of an undo", "summary", "question")
"""The fields whose text a page shows."""


@pytest.mark.drawn
@pytest.mark.parametrize("name", FIELDS)
def test_markup_in_a_field_is_shown_as_text(curated: Curated, tmp_path: Path, name: str) -> None:
    path, field, by = FIELDS[name]
    row = "city_a,city_b,since,source,source_title\njinan,york,1998,page-list,Sister cities of York\n"
    table = ("--data-binary", row, "-H", "Content-Type: text/csv")
    words = "summary=As+listed&source=https://example.org/list&graph=curated/council&acknowledge=yes"
    made = {
        kind: curated.ask(*table, f"/{kind}s?{words}", by=author).headers["location"]
        for kind, author in {"proposal": "Carl", "change": "Ann"}.items()
        if f"{{{kind}}}" in path
    }
    (tmp_path / "t.csv").write_text(row)
    is_read = " in the address of " in name
    is_table = path == "/desk/imports" and not is_read
    said = ["-F", f"file=@{tmp_path}/t.csv", "-F", "dry_run=yes"] if is_table else ["-G"] if is_read else []
    said += ["-F" if is_table else "--data-urlencode", f"{field}={MARKUP}"]
    pages = [curated.at_desk(*said, path.format(**made), by=by)]
    if pages[0].status == 303:
        pages += [curated.at_desk(pages[0].headers["location"], by=by), curated.at_desk("/desk/imports", by=by)]
    assert all(page.status < 500 and b"<b planted" not in page.body for page in pages)
    assert name not in SHOWN or MARKUP in unescape(pages[1].body.decode())
