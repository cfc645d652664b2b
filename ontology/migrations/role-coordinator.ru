# Roles between others are a scheme of their own. On the account of a membership it stays, for people to say what is meant.

PREFIX cd:             <https://w3id.org/city-diplomacy/ontology#>
PREFIX mediation-role: <https://w3id.org/city-diplomacy/vocabulary/mediation-role/>
PREFIX role:           <https://w3id.org/city-diplomacy/vocabulary/membership-role/>

DELETE { GRAPH ?g { ?thing ?property role:coordinator } }
INSERT { GRAPH ?g { ?thing ?property mediation-role:coordinator } }
WHERE {
  VALUES ?property { cd:role cd:about }
  GRAPH ?g { ?thing ?property role:coordinator }
  OPTIONAL { GRAPH ?g { ?thing cd:accountOf ?tie } }
  FILTER (?property = cd:about || !CONTAINS(COALESCE(STR(?tie), ""), "/id/membership/"))
}
