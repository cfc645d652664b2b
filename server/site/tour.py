"""The tour of SPARQL in five steps, from one pattern to who says so: each is a query that runs."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True)
class TourStep:
    """A step: what it shows, its query, and what the answer has in words; with `evidence`, who says so is asked."""

    shows: str
    query: str
    answer: str
    evidence: bool = False

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
    ),
    TourStep(
        "With “Who says so” ticked, each row comes with the passages that carry it and with those that object, and "
        "how. In an address that is evidence=yes. It works for any SELECT.",
        """SELECT ?twin WHERE {
  city:birmingham cd:twinnedWith ?twin .
}""",
        "Guangzhou, which Table 2 of the first report states; where RUSI 2025 is loaded, also Changchun, which a "
        "paragraph of that states. Table 1 and a paragraph of section 3.1 of the first report deny each twin.",
        evidence=True,
    ),
)
