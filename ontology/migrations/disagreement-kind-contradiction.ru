# Two statements that cannot both be true: the one denies the other.

PREFIX cd:                <https://w3id.org/city-diplomacy/ontology#>
PREFIX disagreement-kind: <https://w3id.org/city-diplomacy/vocabulary/disagreement-kind/>

DELETE { GRAPH ?g { ?thing cd:disagreementKind disagreement-kind:contradiction } }
INSERT { GRAPH ?g { ?thing cd:disagreementKind disagreement-kind:denies } }
WHERE { GRAPH ?g { ?thing cd:disagreementKind disagreement-kind:contradiction } }
