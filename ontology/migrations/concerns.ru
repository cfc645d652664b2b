# Which passages take part in a disagreement.

PREFIX cd: <https://w3id.org/city-diplomacy/ontology#>

DELETE { GRAPH ?g { ?thing cd:concerns ?value } }
INSERT { GRAPH ?g { ?thing cd:onPassage ?value } }
WHERE { GRAPH ?g { ?thing cd:concerns ?value } }
