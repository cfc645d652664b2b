# Both may be true, and point different ways.

PREFIX cd:                <https://w3id.org/city-diplomacy/ontology#>
PREFIX disagreement-kind: <https://w3id.org/city-diplomacy/vocabulary/disagreement-kind/>

DELETE { GRAPH ?g { ?thing cd:disagreementKind disagreement-kind:tension } }
INSERT { GRAPH ?g { ?thing cd:disagreementKind disagreement-kind:in-tension } }
WHERE { GRAPH ?g { ?thing cd:disagreementKind disagreement-kind:tension } }
