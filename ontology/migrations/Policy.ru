# What was a cd:Policy is an activity of the kind activity-kind:policy.

PREFIX activity-kind: <https://w3id.org/city-diplomacy/vocabulary/activity-kind/>
PREFIX cd:            <https://w3id.org/city-diplomacy/ontology#>

DELETE { GRAPH ?g { ?thing a cd:Policy } }
INSERT { GRAPH ?g { ?thing a cd:Activity ; cd:activityKind activity-kind:policy } }
WHERE { GRAPH ?g { ?thing a cd:Policy } } ;

DELETE { GRAPH ?g { ?group cd:groupOf cd:Policy } }
INSERT { GRAPH ?g { ?group cd:groupOf activity-kind:policy } }
WHERE { GRAPH ?g { ?group cd:groupOf cd:Policy } }
