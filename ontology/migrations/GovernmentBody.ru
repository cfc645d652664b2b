# What was a cd:GovernmentBody is an organisation of the kind organization-kind:government-body.

PREFIX cd:                <https://w3id.org/city-diplomacy/ontology#>
PREFIX organization-kind: <https://w3id.org/city-diplomacy/vocabulary/organization-kind/>

DELETE { GRAPH ?g { ?thing a cd:GovernmentBody } }
INSERT { GRAPH ?g { ?thing a cd:Organization ; cd:organizationKind organization-kind:government-body } }
WHERE { GRAPH ?g { ?thing a cd:GovernmentBody } } ;

DELETE { GRAPH ?g { ?group cd:groupOf cd:GovernmentBody } }
INSERT { GRAPH ?g { ?group cd:groupOf organization-kind:government-body } }
WHERE { GRAPH ?g { ?group cd:groupOf cd:GovernmentBody } }
