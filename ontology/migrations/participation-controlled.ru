# A finding on a way of taking part is on the role that says it.

PREFIX cd:             <https://w3id.org/city-diplomacy/ontology#>
PREFIX mediation-role: <https://w3id.org/city-diplomacy/vocabulary/mediation-role/>
PREFIX participation:  <https://w3id.org/city-diplomacy/vocabulary/participation/>

DELETE { GRAPH ?g { ?finding cd:about participation:controlled } }
INSERT { GRAPH ?g { ?finding cd:about mediation-role:controller } }
WHERE { GRAPH ?g { ?finding cd:about participation:controlled } }
