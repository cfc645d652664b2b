"""Pages over both reports: passages are named with their works, counts with their sets, questions with those asked."""

from __future__ import annotations

import csv
import html
import json
import re
from io import StringIO

import pytest
from flask.testing import FlaskClient

from kg.errors import CityKgError
from server.service.questions import Questions
from server.site.tour import STEPS
from tests.support.tour import ANSWERS

pytestmark = pytest.mark.drawn

TWINS = "/queries/twins-of-a-city"
OF_BOTH = ("/map", "/evidence/twinnings", "/doc/city/birmingham", "/doc/twinning", "/doc/city/sheffield")


def page(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == status, path
    return html.unescape(answer.text)


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


@pytest.mark.parametrize("path", [*OF_BOTH, f"{TWINS}?thing=birmingham&scope=all&evidence=yes"])
def test_a_passage_of_the_first_report_is_named_with_it_where_both_stand(both: FlaskClient, path: str) -> None:
    content = page(both, path).partition("<main")[2]
    links = re.findall(r'<a [^>]*href="/doc/passage/[^"/#]+(?:#[^"]*)?"[^>]*>([^<]*)</a>', content)
    named = [text for text in links if not text.startswith(("✓", "✗", "implied"))]
    assert named
    assert [text for text in named if not text.startswith("CLI 2016, ")] == []
    assert "RUSI 2025, section" in content


def test_what_passages_attribute_to_a_person_is_no_activity_of_his(both: FlaskClient) -> None:
    sections = dict(re.findall(r'<section id="(\w+)">(.*?)</section>', page(both, "/doc/person/xi-jinping"), re.DOTALL))
    assert "Visit of Xi Jinping in 2015" in words(sections["activities"])
    assert "Containment" not in sections["activities"]
    said = "According to Xi in 2023, Western countries under the lead of the US suppress, encircle and contain China"
    assert said in words(sections["claims"])


def test_each_section_of_the_second_report_has_its_heading(both: FlaskClient) -> None:
    contents = page(both, "/works/rusi-2025").partition('<ol class="sections">')[2].partition("</ol>")[0]
    headings = re.findall(r'<a href="#section-[^"]*">([^<]*)</a>', contents)
    assert "4 The Preparedness of UK Local Authorities to Engage Effectively with China" in headings
    assert [one for one in headings if re.fullmatch(r"[\d.]+", one)] == []


def test_counts_of_pages_that_differ_say_why(both: FlaskClient) -> None:
    home, lists = words(page(both, "/")), words(page(both, "/doc"))
    stated, implied = (
        int(number) for number in re.findall(r"(\d+) twinnings \((\d+) more are only implied\)", home)[0]
    )
    assert f"Twinnings {stated + implied}, {implied} of them only implied" in lists
    (found,) = re.findall(r"\d+ disagreements , (\d+) that the editors found", home)
    every, of_copies = re.findall(r"gaps (\d+), (\d+) of them gaps of our copies alone", lists)[0]
    assert int(every) - int(of_copies) == int(found)


def test_a_name_that_nothing_has_is_the_heading_and_leads_on(both: FlaskClient) -> None:
    near, far = (page(both, f"/doc/city/{name}", 404).partition("<main")[2] for name in ("birmingam", "atlantis"))
    assert "No city “birmingam”" in near
    assert '<a href="/doc/city/birmingham">' in near
    assert "No city “atlantis”" in far
    assert "dalian" not in far
    assert '<input type="search" name="q" value="atlantis"' in far
    assert "No city" not in page(both, "/doc/city/leeds?view=nothing", 404)


def test_a_passage_itself_and_texts_that_name_some_have_the_work_too(both: FlaskClient) -> None:
    assert "<h1>CLI 2016, Table 1</h1>" in page(both, "/doc/passage/table-1")
    assert re.findall(r"<h1>[^<]*RUSI[^<]*", page(both, "/doc/passage/rusi-2025/section-3.1-p2")) == [
        "<h1>RUSI 2025, section 3.1, paragraph 2"
    ]
    passages = page(both, "/doc/passage")
    assert "CLI 2016, Table 1" in passages
    assert "RUSI 2025" not in passages.partition("<table")[2]
    assert "RUSI 2025" in page(both, "/doc/passage?page=3")
    assert "CLI 2016, Table 1; RUSI 2025, section" in words(page(both, "/disagreements"))
    pairs = "SELECT ?city ?twin { VALUES ?city { city:birmingham } ?city cd:twinnedWith ?twin }"
    drawn = page(both, f"/sparql?query={pairs}&evidence=yes&view=pairs").partition('<svg class="drawn')[2]
    assert "Denied by CLI 2016, Table 1" in drawn.partition("</svg>")[0]
    found = words(page(both, "/search?q=birmingham"))
    assert "CLI 2016, Section 3.1, paragraph 5: Birmingham has a dedicated team for EU funds" in found


def test_on_its_own_pages_a_report_is_not_named_before_each_passage(both: FlaskClient) -> None:
    contents = words(page(both, "/report"))
    assert " Table 1 Pairs ten UK cities" in contents
    assert "CLI 2016, Table 1" not in contents
    of_section = words(page(both, "/report?section=3.1"))
    assert "RUSI 2025, section 3.6, paragraph 2" in of_section
    assert "CLI 2016, Table 2" not in of_section


def test_alone_the_report_is_the_report(client: FlaskClient) -> None:
    for path in ("/", "/map", "/works", "/doc/city/birmingham", f"{TWINS}?thing=birmingham", "/search?q=birmingham"):
        assert "CLI 2016" not in page(client, path).replace("· CLI 2016", ""), path
    assert "related" not in client.get(f"{TWINS}.csv?thing=birmingham").headers["Link"]


def test_the_start_page_introduces_both_and_draws_their_ties(both: FlaskClient) -> None:
    said = words(page(both, "/"))
    assert "Two works on city diplomacy" in said
    assert "CLI 2016: 'City Diplomacy' and Twinning" in said
    assert "RUSI 2025: Subnational Diplomacy Between the UK and China , by Andrew Cainey" in said
    drawn = page(both, "/").partition('class="lines"')[2].partition("</figure>")[0]
    assert "birmingham-guangzhou" in drawn
    assert "birmingham-changchun" in drawn


def test_what_the_start_page_counts_is_counted_where_it_leads(both: FlaskClient) -> None:
    start = words(page(both, "/"))
    cities = re.search(r"(\d+) cities , (\d+) city networks and (\d+) twinnings", start)
    assert cities
    assert f"{cities[1]} in all works" in words(page(both, "/doc/city"))
    assert f"{cities[2]} in all works" in words(page(both, "/doc/network"))
    assert f"{cities[3]} twinnings of CLI 2016 and RUSI 2025 together" in words(page(both, "/map"))
    found = re.search(r"(\d+) disagreements .{,60}, (\d+) of them between works", start)
    assert found, start
    listed = words(page(both, "/disagreements"))
    assert f"{found[1]} disagreements: " in listed
    assert f"{found[2]} between works" in listed


def test_the_disagreements_between_works_are_listed_together(both: FlaskClient) -> None:
    (count,) = re.findall(r'<a href="/disagreements#between-works">(\d+) of them between works</a>', page(both, "/"))
    content = page(both, "/disagreements")
    assert f'<a href="#between-works">{count} between works</a>' in content
    of_both = content.partition('<h2 id="between-works">')[2].partition("<h2")[0]
    entries = [words(entry) for entry in re.findall(r"<li>.*?</li>", of_both, re.DOTALL)]
    assert len(entries) == int(count)
    read = both.get("/disagreements.json").json
    between = [one for one in read["all"] if one["iri"] in read["between"]]
    with_others = [one for one in between if any("/source/" in passage["iri"] for passage in one["passages"])]
    of_works = [one for one in entries if "CLI 2016, " in one and "RUSI 2025, " in one]
    assert len(of_works) == len(between) - len(with_others) > 0
    assert re.findall(r'href="/queries/[^"]*"', content) == [
        link for link in re.findall(r'href="/queries/[^"]*"', content) if "scope=all" in link
    ]


def test_the_map_is_narrowed_to_a_work(both: FlaskClient) -> None:
    of_one = page(both, "/map?work=RUSI+2025")
    assert "birmingham-changchun" in of_one
    assert "birmingham-guangzhou" not in of_one
    assert "stated by RUSI 2025" in of_one
    assert "CLI 2016" in words(page(both, "/map?work=RUSI", 404))


def test_a_status_on_the_map_is_of_the_work_that_gives_it(both: FlaskClient) -> None:
    assert "(former: RUSI 2025)" in page(both, "/map")


@pytest.mark.parametrize(("scope", "column"), [("rusi-2025", "former_twins"), ("all", "twins")])
def test_a_list_tells_twins_that_no_account_has_as_lasting(both: FlaskClient, scope: str, column: str) -> None:
    """One report has Newcastle and Taiyuan as former twins, the other as current ones."""
    listed = {row["name"]: row for row in csv.DictReader(StringIO(both.get(f"/doc/city.csv?scope={scope}").text))}
    newcastle = listed["Newcastle upon Tyne"]
    assert [name for name in ("twins", "former_twins") if "Taiyuan" in newcastle[name]] == [column]
    assert "Wuhan" in listed["Manchester"]["twins"]


def test_the_matrix_has_passages_of_both(both: FlaskClient) -> None:
    rows = both.get("/evidence/twinnings.csv").text.splitlines()
    changchun = [row for row in rows if "city/changchun" in row]
    assert any("RUSI 2025" in row and "states" in row for row in changchun)
    assert any("passage/table-1," in row and "denies" in row for row in changchun)
    assert all("passages contradict each other" in row for row in changchun)


def test_the_second_report_is_read_by_its_sections(both: FlaskClient) -> None:
    contents = words(page(both, "/works/rusi-2025"))
    assert "3.2 The Changing Focus and Level of Activity" in contents
    section = page(both, "/works/rusi-2025?section=3.2")
    assert "RUSI 2025, section 3.2, paragraph 1" in section
    assert "RUSI 2025, section 3.3" not in section.partition("<article")[2].rpartition("</article>")[0].replace(
        "disagree", ""
    )


def test_works_are_listed_with_what_they_are(both: FlaskClient) -> None:
    listed = words(page(both, "/works"))
    assert "CLI 2016 · 104 passages" in listed
    assert "RUSI 2025 · 128 passages" in listed
    assert '<a href="/works"' in page(both, "/")


def test_what_passages_say_of_a_thing_is_by_work_and_of_each_some(both: FlaskClient) -> None:
    said = page(both, "/doc/country/china").partition('id="sayings"')[2].partition("</section>")[0]
    assert re.findall(r"<h3>([^<]*)</h3>", said) == ["CLI 2016", "RUSI 2025"]
    of_first, of_second = said.partition("<h3>RUSI 2025</h3>")[::2]
    assert of_first.count("<li>") >= 50
    assert of_second.count("<li>") >= 50
    assert "RUSI 2025, " not in of_first


def test_what_both_say_of_a_tie_stands_together(both: FlaskClient) -> None:
    twins = page(both, "/doc/city/sheffield")
    anshan, chengdu = (
        twins.partition(f'href="/doc/city/{name}">')[2].partition("</dd>")[0].partition('href="/doc/city/')[0]
        for name in ("anshan", "chengdu")
    )
    assert "CLI 2016, Table 1" in anshan
    assert "RUSI 2025, section 3.1, paragraph 2" in anshan
    assert "Counted otherwise" not in anshan, "the one sister that section 3.1 counts may be this one"
    assert "CLI 2016, Table 2" in chengdu
    assert "Counted otherwise" in chengdu


def test_search_finds_what_either_names_and_says_which(both: FlaskClient) -> None:
    (found,) = [one for one in both.get("/search.json?q=changchun").json["results"] if one["kind"] == "city"]
    assert found["works"] == {"RUSI 2025": found["passages"]}
    leeds = next(one for one in both.get("/search.json?q=leeds").json["results"] if one["kind"] == "city")
    assert sum(leeds["works"].values()) == leeds["passages"]
    assert list(leeds["works"]) == ["CLI 2016", "RUSI 2025"]
    assert "of RUSI 2025" in words(page(both, "/search?q=changchun"))


def test_a_question_says_whom_it_asks_and_what_the_others_add(both: FlaskClient) -> None:
    asked = page(both, f"{TWINS}?thing=birmingham")
    assert "Asked of CLI 2016. RUSI 2025 adds 1 row." in words(asked)
    assert f'href="{TWINS}?thing=city%3Abirmingham&scope=all"' in asked
    assert "adds" not in words(page(both, f"{TWINS}?thing=birmingham&scope=all"))
    assert "RUSI 2025 changes 1 row." in words(page(both, f"{TWINS}?thing=leeds&evidence=yes"))


def test_the_page_of_a_thing_asks_all_works_as_it_shows_them(both: FlaskClient) -> None:
    of_city = page(both, "/doc/city/newcastle-upon-tyne")
    asked = f"{TWINS}?thing=city%3Anewcastle-upon-tyne&scope=all"
    assert f'href="{asked}"' in of_city
    assert f'href="{TWINS}?thing=city%3Anewcastle-upon-tyne"' not in of_city
    (row,) = both.get(asked.replace("?", ".json?")).json["results"]["bindings"]
    assert row["current"]["value"] == "false"


@pytest.mark.parametrize("suffix", ["csv", "json", "tsv", "xml"])
def test_data_lead_to_the_same_answer_of_all_works(both: FlaskClient, suffix: str) -> None:
    answer = both.get(f"{TWINS}.{suffix}?thing=birmingham")
    of_all = f"{TWINS}.{suffix}?thing=city%3Abirmingham&scope=all"
    assert f'<{of_all}>; rel="related"; title="Asked of CLI 2016 alone.' in answer.headers["Link"]
    assert "Changchun" not in answer.text
    assert "Changchun" in both.get(of_all).text
    assert "related" not in both.get(of_all).headers["Link"]


def test_a_page_comes_though_the_other_works_cannot_be_asked(
    both: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Questions.ask

    def ask(self: Questions, question: object, *arguments: object, **named: object) -> object:
        if getattr(question, "scope", "") == "all":
            raise CityKgError("It takes too long.", "Wait.")
        return plain(self, question, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Questions, "ask", ask)
    said = words(page(both, f"{TWINS}?thing=glasgow"))
    assert "Asked of CLI 2016. Ask all works" in said
    assert "Dalian" in said


def test_a_city_that_another_work_alone_names_leads_to_all_works(both: FlaskClient) -> None:
    refused = both.get(f"{TWINS}.json?thing=changchun")
    assert refused.status_code == 400
    (suggested,) = refused.json["suggestions"]
    assert suggested["address"] == f"{TWINS}?thing=changchun&scope=all"
    assert "Birmingham" in page(both, suggested["address"])
    assert "asked of all works" in page(both, f"{TWINS}?thing=changchun", 400)
    assert "asked of all works" not in page(both, "/queries/twinning-timeline?filter.begin=%3E+banana", 400)
    assert "scope" not in both.get(f"{TWINS}.json?thing=nowhere").text


def test_a_candidate_for_a_cell_is_described_with_works_that_name_it(both: FlaskClient, client: FlaskClient) -> None:
    def described(asked: FlaskClient, text: str) -> str:
        answer = asked.post("/reconcile", data={"queries": json.dumps({"q": {"query": text}})})
        return str(answer.json["q"]["result"][0]["description"])

    assert described(both, "Changchun").endswith(", named in RUSI 2025")
    assert described(both, "Leeds").endswith(", named in CLI 2016 and RUSI 2025")
    assert "named in" not in described(client, "Leeds")


def test_a_question_can_be_asked_of_one_work_alone(both: FlaskClient) -> None:
    found = {scope: both.get(f"{TWINS}.csv?thing=birmingham&scope={scope}").text for scope in ("report", "rusi-2025")}
    assert {scope: [twin in rows for twin in ("Guangzhou", "Changchun")] for scope, rows in found.items()} == {
        "report": [True, False],
        "rusi-2025": [False, True],
    }
    assert both.get(f"{TWINS}.csv?thing=moscow&scope=rusi-2025").status_code == 400  # of which it does not speak


def test_the_tour_tells_what_both_reports_answer(both: FlaskClient) -> None:
    for step, has in zip(STEPS, ANSWERS, strict=True):
        answer = both.get(step.address, headers={"Accept": "text/csv"}).text
        assert [text for text in has if text not in answer] == []
    assert (
        "city/changchun,https://w3id.org/city-diplomacy/id/passage/rusi-2025/section-3.1-p2,"
        "https://w3id.org/city-diplomacy/id/passage/section-3.1-p2 "
        "https://w3id.org/city-diplomacy/id/passage/table-1,denies"
    ) in answer
    assert len(answer.splitlines()) == 3  # the last step names both twins
    assert all(line.count("denies <") == 2 for line in answer.splitlines()[1:])
