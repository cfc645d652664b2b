"""A new theme over HTTP: proposed, accepted, shown among the others, offered by questions, used, and undone."""

from __future__ import annotations

import pytest

from kg.rdf import namespaces as ns
from tests.server.curation.test_curators_day import SOURCE, WORDS, members, turtle
from tests.support.curated import Curated
from tests.support.turtle import PREFIXES

pytestmark = pytest.mark.drawn

THEME = f"""
theme:gastronomy a skos:Concept ; skos:inScheme <{ns.VOCABULARY}theme> ; skos:broader theme:economic-development ;
    skos:prefLabel "gastronomy"@en , "美食"@zh-Hans ; dcterms:source source:council-list ;
    skos:definition "What is cooked in a place, and the trade that lives on it."@en , "一地的饮食及相关产业。"@zh-Hans .
"""
USE = """
account:council-list--twinning-hangzhou-leeds a cd:Account ; cd:accountOf twinning:hangzhou-leeds ;
    cd:statedIn source:council-list ; cd:theme theme:gastronomy .
"""
PAGES = ("/vocabulary/theme", "/vocabulary/theme/gastronomy")


def sent(text: str) -> tuple[str, ...]:
    return turtle(PREFIXES + text)


def test_a_new_theme_is_proposed_accepted_used_and_undone(curated: Curated) -> None:
    proposed = curated.ask(*sent(SOURCE + THEME), f"/proposals?{WORDS}", by="Carl")
    assert (proposed.status, members(proposed)["findings"]) == (201, []), proposed.body
    assert [curated.ask(page).status for page in PAGES] == [200, 404]
    accepted = curated.ask("-X", "POST", f"{proposed.headers['location']}/accept", by="Rita")
    assert accepted.status == 201, accepted.body

    scheme, concept = (curated.ask("-H", "Accept: text/html", page).body.decode() for page in PAGES)
    for shown in (scheme, concept):
        assert all(words in shown for words in ("gastronomy", "美食", "What is cooked", "List of the council"))
    assert "climate" in scheme
    assert ">economic development<" in concept
    assert f"<{ns.VOCABULARY}theme/gastronomy>" in curated.ask(f"{PAGES[0]}.nt").body.decode()
    assert "gastronomy" in curated.ask("/queries/concepts-of-scheme.csv?kind=theme").body.decode()
    assert "gastronomy" in curated.ask("/search?q=%E7%BE%8E%E9%A3%9F").body.decode()

    used = curated.ask(*sent(USE), f"/changes?{WORDS}", by="Ann")
    assert used.status == 201, used.body
    rows = curated.ask("/queries/twinnings.csv?theme=gastronomy").body.decode()
    assert "hangzhou-leeds" in rows
    assert '"theme:gastronomy"' in curated.ask("-H", "Accept: text/html", "/queries/twinnings").body.decode()
    assert "Twinning of Hangzhou and Leeds" in curated.ask("-H", "Accept: text/html", PAGES[1]).body.decode()

    change = accepted.headers["location"]
    kept = curated.ask("-X", "POST", f"{change}/revert", by="Ann")
    assert kept.status == 409
    assert [one["address"] for one in members(kept)["changes"]] == [used.headers["location"]]
    assert "account:council-list--twinning-hangzhou-leeds" in kept.body.decode()
    for undone in (used.headers["location"], change):
        assert curated.ask("-X", "POST", f"{undone}/revert", by="Ann").status == 201
    assert [curated.ask(page).status for page in PAGES] == [200, 404]


def test_what_a_curator_may_not_say_of_concepts_is_refused(curated: Curated) -> None:
    wrong = "theme:climate skos:altLabel 'warming'@en . " + SOURCE
    refused = curated.ask(*sent(wrong), f"/changes?{WORDS}", by="Ann")
    assert refused.status == 422
    assert "theme:climate belongs to the files" in refused.body.decode()
