# What was a cd:LocalGovernment is an organisation of the kind organization-kind:local-government.

PREFIX cd:                <https://w3id.org/city-diplomacy/ontology#>
PREFIX organization-kind: <https://w3id.org/city-diplomacy/vocabulary/organization-kind/>

DELETE { GRAPH ?g { ?thing a cd:LocalGovernment } }
INSERT { GRAPH ?g { ?thing a cd:Organization ; cd:organizationKind organization-kind:local-government } }
WHERE { GRAPH ?g { ?thing a cd:LocalGovernment } } ;

DELETE { GRAPH ?g { ?group cd:groupOf cd:LocalGovernment } }
INSERT { GRAPH ?g { ?group cd:groupOf organization-kind:local-government } }
WHERE { GRAPH ?g { ?group cd:groupOf cd:LocalGovernment } }
