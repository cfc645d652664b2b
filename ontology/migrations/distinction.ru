# What sets a tie apart from others is a note of its account.

PREFIX cd: <https://w3id.org/city-diplomacy/ontology#>

DELETE { GRAPH ?g { ?account cd:distinction ?words } }
INSERT { GRAPH ?g { ?account cd:note ?words } }
WHERE { GRAPH ?g { ?account cd:distinction ?words } }
