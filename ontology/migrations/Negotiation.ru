# What was a cd:Negotiation is an activity of the kind activity-kind:negotiation.

PREFIX activity-kind: <https://w3id.org/city-diplomacy/vocabulary/activity-kind/>
PREFIX cd:            <https://w3id.org/city-diplomacy/ontology#>

DELETE { GRAPH ?g { ?thing a cd:Negotiation } }
INSERT { GRAPH ?g { ?thing a cd:Activity ; cd:activityKind activity-kind:negotiation } }
WHERE { GRAPH ?g { ?thing a cd:Negotiation } } ;

DELETE { GRAPH ?g { ?group cd:groupOf cd:Negotiation } }
INSERT { GRAPH ?g { ?group cd:groupOf activity-kind:negotiation } }
WHERE { GRAPH ?g { ?group cd:groupOf cd:Negotiation } }
