# Which passages print a name so.

PREFIX cd: <https://w3id.org/city-diplomacy/ontology#>

DELETE { GRAPH ?g { ?thing cd:inPassage ?value } }
INSERT { GRAPH ?g { ?thing cd:onPassage ?value } }
WHERE { GRAPH ?g { ?thing cd:inPassage ?value } }
