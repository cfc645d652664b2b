# What was a cd:NonGovernmentalOrganization is an organisation of the kind organization-kind:non-governmental-organisation.

PREFIX cd:                <https://w3id.org/city-diplomacy/ontology#>
PREFIX organization-kind: <https://w3id.org/city-diplomacy/vocabulary/organization-kind/>

DELETE { GRAPH ?g { ?thing a cd:NonGovernmentalOrganization } }
INSERT { GRAPH ?g { ?thing a cd:Organization ; cd:organizationKind organization-kind:non-governmental-organisation } }
WHERE { GRAPH ?g { ?thing a cd:NonGovernmentalOrganization } } ;

DELETE { GRAPH ?g { ?group cd:groupOf cd:NonGovernmentalOrganization } }
INSERT { GRAPH ?g { ?group cd:groupOf organization-kind:non-governmental-organisation } }
WHERE { GRAPH ?g { ?group cd:groupOf cd:NonGovernmentalOrganization } }
