# What performs a function is named by cd:performedBy; cd:ofActivity is answered by rule and stated no more.
PREFIX cd: <https://w3id.org/city-diplomacy/ontology#>

DELETE { GRAPH ?graph { ?assignment cd:ofActivity ?performer } }
INSERT { GRAPH ?graph { ?assignment cd:performedBy ?performer } }
WHERE { GRAPH ?graph { ?assignment cd:ofActivity ?performer } }
