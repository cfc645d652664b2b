# What was a cd:Programme is an activity of the kind activity-kind:programme.

PREFIX activity-kind: <https://w3id.org/city-diplomacy/vocabulary/activity-kind/>
PREFIX cd:            <https://w3id.org/city-diplomacy/ontology#>

DELETE { GRAPH ?g { ?thing a cd:Programme } }
INSERT { GRAPH ?g { ?thing a cd:Activity ; cd:activityKind activity-kind:programme } }
WHERE { GRAPH ?g { ?thing a cd:Programme } } ;

DELETE { GRAPH ?g { ?group cd:groupOf cd:Programme } }
INSERT { GRAPH ?g { ?group cd:groupOf activity-kind:programme } }
WHERE { GRAPH ?g { ?group cd:groupOf cd:Programme } }
