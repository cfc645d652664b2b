# A partial strategy is a key term; that somebody has one of its own, or none, becomes a note.

PREFIX cd:            <https://w3id.org/city-diplomacy/ontology#>
PREFIX strategy-kind: <https://w3id.org/city-diplomacy/vocabulary/strategy-kind/>
PREFIX term:          <https://w3id.org/city-diplomacy/vocabulary/key-term/>

DELETE { GRAPH ?g { ?account cd:strategyKind strategy-kind:partial } }
INSERT { GRAPH ?g { ?account cd:about term:partial-strategy } }
WHERE { GRAPH ?g { ?account cd:strategyKind strategy-kind:partial } } ;

DELETE { GRAPH ?g { ?account cd:strategyKind ?kind } }
INSERT { GRAPH ?g { ?account cd:note ?note } }
WHERE {
  VALUES (?kind ?text) { (strategy-kind:explicit "A strategy of its own.") (strategy-kind:none "No strategy.") }
  GRAPH ?g { ?account cd:strategyKind ?kind }
  BIND (STRLANG(?text, "en") AS ?note)
}
