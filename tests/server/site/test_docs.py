"""The guides: what they show to be copied runs as it stands; citations and sitemap name what is there."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from server.site.guides import GUIDES
from server.site.tour import STEPS, TourStep
from tests.support.http import Ask
from tests.support.tour import ANSWERS

_ELEMENTS = set(
    "a b body button caption code details div em footer form h1 h2 h3 head header html img input label li link main"
    " meta nav ol p pre script span strong summary svg table tbody td th thead time title tr ul".split()
)
"""The elements of HTML that guides have; an IRI that is not escaped becomes an element of another name."""
_RUN = {"sh": ["bash", "-euo", "pipefail", "-c"], "python": [sys.executable, "-W", "error", "-c"]}


class Page(HTMLParser):
    """A page as a browser reads it: its elements, and the text of its examples, each with its language."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.codes: list[tuple[str, str]] = []
        self._in_code = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        language = re.fullmatch(r"language-(\w+)", dict(attrs).get("class") or "")
        if tag == "code" and language:
            self._in_code = True
            self.codes.append((language[1], ""))

    def handle_endtag(self, tag: str) -> None:
        self._in_code = self._in_code and tag != "code"

    def handle_data(self, data: str) -> None:
        if self._in_code:
            language, text = self.codes[-1]
            self.codes[-1] = language, text + data


def codes(ask: Ask, guide: str) -> list[tuple[str, str]]:
    return Page(ask(f"/docs/{guide}").body.decode()).codes


@pytest.mark.parametrize("guide", ["researchers", "evidence", "linked-data", "reconcile", "curators"])
@pytest.mark.drawn
def test_what_a_guide_shows_runs_as_it_stands(ask: Ask, guide: str, tmp_path: Path) -> None:
    shown = codes(ask, guide)
    assert not _RUN.keys().isdisjoint(language for language, _ in shown)
    for language, text in shown:
        if language in _RUN:
            lines = text.replace("curl ", "curl -sSf ")
            ran = subprocess.run([*_RUN[language], lines], cwd=tmp_path, capture_output=True, text=True, check=False)
            assert ran.returncode == 0, text + ran.stderr
            assert ran.stdout.strip(), text
        else:
            (address,) = re.findall(r'"(http[^"]+)"', text)
            path = "/" + address.split("/", 3)[3]
            assert ask(path + ("ASK{}" if path.endswith("query=") else "")).status in (200, 406)


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("Rscript"), reason="R is not installed")
@pytest.mark.parametrize("guide", ["researchers", "evidence"])
def test_what_a_guide_shows_of_r_runs_as_it_stands(ask: Ask, guide: str) -> None:
    shown = [text for language, text in codes(ask, guide) if language == "r"]
    assert shown
    for text in shown:
        ran = subprocess.run(
            ["Rscript", "-e", f"options(warn = 2)\n{text}"], capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, text + ran.stderr
        assert "city/" in ran.stdout or "passage/" in ran.stdout, text


@pytest.mark.parametrize("guide", GUIDES)
def test_every_guide_is_a_page(ask: Ask, guide: str) -> None:
    page = ask("-H", "Accept: text/html", f"/docs/{guide}")
    assert page.status == 200
    assert f'href="/docs/{guide}"' in ask("/docs").body.decode()
    assert Page(page.body.decode()).elements <= _ELEMENTS
    assert page.headers["etag"]


@pytest.mark.parametrize(("step", "has"), [*zip(STEPS, ANSWERS, strict=True)], ids=range(1, 6))
def test_each_step_of_the_tour_has_the_answer_that_it_names(ask: Ask, step: TourStep, has: tuple[str, ...]) -> None:
    page = html.unescape(ask("/docs/tour").body.decode())
    assert step.query in page
    assert f'<a href="{step.address}">Open in the editor</a>' in page
    answer = ask("-H", "Accept: text/csv", step.address)
    assert answer.status == 200
    assert not answer.links("help")  # no hint
    assert [text for text in has if text not in answer.body.decode()] == []


def test_a_wrong_guide_leads_to_the_right_ones(ask: Ask) -> None:
    answer = ask("/docs/researcher")
    assert answer.status == 404
    assert "researchers" in answer.members["hint"]


def test_a_citation_names_the_thing_the_revision_and_where_it_stands(ask: Ask) -> None:
    revision = ask("/healthz").members["revision"]
    text = ask("/docs/cite.txt?of=/doc/city/leeds").body.decode()
    assert text.startswith(f"Leeds. City Diplomacy Knowledge Graph, revision {revision} of 20")
    cited = re.findall(r"http\S+", text)[0]
    assert cited.endswith(f"/doc/city/leeds?at={revision}")
    assert ask("/" + cited.split("/", 3)[3]).status == 200
    asked = ask("/docs/cite.txt?of=/queries/twins-of-a-city?thing=leeds").body.decode()
    assert asked.startswith("With which cities is a city twinned? City Diplomacy Knowledge Graph, revision ")
    cff = yaml.safe_load(ask("/docs/cite.cff?of=/queries/twins-of-a-city.csv?thing=leeds").body)
    assert cff["url"].endswith(f"/queries/twins-of-a-city.csv?thing=leeds&at={revision}")
    assert ask("/docs/cite.bib").body.decode().count("{") == ask("/docs/cite.bib").body.decode().count("}")


def test_who_cites_the_graph_cites_the_report_with_its_authors(ask: Ask) -> None:
    text = ask("/docs/cite.txt?of=/queries/twins-of-a-city?thing=leeds").body.decode().splitlines()
    assert text[1].startswith("Michele Acuto, Mika Morissette, Dan Chan and Benjamin Leffel: 'City Diplomacy' and")
    assert "January 2016" in text[1]
    (report,) = yaml.safe_load(ask("/docs/cite.cff").body)["references"]
    assert (report["type"], report["year"], report["month"]) == ("report", 2016, 1)
    assert [one["name"] for one in report["authors"]][::3] == ["Michele Acuto", "Benjamin Leffel"]
    bib = ask("/docs/cite.bib?of=/report").body.decode()
    assert "author = {Michele Acuto and Mika Morissette and Dan Chan and Benjamin Leffel}" in bib
    assert "institution = {Foresight, Government Office for Science}" in bib


@pytest.mark.parametrize("path", ["//elsewhere.example/", "doc/city/leeds", "/" + "x" * 3_000, "/a%0Ab"])
def test_what_is_not_an_address_of_ours_is_not_cited(ask: Ask, path: str) -> None:
    answer = ask(f"/docs/cite?of={path}")
    assert answer.status == 400
    assert answer.members["hint"]


def test_the_sitemap_names_pages_that_are_there(ask: Ask) -> None:
    robots = ask("/robots.txt").body.decode()
    assert re.search(r"^Sitemap: http\S+/sitemap.xml$", robots, re.MULTILINE)
    urls = [element.text or "" for element in ElementTree.fromstring(ask("/sitemap.xml").body).iter() if element.text]
    paths = ["/" + url.strip().split("/", 3)[3] for url in urls if url.strip()]
    assert len(paths) > 1_000
    assert {"/doc/city/leeds", "/queries", "/docs/cite"} <= set(paths)
    for path in paths[-3:]:
        assert ask("-H", "Accept: text/html", path).status == 200
