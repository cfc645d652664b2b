# What was a cd:NationalGovernment is an organisation of the kind organization-kind:national-government.

PREFIX cd:                <https://w3id.org/city-diplomacy/ontology#>
PREFIX organization-kind: <https://w3id.org/city-diplomacy/vocabulary/organization-kind/>

DELETE { GRAPH ?g { ?thing a cd:NationalGovernment } }
INSERT { GRAPH ?g { ?thing a cd:Organization ; cd:organizationKind organization-kind:national-government } }
WHERE { GRAPH ?g { ?thing a cd:NationalGovernment } } ;

DELETE { GRAPH ?g { ?group cd:groupOf cd:NationalGovernment } }
INSERT { GRAPH ?g { ?group cd:groupOf organization-kind:national-government } }
WHERE { GRAPH ?g { ?group cd:groupOf cd:NationalGovernment } }
