# Which passages carry evidence.

PREFIX cd: <https://w3id.org/city-diplomacy/ontology#>

DELETE { GRAPH ?g { ?thing cd:supportedByPassage ?value } }
INSERT { GRAPH ?g { ?thing cd:onPassage ?value } }
WHERE { GRAPH ?g { ?thing cd:supportedByPassage ?value } }
