# What was a cd:FundApplication is an activity of the kind activity-kind:fund-application.

PREFIX activity-kind: <https://w3id.org/city-diplomacy/vocabulary/activity-kind/>
PREFIX cd:            <https://w3id.org/city-diplomacy/ontology#>

DELETE { GRAPH ?g { ?thing a cd:FundApplication } }
INSERT { GRAPH ?g { ?thing a cd:Activity ; cd:activityKind activity-kind:fund-application } }
WHERE { GRAPH ?g { ?thing a cd:FundApplication } } ;

DELETE { GRAPH ?g { ?group cd:groupOf cd:FundApplication } }
INSERT { GRAPH ?g { ?group cd:groupOf activity-kind:fund-application } }
WHERE { GRAPH ?g { ?group cd:groupOf cd:FundApplication } }
