# An actor or group that performs a function is no activity, so that all that performs one is named by cd:performedBy.

PREFIX cd: <https://w3id.org/city-diplomacy/ontology#>

DELETE { GRAPH ?g { ?assignment cd:ofActivity ?performer } }
INSERT { GRAPH ?g { ?assignment cd:performedBy ?performer } }
WHERE { GRAPH ?g { ?assignment cd:ofActivity ?performer } }
