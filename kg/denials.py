"""Which ties fall under an absence that some source states.

The rule is that of the canned query absences-beside-ties, which people read; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pyoxigraph import Store

from kg.rdf.snapshots import of_snapshot
from kg.sparql.evaluation import select

_DENIED = """SELECT ?absence ?denying ?tie ?stating {
  {
    SELECT DISTINCT ?absence ?actor ?tie ?party ?account {
      {
        ?absence cd:tieKind tie:twinning ; cd:absentFor ?actor .
        ?tie cd:twin ?actor , ?party ; ^cd:accountOf ?account .
      }
      UNION
      {
        ?absence cd:tieKind tie:twinning ; cd:absentFor/^cd:subgroupOf*/cd:groupMember ?actor .
        ?tie cd:twin ?actor , ?party ; ^cd:accountOf ?account .
      }
      UNION
      {
        ?absence cd:tieKind tie:twinning ; cd:absentFor ?denied .
        ?denied cd:groupOf cd:City ; cd:inPlace ?country .
        ?actor cd:within ?country .
        ?tie cd:twin ?actor , ?party ; ^cd:accountOf ?account .
        MINUS { ?denied cd:subgroupOf/cd:inPlace ?country }
      }
      UNION
      {
        ?absence cd:tieKind ?kind .
        { ?absence cd:absentFor ?actor }
        UNION { ?absence cd:absentFor/^cd:subgroupOf*/cd:groupMember ?actor }
        UNION {
          ?absence cd:absentFor ?denied . ?denied cd:groupOf cd:City ; cd:inPlace ?country .
          MINUS { ?denied cd:subgroupOf/cd:inPlace ?country }
          ?actor cd:within ?country .
        }
        VALUES (?kind ?from ?to) {
          (tie:network-membership cd:member cd:network)
          (tie:office-abroad cd:operator cd:hostPlace) (tie:international-team cd:unitOf cd:unitOf)
          (tie:strategy cd:strategyOf cd:strategyOf)
        }
        ?tie ?from ?actor ; ?to ?party ; ^cd:accountOf ?account .
        BIND (true AS ?isOther)
      }
      FILTER (?party != ?actor || BOUND(?isOther))
      ?absence a cd:AbsenceFinding .
    }
  }
  ?absence cd:statedIn ?denying .
  ?account cd:statedIn ?stating .
  OPTIONAL { ?absence cd:counterpart ?counterpart }
  BIND (EXISTS { ?absence cd:exception ?actor } AS ?excepted)
  BIND (EXISTS { ?party cd:within ?counterpart } AS ?within)
  BIND (?within || EXISTS { ?counterpart ^cd:subgroupOf*/cd:groupMember ?party } AS ?inside)
  BIND (EXISTS { ?counterpart cd:groupOf ?sort } AS ?several)
  BIND (EXISTS { ?counterpart cd:inPlace|cd:subgroupOf|cd:groupMember ?some } AS ?narrower)
  BIND (!BOUND(?counterpart) || (?several && !?narrower) AS ?anywhere)
  FILTER (!?excepted && (?anywhere || ?party = ?counterpart || ?inside))
}"""


@dataclass(frozen=True)
class Denial:
    """An absence under which a tie falls, with a passage or source that states each; all by their IRIs."""

    absence: str
    denied_in: str
    tie: str
    stated_in: str


@of_snapshot
def denials_of(snapshot: Store) -> Mapping[str, tuple[Denial, ...]]:
    """Return the denials of a store that never changes, by the IRI of the tie."""
    found: dict[str, tuple[Denial, ...]] = {}
    for row in select(snapshot, _DENIED):
        denial = Denial(*(row[name].value for name in ("absence", "denying", "tie", "stating")))
        found[denial.tie] = (*found.get(denial.tie, ()), denial)
    return found
