"""One address of each kind of page, by a name that a file may have."""

from __future__ import annotations

from urllib.parse import quote

_SELECT = "SELECT ?city ?twin WHERE { ?city cd:twinnedWith ?twin } LIMIT 20"
_COUNTED = """SELECT ?city (COUNT(?twin) AS ?twins) WHERE { ?city a cd:City ; cd:twinnedWith ?twin } GROUP BY ?city"""
_NETWORKS = "SELECT ?city ?network WHERE { ?city a cd:City ; cd:memberOf ?network }"
_DATED = (
    "SELECT ?tie ?begin ?end WHERE { ?account cd:accountOf ?tie ; cd:begin ?begin OPTIONAL { ?account cd:end ?end } }"
)
_NOTHING = "SELECT ?t WHERE { ?t cd:twin city:birmingham , city:jinan }"

PAGES = {
    "home": "/",
    "search": "/search?q=Macau",
    "ask": "/ask?q=Which+Chinese+city+is+Birmingham+twinned+with%3F",
    "ask-chinese": f"/ask?q={quote('伯明翰有哪些友好城市？')}",
    "ask-empty": "/ask",
    "ask-nothing": "/ask?q=who+is+the+best+twin",
    "search-nothing": "/search?q=xyzzy",
    "search-guides": "/search?q=cite&kind=guide",
    "lists": "/doc",
    "cities": "/doc/city",
    "cities-chosen": "/doc/city?sort=-passages&filter.name=e&facet=twins&hide=implied_twins",
    "passages": "/doc/passage",
    "city": "/doc/city/birmingham",
    "city-with-much": "/doc/city/beijing",
    "network": "/doc/network/c40",
    "twinning": "/doc/twinning/birmingham-guangzhou",
    "membership": "/doc/membership/beijing-c40",
    "compare": "/compare?a=Beijing&b=Copenhagen",
    "turtle": "/doc/city/birmingham?view=turtle",
    "disagreement": "/doc/disagreement/birmingham-twin-tables",
    "report": "/report",
    "report-table": "/doc/passage/table-1",
    "report-paragraph": "/doc/passage/section-3.1-p2",
    "report-section": "/report?section=3.1",
    "report-gap": "/doc/passage/footnote-7",
    "works": "/works",
    "disagreements": "/disagreements",
    "evidence-twinnings": "/evidence/twinnings",
    "evidence-memberships": "/evidence/memberships",
    "denials": "/disagreements?kind=denies",
    "map": "/map",
    "questions": "/queries",
    "question-with-form": "/queries/twins-of-a-city.html?thing=city:beijing",
    "question-with-evidence": "/queries/twins-of-a-city.html?thing=city:birmingham&evidence=yes",
    "question-wide": "/queries/numbers.html",
    "sparql": "/sparql",
    "result": f"/sparql?query={quote(_SELECT)}",
    "result-with-evidence": f"/sparql?query={quote(_SELECT)}&evidence=yes",
    "view-map": "/queries/offices.html?columns=operatorLabel,placeLabel,lat,long,passage&evidence=yes&view=map",
    "view-pairs": f"/sparql?query={quote(_SELECT)}&evidence=yes&view=pairs",
    "view-matrix": f"/sparql?query={quote(_NETWORKS)}&view=matrix",
    "view-timeline": f"/sparql?query={quote(_DATED)}&view=timeline",
    "view-bars": f"/sparql?query={quote(_COUNTED)}&view=bars",
    "result-worked-with": f"/sparql?query={quote(_SELECT)}&sort=-twin&filter.city=i&facet=twin&is.twin=city:beijing",
    "result-empty": f"/sparql?query={quote(_NOTHING)}",
    "ontology": "/ontology",
    "vocabularies": "/vocabulary",
    "vocabulary": "/vocabulary/diplomatic-function",
    "concept": "/vocabulary/tie-status/current",
    "shapes": "/shapes",
    "dataset": "/dataset",
    "changes": "/changes",
    "check": "/validate",
    "sign-in": "/desk/sign-in?to=/desk/imports",
    "graph": "/graph/report/table-1",
    "guides": "/docs",
    "tour": "/docs/tour",
    "cite": "/docs/cite",
    "parts": "/docs/parts",
    "error-type": "/docs/errors/not-found",
}
OF_BOTH_REPORTS = {
    "home": "/",
    "home-of-one": "/?scope=rusi-2025",
    "list-of-one": "/doc/twinning?scope=rusi-2025",
    "questions-of-one": "/queries?scope=rusi-2025",
    "works": "/works",
    "second-work": "/works/rusi-2025",
    "passage-of-the-second": "/doc/passage/rusi-2025/section-3.1-p2",
    "map": "/map",
    "city": "/doc/city/sheffield",
    "country": "/doc/country/china",
    "disagreements": "/disagreements",
    "evidence-twinnings": "/evidence/twinnings",
    "evidence-memberships": "/evidence/memberships",
    "search": "/search?q=birmingham",
    "question": "/queries/twins-of-a-city.html?thing=city:birmingham",
    "question-of-all": "/queries/twins-of-a-city.html?thing=city:birmingham&scope=all&evidence=yes",
}
"""Those that show more where a second report is loaded."""
ERRORS = {
    "at-the-desk": ("/proposals", 401),
    "not-found": ("/doc/city/birmingam", 404),
    "passage-misspelt": ("/report/tabel-1", 404),
    "kind-unknown": ("/disagreements?kind=quarrel", 400),
    "bad-query": (f"/sparql?query={quote('SELECT ?x WHERE { ?x a cd:City')}", 400),
    "bad-value": ("/queries/twins-of-a-city.html?thing=Nowhere", 400),
    "page-past-the-end": ("/doc/city/birmingham?page=999", 404),
}
