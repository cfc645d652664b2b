# What was a cd:Government is an organisation of the kind organization-kind:government.

PREFIX cd:                <https://w3id.org/city-diplomacy/ontology#>
PREFIX organization-kind: <https://w3id.org/city-diplomacy/vocabulary/organization-kind/>

DELETE { GRAPH ?g { ?thing a cd:Government } }
INSERT { GRAPH ?g { ?thing a cd:Organization ; cd:organizationKind organization-kind:government } }
WHERE { GRAPH ?g { ?thing a cd:Government } } ;

DELETE { GRAPH ?g { ?group cd:groupOf cd:Government } }
INSERT { GRAPH ?g { ?group cd:groupOf organization-kind:government } }
WHERE { GRAPH ?g { ?group cd:groupOf cd:Government } }
