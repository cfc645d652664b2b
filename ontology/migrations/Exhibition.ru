# What was a cd:Exhibition is an activity of the kind activity-kind:exhibition.

PREFIX activity-kind: <https://w3id.org/city-diplomacy/vocabulary/activity-kind/>
PREFIX cd:            <https://w3id.org/city-diplomacy/ontology#>

DELETE { GRAPH ?g { ?thing a cd:Exhibition } }
INSERT { GRAPH ?g { ?thing a cd:Activity ; cd:activityKind activity-kind:exhibition } }
WHERE { GRAPH ?g { ?thing a cd:Exhibition } } ;

DELETE { GRAPH ?g { ?group cd:groupOf cd:Exhibition } }
INSERT { GRAPH ?g { ?group cd:groupOf activity-kind:exhibition } }
WHERE { GRAPH ?g { ?group cd:groupOf cd:Exhibition } }
