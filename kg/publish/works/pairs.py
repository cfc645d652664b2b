"""The passages of a work, or of all works, that state or deny each pair: two twin cities, or a city and a network.

A passage states a pair if it has an account of the twinning or membership; it denies the pair if the tie falls under an
absence that it finds (`cd:rulesOut`), or if it names both as without one. Otherwise it is silent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import TypedDict

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from kg.publish.works.contents import passages_by_work, work_in_order
from kg.publish.works.passages import TWINNING, nodes
from kg.publish.works.sides import DisagreementBrief, DisagreementReader, disagreements_on, severity_key
from kg.rdf import namespaces as ns
from kg.rdf.lookup import nodes_of, nodes_with
from kg.rdf.vocabulary import CD, RDF
from kg.readings import Reading
from kg.wording import NamedThing, TaggedText, Wording, texts

_ACCOUNT = f"{ns.ID}account/"
_MEMBERSHIP = NamedNode(f"{ns.VOCABULARY}tie-kind/network-membership")
_MEMBER = f"{ns.VOCABULARY}membership-role/member"
_CURRENT = f"{ns.VOCABULARY}tie-status/current"


class PairClaim(TypedDict):
    """The claim of a passage about a pair: that there is a tie or not, and of which manner."""

    states: bool
    is_implied: bool
    """True if it takes the tie for granted without stating it; `states` is true then as well."""
    passage: NamedThing
    statement: str
    """The account or absence."""
    manner: list[str]
    """Roles other than member, statuses other than current, standings; of a denial the standings that it denies."""
    words: list[TaggedText]


class Pair(TypedDict):
    """A pair with all claims of passages about it, in reading order.

    `verdict` is `contradict` if one denies what another states or implies (`cd:denies`), `agree` if several state it,
    else `one`; a pair that is only implied is `implied`, one that is only denied is `denied`.
    """

    first: NamedThing
    second: NamedThing
    tie: NamedThing | None
    said: list[PairClaim]
    verdict: str
    disagreements: list[DisagreementBrief]
    """Those that are about the tie or name its statements."""


class Denial(TypedDict):
    """That a city has no tie of a kind or standing with a place, with the members of a group, or at all."""

    city: NamedThing
    counterpart: NamedThing | None
    only: list[NamedThing]
    """The standings of a tie, such as official, where only such ties are denied."""
    passage: NamedThing
    words: list[TaggedText]


class TwinningGroup(TypedDict):
    """The pairs of twins of two countries; `countries` are None for the pairs of all other countries together."""

    countries: list[NamedThing] | None
    passages: list[NamedThing]
    pairs: list[Pair]


class TwinningEvidence(TypedDict):
    """The pairs of the two countries with the most pairs, then those of others, and the denials."""

    groups: list[TwinningGroup]
    denials: list[Denial]


class MembershipEvidence(TypedDict):
    """Cities and networks, by the number of their pairs, with the pairs about which a passage makes a claim."""

    cities: list[NamedThing]
    networks: list[NamedThing]
    pairs: list[Pair]
    denials: list[Denial]
    """Those of groups of networks whose members are not stated."""


@Reading
def twinning_evidence(store: Store, work: str | None = None) -> TwinningEvidence:
    """Return the claims of a work's passages, or of those of all, about each pair of twins.

    Data sets are left out of all. Raises UnknownNameError for a work.
    """
    reading = _WorkEvidence(store, work)
    pairs = []
    for tie, accounts in reading.accounts(CD.Twinning).items():
        twins = sorted(reading.values(tie, CD.twin), key=lambda twin: twin.value)
        if len(twins) == 2:
            pairs.append(reading.pair((twins[0], twins[1]), tie, accounts, reading.absences_against(tie)))
    countries = [reading.countries(pair) for pair in pairs]
    counted = Counter(key for key in countries if len(key) == 2)
    most = max(counted, key=lambda key: (counted[key], key), default=())
    involved = Counter(country for key in countries for country in key)
    first_last = [reading.wording.name_of(NamedNode(c)) for c in sorted(most, key=lambda country: involved[country])]
    in_most = [pair for pair, key in zip(pairs, countries, strict=True) if key == most]
    others = [pair for pair, key in zip(pairs, countries, strict=True) if key != most]
    groups = [
        TwinningGroup(countries=countries, passages=reading.columns(rows), pairs=reading.rows(rows, first_last[-1:]))
        for countries, rows in ((first_last, in_most), (None, others))
        if rows
    ]
    return TwinningEvidence(groups=groups, denials=reading.denials(TWINNING))


@Reading
def membership_evidence(store: Store, work: str | None = None) -> MembershipEvidence:
    """Return the claims of a work's passages, or of those of all, about cities in networks, as `twinning_evidence`."""
    reading = _WorkEvidence(store, work)
    found: dict[tuple[NamedNode, NamedNode], Pair] = {}
    for tie, accounts in reading.accounts(CD.Membership).items():
        for city in reading.values(tie, CD.member):
            for network in reading.values(tie, CD.network):
                if reading.is_a(city, CD.City) and reading.is_a(network, CD.CityNetwork):
                    found[city, network] = reading.pair((city, network), tie, accounts, reading.absences_against(tie))
    for (city, network), absences in reading.absences_by_pair(_MEMBERSHIP).items():
        if (city, network) not in found and reading.is_a(network, CD.CityNetwork):
            found[city, network] = reading.pair((city, network), None, [], absences)
    pairs = list(found.values())
    return MembershipEvidence(
        cities=_by_degree(pair["first"] for pair in pairs),
        networks=_by_degree(pair["second"] for pair in pairs),
        pairs=pairs,
        denials=[one for one in reading.denials(_MEMBERSHIP) if not reading.is_shown_by(one, pairs)],
    )


class _WorkEvidence:
    """The passages of a work, or of all but data sets, by their graphs, and the absences that they find."""

    def __init__(self, store: Store, work: str | None) -> None:
        self._store = store
        self.wording = Wording(store)
        self._reading = DisagreementReader(store, self.wording)
        read = [work_in_order(store, name) for name in (sorted(passages_by_work(store)) if work is None else [work])]
        self._passages = [one for of in read if work is not None or not of.work["is_data_set"] for one in of.passages]
        self._places = {passage.value: place for place, passage in enumerate(self._passages)}
        self._absences = self._find_absences()

    def values(self, node: NamedNode, predicate: NamedNode) -> list[NamedNode]:
        """Return the things among the values of a property, sorted, without reading other statements about the node."""
        return sorted(nodes_of(self._store, node, predicate), key=lambda value: value.value)

    def is_a(self, node: NamedNode, kind: NamedNode) -> bool:
        """Return True if a thing is of a class."""
        return Quad(node, RDF.type, kind, DefaultGraph()) in self._store

    def accounts(self, kind: NamedNode) -> dict[NamedNode, list[NamedNode]]:
        """Return the accounts in the work of the ties of a class, by tie."""
        found: dict[NamedNode, list[NamedNode]] = {}
        for passage in self._passages:
            stated = nodes_with(self._store, CD.statedIn, passage)
            for account in (node for node in stated if node.value.startswith(_ACCOUNT)):
                for tie in self.values(account, CD.accountOf):
                    if self.is_a(tie, kind):
                        found.setdefault(tie, []).append(account)
        return found

    def pair(
        self,
        ends: tuple[NamedNode, NamedNode],
        tie: NamedNode | None,
        accounts: list[NamedNode],
        denied: list[NamedNode],
    ) -> Pair:
        """Return a pair with the tie between them, the claims of its accounts, and the absences that deny it."""
        claims = [one for node in [*accounts, *denied] for one in self._claims(node, states=node in accounts)]
        claims.sort(key=lambda one: self._places[one["passage"]["iri"]])
        states = sum(one["states"] and not one["is_implied"] for one in claims)
        by_number = "agree" if states > 1 else "one" if states else "implied"
        contradict = tie is not None and accounts and self._is_denied(tie)
        verdict = "contradict" if contradict else "denied" if denied and not accounts else by_number
        first, second = (self.wording.name_of(end) for end in ends)
        return Pair(
            first=first,
            second=second,
            tie=self.wording.name_of(tie) if tie else None,
            said=claims,
            verdict=verdict,
            disagreements=self._disagreements([*([tie] if tie else []), *accounts]),
        )

    def _is_denied(self, tie: NamedNode) -> bool:
        """Return True if a passage of the work denies a tie."""
        denying = self._subjects(CD.denies, tie)
        return any(passage.value in self._places for one in denying for passage in self.values(one, CD.statedIn))

    def countries(self, pair: Pair) -> tuple[str, ...]:
        """Return the countries of a pair, sorted."""
        ends = (NamedNode(pair["first"]["iri"]), NamedNode(pair["second"]["iri"]))
        states = {place for end in ends for place in self.values(end, CD.within) if self.is_a(place, CD.State)}
        return tuple(sorted(state.value for state in states))

    def rows(self, pairs: list[Pair], last: list[NamedThing]) -> list[Pair]:
        """Return pairs sorted by name; if only the first city is in the country `last`, the two are swapped."""
        for pair in pairs:
            inside = [
                [NamedNode(c["iri"]) in self._within(end) for c in last] for end in (pair["first"], pair["second"])
            ]
            if inside[0] > inside[1]:
                pair["first"], pair["second"] = pair["second"], pair["first"]
        return sorted(pairs, key=lambda pair: (pair["first"]["text"], pair["second"]["text"]))

    def columns(self, pairs: list[Pair]) -> list[NamedThing]:
        """Return the passages with claims about some pairs in reading order, tables first."""
        named = {one["passage"]["iri"]: one["passage"] for pair in pairs for one in pair["said"]}
        passages = sorted(named.values(), key=lambda passage: self._places[passage["iri"]])
        return sorted(passages, key=lambda passage: not self._is_table(NamedNode(passage["iri"])))

    def _within(self, city: NamedThing) -> list[NamedNode]:
        return self.values(NamedNode(city["iri"]), CD.within)

    def denials(self, kind: NamedNode) -> list[Denial]:
        """Return the absences of a kind of tie."""
        found = []
        for absence in self._absences:
            for city in self.values(absence, CD.absentFor) if self._is_of(absence, kind) else []:
                counterpart = next(iter(self.values(absence, CD.counterpart)), None)
                found += [
                    Denial(
                        city=self.wording.name_of(city),
                        counterpart=self.wording.name_of(counterpart) if counterpart else None,
                        only=[self.wording.name_of(standing) for standing in self.values(absence, CD.standing)],
                        passage=one["passage"],
                        words=one["words"],
                    )
                    for one in self._claims(absence, states=False)
                ]
        return found

    def absences_against(self, tie: NamedNode) -> list[NamedNode]:
        """Return the absences of the work that rule a tie out."""
        found = self._subjects(CD.rulesOut, tie)
        return [absence for absence in self._absences if absence in found]

    def absences_by_pair(self, kind: NamedNode) -> Mapping[tuple[NamedNode, NamedNode], list[NamedNode]]:
        """Return the absences of a kind of tie between a city and a named thing, by these two."""
        found: dict[tuple[NamedNode, NamedNode], list[NamedNode]] = {}
        for absence in self._absences:
            if self._is_of(absence, kind):
                for pair in product(self.values(absence, CD.absentFor), self.values(absence, CD.counterpart)):
                    found.setdefault(pair, []).append(absence)
        return found

    @staticmethod
    def is_shown_by(denial: Denial, pairs: list[Pair]) -> bool:
        """Return True if one of some pairs shows a denial."""
        return any(
            pair["first"] == denial["city"] and not one["states"] and one["words"] == denial["words"]
            for pair in pairs
            for one in pair["said"]
        )

    def _subjects(self, predicate: NamedNode, tie: NamedNode) -> list[NamedNode]:
        return [*nodes_with(self._store, predicate, tie)]

    def _find_absences(self) -> list[NamedNode]:
        absences = nodes_with(self._store, RDF.type, CD.AbsenceFinding)
        in_work = [a for a in absences if any(p.value in self._places for p in self.values(a, CD.statedIn))]
        return sorted(in_work, key=lambda a: (self._places[self.values(a, CD.statedIn)[0].value], a.value))

    def _is_of(self, absence: NamedNode, kind: NamedNode) -> bool:
        return kind in self.values(absence, CD.tieKind)

    def _claims(self, node: NamedNode, *, states: bool) -> Iterator[PairClaim]:
        for passage in self.values(node, CD.statedIn):
            for graph in self.values(passage, CD.statementGraph)[:1]:
                facts = self.wording.facts(node, graph)
                manner = [one for tells in (CD.role, CD.status, CD.standing) for one in nodes(facts.get(tells, []))]
                yield PairClaim(
                    states=states,
                    is_implied=CD.implied in facts,
                    passage=self.wording.name_of(passage),
                    statement=node.value,
                    manner=[
                        self.wording.name_of(one)["text"] for one in manner if one.value not in (_MEMBER, _CURRENT)
                    ],
                    words=[*texts(facts, CD.says), *(texts(facts, CD.note) if states else [])],
                )

    def _is_table(self, passage: NamedNode) -> bool:
        return any(kind.value.endswith("/table") for kind in self.values(passage, CD.passageKind))

    def _disagreements(self, things: list[NamedNode]) -> list[DisagreementBrief]:
        """Return the disagreements that include a statement about some things."""
        found = {
            disagreement
            for thing in things
            for reference in nodes_with(self._store, RDF.subject, thing)
            for disagreement in disagreements_on(self._store, CD.onStatement, reference)
        }
        return sorted(map(self._reading.brief, found), key=severity_key)


def _by_degree(named: Iterable[NamedThing]) -> list[NamedThing]:
    """Return things by their frequency, the most frequent first, then by name."""
    every = list(named)
    counted = Counter(one["iri"] for one in every)
    return sorted({one["iri"]: one for one in every}.values(), key=lambda one: (-counted[one["iri"]], one["text"]))
