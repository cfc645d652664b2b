# What was a cd:IntergovernmentalOrganization is an organisation of the kind organization-kind:intergovernmental-organisation.

PREFIX cd:                <https://w3id.org/city-diplomacy/ontology#>
PREFIX organization-kind: <https://w3id.org/city-diplomacy/vocabulary/organization-kind/>

DELETE { GRAPH ?g { ?thing a cd:IntergovernmentalOrganization } }
INSERT { GRAPH ?g { ?thing a cd:Organization ; cd:organizationKind organization-kind:intergovernmental-organisation } }
WHERE { GRAPH ?g { ?thing a cd:IntergovernmentalOrganization } } ;

DELETE { GRAPH ?g { ?group cd:groupOf cd:IntergovernmentalOrganization } }
INSERT { GRAPH ?g { ?group cd:groupOf organization-kind:intergovernmental-organisation } }
WHERE { GRAPH ?g { ?group cd:groupOf cd:IntergovernmentalOrganization } }
