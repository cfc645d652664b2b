"""The columns that matter for the things of each kind, and the titles of the kinds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, Store

from kg.objections import as_literal, objections_of


@dataclass(frozen=True)
class ListColumn:
    """A column: its heading, and the SPARQL pattern from ?thing to ?value, or a function that returns it for things.

    A column that counts shows the number of values.
    """

    title: str
    pattern: str | Callable[[Store, Sequence[str]], str]
    is_count: bool = False

    @property
    def name(self) -> str:
        """Its name in addresses, where commas stand between columns."""
        return self.title.replace(",", "").replace(" ", "_")


def _path(title: str, path: str) -> ListColumn:
    return ListColumn(title, f"?thing {path} ?value")


_STATED_IN = _path("stated in", "(^cd:accountOf/cd:statedIn)|cd:statedIn")
_AS_OF = ListColumn("as of", "?account cd:accountOf ?thing ; cd:statedIn/dcterms:isPartOf ?work . ?work cd:asOf ?value")
"""The time of which the works speak that state a tie, which is not when they came out."""
_ACCOUNT = "?account cd:accountOf ?thing ; cd:statedIn ?value ."
_PASSAGES = ListColumn(
    "passages",
    "{ GRAPH ?value { ?subject ?predicate ?thing } } UNION { GRAPH ?value { ?thing cd:statedIn ?passage } }"
    " FILTER (STRSTARTS(STR(?value), STR(report:)))",
    is_count=True,
)
_SAYS = _path("says", "cd:says")
_MEDIATORS = ListColumn(
    "mediators",
    "?thing cd:member ?member ; cd:network ?network ."
    " ?mediation cd:mediatedFor ?member ; cd:mediatedWith ?network ; cd:mediator ?value",
)
"""Those who coordinate or control a membership, or stand between the member and the network."""
_COUNTRY = ListColumn("country", "?thing cd:within? ?value . ?value a cd:State")
"""A city that is a state is its own country."""
_FORMER = """NOT EXISTS { ?thing cd:currentlyTwinnedWith ?value } && NOT EXISTS {
    ?tie cd:twin ?thing , ?value . ?account cd:accountOf ?tie
    MINUS { ?account cd:status status:former } MINUS { ?account cd:end ?end } MINUS { ?account cd:implied true } }"""
"""Of a twin: no account has it as one that lasts."""
_TWINS = ListColumn("twins", f"?thing cd:twinnedWith ?value FILTER (!({_FORMER}))")
_FORMER_TWINS = ListColumn("former twins", f"?thing cd:twinnedWith ?value FILTER ({_FORMER})")
_NETWORKS = _path("networks", "cd:memberOf")
_IMPLIED_TWINS = ListColumn(
    "implied twins", "?thing cd:twinnedByImplication ?value . FILTER NOT EXISTS { ?thing cd:twinnedWith ?value }"
)
_OTHER_NETWORKS = ListColumn(
    "other network ties",
    "?membership cd:member ?thing ; cd:network ?value . FILTER NOT EXISTS { ?thing cd:memberOf ?value }",
)
"""Networks that a city takes part in, founded, hosts or paid for, without cd:memberOf: its page says so, too."""


def _by_group(title: str, network: str, member: str, *, is_count: bool = False) -> ListColumn:
    """Return a column of ties that follow from what a source says of all of a group, as the questions follow it."""
    return ListColumn(
        title,
        f"""VALUES ?all {{ quantifier:all quantifier:all-except }}
  ?account cd:quantifier ?all ; cd:accountOf ?membership . ?membership cd:member ?group ; cd:network {network} .
  {{ GRAPH ?graph {{ ?account cd:accountOf ?membership . ?group cd:groupMember {member} }} }}
  UNION {{ GRAPH ?edited {{ ?reading cd:ofGroup ?group . ?group cd:groupMember {member} }} }}
  MINUS {{ ?account cd:exception {member} }}
  MINUS {{ ?own cd:member {member} ; cd:network {network} }}""",
        is_count,
    )


_NETWORKS_BY_GROUP = _by_group("networks by a group", "?value", "?thing")
_OF_PLACES = (
    _COUNTRY,
    _TWINS,
    _FORMER_TWINS,
    _IMPLIED_TWINS,
    _NETWORKS,
    _OTHER_NETWORKS,
    _NETWORKS_BY_GROUP,
    _PASSAGES,
)


def _objections(store: Store, things: Sequence[str]) -> str:
    raised = objections_of(store)
    found = {thing: Literal(as_literal(of)) for thing in things if (of := raised.to([thing]))}
    return (
        f"VALUES (?thing ?value) {{ {' '.join(f'(<{thing}> {literal})' for thing, literal in sorted(found.items()))} }}"
    )


_OBJECTIONS = ListColumn("objections", _objections)
"""Objections to a tie; the last column of each kind of ties."""
_REASON = _path("reason", "cd:reason")

TITLES: Mapping[str, Mapping[str, str]] = {
    "Places": {
        "city": "Cities",
        "place": "Areas without authorities of their own",
        "polity": "Cities or other bodies: sources do not say which",
        "district": "Districts of cities",
        "region": "Regions",
        "nation": "Nations within a state",
        "country": "Countries",
    },
    "Ties": {
        "twinning": "Twinnings",
        "membership": "Memberships",
        "office": "Offices abroad",
        "team": "Teams and offices for foreign affairs",
        "strategy": "Strategies",
        "mediation": "Mediations: who acts between others",
        "affiliation": "Posts of persons",
        "agreement": "Agreements",
        "funding": "Funding: who gives money to whom",
    },
    "Actors": {
        "network": "Networks of cities",
        "organisation": "Organisations",
        "person": "Persons",
        "group": "Groups of cities, persons or others",
        "zone": "Zones with rules of their own, such as ports",
    },
    "Statements": {
        "passage": "Passages",
        "activity": "Activities and events",
        "finding": "Findings",
        "absence": "Absences: what a passage says there is not",
        "completeness": "Complete lists: of what a passage names all",
        "statistic": "Figures",
        "definition": "Definitions",
        "recommendation": "Recommendations",
    },
    "What the editors add": {
        "disagreement": "Disagreements between passages, and gaps",
        "assignment": "Bull's functions, and who performs them",
    },
    "Literature and sources": {
        "publication": "Publications",
        "citation": "Citations in footnotes",
        "source": "Sources of curators and editors",
    },
    "Parts of statements": {
        "account": "Accounts: what one passage says of one tie or thing",
        "support": "Support of findings and recommendations",
        "spelling": "Spellings, and what they stand for",
        "reading": "Members of groups, as read out of several passages",
        "reference": "References to single statements",
        "geometry": "Positions",
    },
}
"""Titles of the kinds of things, by subject and in the order of interest.

The last subject is what few look for by itself: pages about other things show it.
"""
TITLE_BY_KIND = {kind: title for titles in TITLES.values() for kind, title in titles.items()}

COLUMNS: Mapping[str, tuple[ListColumn, ...]] = {
    "city": _OF_PLACES,
    "polity": (_COUNTRY, _TWINS, _FORMER_TWINS),
    "district": (_path("within", "cd:within"), _TWINS, _FORMER_TWINS, _PASSAGES),
    "region": (_COUNTRY, _PASSAGES),
    "nation": (_path("within", "cd:within"), _PASSAGES),
    "country": (ListColumn("cities", "?value cd:within ?thing ; a cd:City", is_count=True), _PASSAGES),
    "geometry": (_path("of", "^geo:hasGeometry"), _path("position", "geo:asWKT")),
    "twinning": (
        *(_path("cities", "cd:twin"), _path("status", "^cd:accountOf/cd:status")),
        _path("standing", "^cd:accountOf/cd:standing"),
        ListColumn("stated in", f"{_ACCOUNT} MINUS {{ ?account cd:implied true }}"),
        ListColumn("implied in", f"{_ACCOUNT} ?account cd:implied true"),
        _path("denied in", "^cd:denies/cd:statedIn"),
        _AS_OF,
        _OBJECTIONS,
    ),
    "membership": (
        *(_path("member", "cd:member"), _path("network", "cd:network")),
        *(_path("role", "^cd:accountOf/cd:role"), _MEDIATORS, _STATED_IN, _AS_OF, _OBJECTIONS),
    ),
    "office": (
        *(_path("of", "cd:operator"), _path("in", "cd:hostPlace"), _path("body", "cd:body")),
        *(_path("status", "^cd:accountOf/cd:status"), _STATED_IN, _AS_OF, _OBJECTIONS),
    ),
    "team": (
        *(
            _path("of", "cd:operator"),
            _path("kind", "cd:officeKind"),
            _path("body", "cd:body"),
            _STATED_IN,
            _AS_OF,
            _OBJECTIONS,
        ),
    ),
    "strategy": (_path("of", "cd:strategyOf"), _STATED_IN, _AS_OF, _OBJECTIONS),
    "mediation": (
        *(_path("mediator", "cd:mediator"), _path("for", "cd:mediatedFor"), _path("with", "cd:mediatedWith")),
        *(_path("role", "^cd:accountOf/cd:role"), _STATED_IN, _AS_OF, _OBJECTIONS),
    ),
    "affiliation": (
        _path("person", "cd:person"),
        _path("organisation", "cd:organization"),
        _STATED_IN,
        _AS_OF,
        _OBJECTIONS,
    ),
    "agreement": (
        *(_path("parties", "cd:signatory"), _path("kind", "^cd:accountOf/cd:basis")),
        *(_path("themes", "^cd:accountOf/cd:theme"), _path("status", "^cd:accountOf/cd:status"), _STATED_IN),
        _AS_OF,
        _OBJECTIONS,
    ),
    "funding": (
        *(_path("funder", "cd:funder"), _path("recipient", "cd:recipient")),
        *(_path("amount", "^cd:accountOf/cd:amount/cd:printedValue"), _path("for", "^cd:accountOf/cd:purpose")),
        *(_path("status", "^cd:accountOf/cd:status"), _STATED_IN, _AS_OF, _OBJECTIONS),
    ),
    "network": (
        _path("scope", "^cd:accountOf/cd:scope"),
        _path("founded", "^cd:accountOf/cd:begin"),
        ListColumn("members named", "?membership cd:network ?thing ; cd:member ?value", is_count=True),
        _by_group("members by a group", "?thing", "?value", is_count=True),
        _PASSAGES,
    ),
    "organisation": (_path("home page", "foaf:homepage"), _PASSAGES),
    "person": (
        *(_path("posts", "^cd:person/cd:organization"), _path("author of", "^dcterms:creator/cd:accountOf")),
        *(_path("editor of", "^cd:editor/cd:accountOf"), _PASSAGES),
    ),
    "group": (
        ListColumn("of", "?thing cd:groupOf ?value MINUS { ?value owl:deprecated true }"),
        *(_path("in", "cd:inPlace"), _path("larger group", "cd:subgroupOf")),
        *(_path("members", "cd:groupMember"), _PASSAGES),
    ),
    "place": (_path("kind", "cd:placeKind"), _path("in", "cd:within"), _PASSAGES),
    "zone": (_path("in", "cd:location"), _path("themes", "cd:theme"), _STATED_IN),
    "passage": (
        _path("kind", "cd:passageKind"),
        _path("place in its work", "cd:locator"),
        ListColumn(
            "statements", "GRAPH ?in { ?value cd:statedIn ?thing } FILTER (?in != graph:inferred)", is_count=True
        ),
        ListColumn("disagreements", "?value a cd:Disagreement ; cd:onPassage ?thing", is_count=True),
    ),
    "activity": (
        _path("participants", "cd:participant"),
        _path("led, hosted, organised or paid for by", "cd:leader|cd:host|cd:organizer|cd:payer"),
        _path("functions", "^cd:performedBy/cd:function"),
        _STATED_IN,
    ),
    "finding": (
        *(_SAYS, _path("hedge", "cd:hedge"), _path("extent", "cd:extent"), _path("frequency", "cd:frequency")),
        *(_path("attributed to", "cd:attributedTo"), _STATED_IN),
    ),
    "absence": (
        *(_path("of", "cd:absentFor"), _path("tie", "cd:tieKind"), _path("only", "cd:standing")),
        *(_SAYS, _STATED_IN),
    ),
    "completeness": (
        *(_path("of", "cd:completeFor"), _path("tie", "cd:tieKind"), _path("with", "cd:counterpart")),
        *(_path("lists all", "cd:listsAll"), _path("only", "cd:standing"), _path("except", "cd:exception")),
        *(_SAYS, _STATED_IN),
    ),
    "statistic": (
        *(_path("value", "cd:value"), _path("counts", "cd:counts")),
        *(_path("population", "cd:ofPopulation"), _STATED_IN),
    ),
    "definition": (_path("term", "cd:defines"), _SAYS, _STATED_IN),
    "recommendation": (
        *(_SAYS, _path("addressed to", "cd:addressedTo"), _path("advises against", "cd:advisesAgainst"), _STATED_IN),
    ),
    "account": (_path("of", "cd:accountOf"), _STATED_IN),
    "disagreement": (
        *(_path("kind", "cd:disagreementKind"), _path("passages", "cd:onPassage")),
        _path("explanation", "cd:explanation"),
    ),
    "assignment": (
        *(_path("performed by", "cd:performedBy"), _path("function", "cd:function"), _path("strength", "cd:strength")),
        *(_path("on", "cd:onPassage"), _REASON),
    ),
    "support": (_path("supports", "cd:supports"), _path("by", "cd:onPassage"), _REASON),
    "spelling": (_path("printed", "cd:spelling"), _path("stands for", "cd:identifiedAs"), _path("in", "cd:onPassage")),
    "reading": (_path("group", "cd:ofGroup"), _REASON),
    "reference": (
        *(_path("subject", "rdf:subject"), _path("predicate", "rdf:predicate")),
        *(_path("object", "rdf:object"), _path("graph", "cd:inGraph")),
    ),
    "publication": (
        *(_path("kind", "cd:publicationKind"), _path("authors", "dcterms:creator"), _path("editors", "cd:editor")),
        _path("commissioned by", "cd:commissionedBy"),
        *(_path("issued", "dcterms:issued"), _STATED_IN),
    ),
    "citation": (_path("publication", "cd:cites"), _path("cited for", "cd:citedFor"), _STATED_IN),
    "source": (_path("title", "dcterms:title"), _path("licence", "dcterms:license|dcterms:rights")),
}


def find_kinds(text: str) -> dict[str, str]:
    """Return the kinds of things that a text names, with the titles of their lists: `cities`, `network`."""
    wanted = " ".join(text.casefold().split())
    return {kind: title for kind, title in TITLE_BY_KIND.items() if wanted in _names(kind, title)}


def _names(kind: str, title: str) -> tuple[str, ...]:
    folded = title.casefold()
    return kind, folded, folded.partition(" ")[0].rstrip(":,")
