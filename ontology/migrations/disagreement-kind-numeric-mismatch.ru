# Another number for what is counted; where two different things are counted, people put in-tension instead.

PREFIX cd:                <https://w3id.org/city-diplomacy/ontology#>
PREFIX disagreement-kind: <https://w3id.org/city-diplomacy/vocabulary/disagreement-kind/>

DELETE { GRAPH ?g { ?thing cd:disagreementKind disagreement-kind:numeric-mismatch } }
INSERT { GRAPH ?g { ?thing cd:disagreementKind disagreement-kind:counts-otherwise } }
WHERE { GRAPH ?g { ?thing cd:disagreementKind disagreement-kind:numeric-mismatch } }
