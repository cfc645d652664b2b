# What was a cd:Figure is a passage: cd:passageKind says that it is a figure or a map.

PREFIX cd: <https://w3id.org/city-diplomacy/ontology#>

DELETE { GRAPH ?g { ?passage a cd:Figure } }
INSERT { GRAPH ?g { ?passage a cd:Passage } }
WHERE { GRAPH ?g { ?passage a cd:Figure } }
