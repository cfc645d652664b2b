# What was a cd:SupranationalBody is an organisation of the kind organization-kind:supranational-body, and a polity.

PREFIX cd:                <https://w3id.org/city-diplomacy/ontology#>
PREFIX organization-kind: <https://w3id.org/city-diplomacy/vocabulary/organization-kind/>

DELETE { GRAPH ?g { ?thing a cd:SupranationalBody } }
INSERT { GRAPH ?g { ?thing a cd:Polity , cd:Organization ; cd:organizationKind organization-kind:supranational-body } }
WHERE { GRAPH ?g { ?thing a cd:SupranationalBody } } ;

DELETE { GRAPH ?g { ?group cd:groupOf cd:SupranationalBody } }
INSERT { GRAPH ?g { ?group cd:groupOf organization-kind:supranational-body } }
WHERE { GRAPH ?g { ?group cd:groupOf cd:SupranationalBody } }
