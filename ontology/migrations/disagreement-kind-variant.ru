# Another name or spelling; where one says the same with more precision, people put more-exact instead.

PREFIX cd:                <https://w3id.org/city-diplomacy/ontology#>
PREFIX disagreement-kind: <https://w3id.org/city-diplomacy/vocabulary/disagreement-kind/>

DELETE { GRAPH ?g { ?thing cd:disagreementKind disagreement-kind:variant } }
INSERT { GRAPH ?g { ?thing cd:disagreementKind disagreement-kind:spelt-otherwise } }
WHERE { GRAPH ?g { ?thing cd:disagreementKind disagreement-kind:variant } }
