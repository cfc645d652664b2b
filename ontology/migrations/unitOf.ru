# Whoever keeps a team is its operator, as of any other office.

PREFIX cd: <https://w3id.org/city-diplomacy/ontology#>

DELETE { GRAPH ?g { ?team cd:unitOf ?keeper } }
INSERT { GRAPH ?g { ?team cd:operator ?keeper } }
WHERE { GRAPH ?g { ?team cd:unitOf ?keeper } }
