# What was a cd:Company is an organisation of the kind organization-kind:company.

PREFIX cd:                <https://w3id.org/city-diplomacy/ontology#>
PREFIX organization-kind: <https://w3id.org/city-diplomacy/vocabulary/organization-kind/>

DELETE { GRAPH ?g { ?thing a cd:Company } }
INSERT { GRAPH ?g { ?thing a cd:Organization ; cd:organizationKind organization-kind:company } }
WHERE { GRAPH ?g { ?thing a cd:Company } } ;

DELETE { GRAPH ?g { ?group cd:groupOf cd:Company } }
INSERT { GRAPH ?g { ?group cd:groupOf organization-kind:company } }
WHERE { GRAPH ?g { ?group cd:groupOf cd:Company } }
