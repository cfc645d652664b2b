"""The tour of SPARQL in five steps, from one pattern to who says so: each is a query that runs."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True)
class TourStep:
    """A step: what it shows, its query, and what the answer has in words.

    `has` are texts that stand in the answer as CSV, `has_of_both` further ones where RUSI 2025 is loaded; with
    `evidence`, who says so is asked as well.
    """

    shows: str
    query: str
    answer: str
    has: tuple[str, ...]
    evidence: bool = False
    has_of_both: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """The address of the editor with the query and its answer."""
        return "/sparql?" + urlencode({"query": self.query} | ({"evidence": "yes"} if self.evidence else {}))


STEPS = (
    TourStep(
        "A pattern has three parts: a thing, a property and a value. What begins with a question mark is a variable, "
        "and each row of the answer is one way to fill it. The prefixes city: and cd: need no declaration here.",
        """SELECT ?network WHERE {
  city:beijing cd:memberOf ?network .
}""",
        "Two networks, C40 and UCLG.",
        ("network/c40", "network/uclg"),
    ),
    TourStep(
        "A semicolon adds a property of the same thing, a dot ends a pattern. A variable has one value in a whole row, "
        "so ?twin joins the two patterns. Names are skos:prefLabel, with their language.",
        """SELECT ?city ?name ?twin WHERE {
  ?city cd:within country:united-kingdom ;
        cd:twinnedWith ?twin ;
        skos:prefLabel ?name .
  ?twin cd:within country:china .
  FILTER (LANG(?name) = "en")
}
ORDER BY ?name""",
        "A row for each British city or region and each of its Chinese twins, from Belfast and Birmingham on.",
        ("city/birmingham,Birmingham,https://w3id.org/city-diplomacy/id/city/guangzhou", "city/leeds,Leeds,"),
    ),
    TourStep(
        "GROUP BY puts rows together, and COUNT counts them. DISTINCT counts each twin once, however many rows name "
        "it. OPTIONAL keeps a city of which no twin is stated.",
        """SELECT ?city (COUNT(DISTINCT ?twin) AS ?twins) WHERE {
  ?city a cd:City ; cd:within country:united-kingdom .
  OPTIONAL { ?city cd:twinnedWith ?twin }
}
GROUP BY ?city
ORDER BY DESC(?twins) ?city""",
        "British cities by number of twins. York is there with 0, which means that no passage here states a twin of "
        "it, not that it has none.",
        ("city/york,0", "city/london,"),
    ),
    TourStep(
        "Each passage has a graph of its own with what it states. GRAPH ?graph tells in which graph a pattern holds; "
        "names stand in others, so they are asked for outside the braces. A twinning is a thing, and an account is "
        "what one passage says of it.",
        """SELECT ?graph ?property ?value WHERE {
  ?account cd:accountOf twinning:birmingham-guangzhou .
  GRAPH ?graph { ?account ?property ?value }
}""",
        "Table 2 alone states the twinning: as current, and major.",
        ("graph/report/table-2", "tie-status/current", "tie-standing/major"),
    ),
    TourStep(
        "With “Who says so” ticked, each row comes with the passages that carry it and with those that object, and "
        "how. In an address that is evidence=yes. It works for any SELECT.",
        """SELECT ?twin WHERE {
  city:birmingham cd:twinnedWith ?twin .
}""",
        "Guangzhou, which Table 2 of the first report states; where RUSI 2025 is loaded, also Changchun, which a "
        "paragraph of that states. Table 1 and a paragraph of section 3.1 of the first report deny each twin.",
        ("city/guangzhou", "passage/table-2", "denies <https://w3id.org/city-diplomacy/id/passage/table-1>"),
        evidence=True,
        has_of_both=(
            "city/changchun,https://w3id.org/city-diplomacy/id/passage/rusi-2025/section-3.1-p2,"
            "https://w3id.org/city-diplomacy/id/passage/section-3.1-p2 "
            "https://w3id.org/city-diplomacy/id/passage/table-1,denies",
        ),
    ),
)
