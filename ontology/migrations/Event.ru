# A war is no gathering or occasion: what the files once called an event and now call a historical one.

PREFIX activity: <https://w3id.org/city-diplomacy/id/activity/>
PREFIX cd:       <https://w3id.org/city-diplomacy/ontology#>

DELETE { GRAPH ?g { ?thing a cd:Event } }
INSERT { GRAPH ?g { ?thing a cd:HistoricalEvent } }
WHERE {
  VALUES ?thing { activity:second-world-war activity:cold-war activity:israel-palestine-conflicts }
  GRAPH ?g { ?thing a cd:Event }
}
