# A finding on a way of taking part is on the role that says it.

PREFIX cd:            <https://w3id.org/city-diplomacy/ontology#>
PREFIX participation: <https://w3id.org/city-diplomacy/vocabulary/participation/>
PREFIX role:          <https://w3id.org/city-diplomacy/vocabulary/membership-role/>

DELETE { GRAPH ?g { ?finding cd:about participation:direct } }
INSERT { GRAPH ?g { ?finding cd:about role:direct-participant } }
WHERE { GRAPH ?g { ?finding cd:about participation:direct } }
