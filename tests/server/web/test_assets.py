"""Style sheets, scripts and icon: their addresses name their bytes, and pages bring nothing else along."""

from __future__ import annotations

import gzip
import re

import pytest

from server.web.assets import FOLDER
from server.workbench import BUNDLE
from tests.support.http import Ask

PLACES = {path.name: (path, "/docs/parts") for path in FOLDER.iterdir() if path.name != "add.js"}
PLACES |= {name: (BUNDLE / name, "/sparql") for name in ("editor.js", "workbench.css", "workbench.js")}
PLACES["results.js"] = (FOLDER / "results.js", "/queries/twins-of-a-city?thing=leeds")
PLACES["licences.txt"] = (BUNDLE / "licences.txt", "/docs/licences")
"""Each asset and a page that names it; the page of add.js is at the desk (tests/server/desk/test_add.py)."""


@pytest.mark.parametrize("name", sorted(PLACES))
def test_an_asset_may_be_kept_for_ever_at_the_address_that_pages_name(ask: Ask, name: str) -> None:
    path, page = PLACES[name]
    (address,) = re.findall(rf'"(/assets/{name}\?v=\w+)"', ask("-H", "Accept: text/html", page).body.decode())[:1]
    answer = ask(address)
    assert answer.status == 200
    assert answer.body == path.read_bytes()
    assert "immutable" in answer.headers["cache-control"]
    assert ask(f"/assets/{name}?v=older").headers["cache-control"] == "no-cache"


def test_a_wrong_name_of_an_asset_is_not_found(ask: Ask) -> None:
    assert ask("/assets/..%2Fapp.py").status == 404
    assert ask("/assets/sites.css").status == 404


def test_our_script_stays_small_and_pages_hold_no_style_of_their_own(ask: Ask) -> None:
    assert len((FOLDER / "site.js").read_bytes()) <= 5_000
    assert sum(len(gzip.compress(path.read_bytes())) for path in FOLDER.glob("*.js")) <= 8_000
    page = ask("/docs/parts").body.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)
