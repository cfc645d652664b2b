# What a citation adds to the name of the work.

PREFIX cd: <https://w3id.org/city-diplomacy/ontology#>

DELETE { GRAPH ?g { ?thing cd:citationNote ?value } }
INSERT { GRAPH ?g { ?thing cd:note ?value } }
WHERE { GRAPH ?g { ?thing cd:citationNote ?value } }
