# What was a cd:Project is an activity of the kind activity-kind:project.

PREFIX activity-kind: <https://w3id.org/city-diplomacy/vocabulary/activity-kind/>
PREFIX cd:            <https://w3id.org/city-diplomacy/ontology#>

DELETE { GRAPH ?g { ?thing a cd:Project } }
INSERT { GRAPH ?g { ?thing a cd:Activity ; cd:activityKind activity-kind:project } }
WHERE { GRAPH ?g { ?thing a cd:Project } } ;

DELETE { GRAPH ?g { ?group cd:groupOf cd:Project } }
INSERT { GRAPH ?g { ?group cd:groupOf activity-kind:project } }
WHERE { GRAPH ?g { ?group cd:groupOf cd:Project } }
