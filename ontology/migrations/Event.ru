# A war is no gathering or occasion: what the files once called an event and now call a historical one. Any other event is an
# activity of the kind activity-kind:event.

PREFIX activity:      <https://w3id.org/city-diplomacy/id/activity/>
PREFIX activity-kind: <https://w3id.org/city-diplomacy/vocabulary/activity-kind/>
PREFIX cd:            <https://w3id.org/city-diplomacy/ontology#>

DELETE { GRAPH ?g { ?thing a cd:Event } }
INSERT { GRAPH ?g { ?thing a cd:HistoricalEvent } }
WHERE {
  VALUES ?thing { activity:second-world-war activity:cold-war activity:israel-palestine-conflicts }
  GRAPH ?g { ?thing a cd:Event }
} ;

DELETE { GRAPH ?g { ?thing a cd:Event } }
INSERT { GRAPH ?g { ?thing a cd:Activity ; cd:activityKind activity-kind:event } }
WHERE { GRAPH ?g { ?thing a cd:Event } } ;

DELETE { GRAPH ?g { ?group cd:groupOf cd:Event } }
INSERT { GRAPH ?g { ?group cd:groupOf activity-kind:event } }
WHERE { GRAPH ?g { ?group cd:groupOf cd:Event } }
