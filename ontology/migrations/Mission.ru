# What was a cd:Mission is an activity of the kind activity-kind:mission.

PREFIX activity-kind: <https://w3id.org/city-diplomacy/vocabulary/activity-kind/>
PREFIX cd:            <https://w3id.org/city-diplomacy/ontology#>

DELETE { GRAPH ?g { ?thing a cd:Mission } }
INSERT { GRAPH ?g { ?thing a cd:Activity ; cd:activityKind activity-kind:mission } }
WHERE { GRAPH ?g { ?thing a cd:Mission } } ;

DELETE { GRAPH ?g { ?group cd:groupOf cd:Mission } }
INSERT { GRAPH ?g { ?group cd:groupOf activity-kind:mission } }
WHERE { GRAPH ?g { ?group cd:groupOf cd:Mission } }
