# What was a cd:ResearchBody is an organisation of the kind organization-kind:research-body.

PREFIX cd:                <https://w3id.org/city-diplomacy/ontology#>
PREFIX organization-kind: <https://w3id.org/city-diplomacy/vocabulary/organization-kind/>

DELETE { GRAPH ?g { ?thing a cd:ResearchBody } }
INSERT { GRAPH ?g { ?thing a cd:Organization ; cd:organizationKind organization-kind:research-body } }
WHERE { GRAPH ?g { ?thing a cd:ResearchBody } } ;

DELETE { GRAPH ?g { ?group cd:groupOf cd:ResearchBody } }
INSERT { GRAPH ?g { ?group cd:groupOf organization-kind:research-body } }
WHERE { GRAPH ?g { ?group cd:groupOf cd:ResearchBody } }
