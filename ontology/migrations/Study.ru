# A single interview is no research on a question: what the files once called a study.

PREFIX activity: <https://w3id.org/city-diplomacy/id/activity/>
PREFIX cd:       <https://w3id.org/city-diplomacy/ontology#>

DELETE { GRAPH ?g { ?thing a cd:Study } }
INSERT { GRAPH ?g { ?thing a cd:Activity } }
WHERE {
  VALUES ?thing { activity:interview-with-christine-loh }
  GRAPH ?g { ?thing a cd:Study }
}
