# The sides of a disagreement.

PREFIX cd: <https://w3id.org/city-diplomacy/ontology#>

DELETE { GRAPH ?g { ?thing cd:between ?value } }
INSERT { GRAPH ?g { ?thing cd:onStatement ?value } }
WHERE { GRAPH ?g { ?thing cd:between ?value } }
