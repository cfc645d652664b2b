# Who takes part directly has a role that says so. By whom a participation is coordinated or controlled is not said on the account,
# so that it becomes a note; of an intermediary through.ru makes a mediation. A finding is about the role.

PREFIX cd:             <https://w3id.org/city-diplomacy/ontology#>
PREFIX mediation-role: <https://w3id.org/city-diplomacy/vocabulary/mediation-role/>
PREFIX participation:  <https://w3id.org/city-diplomacy/vocabulary/participation/>
PREFIX role:           <https://w3id.org/city-diplomacy/vocabulary/membership-role/>

DELETE { GRAPH ?g { ?account cd:participation participation:direct ; cd:role ?plain } }
INSERT { GRAPH ?g { ?account cd:role ?direct } }
WHERE {
  GRAPH ?g { ?account cd:participation participation:direct ; cd:accountOf ?membership }
  OPTIONAL {
    GRAPH ?g { ?account cd:role ?of_member }
    VALUES ?of_member {
      role:member role:co-president role:steering-committee-member role:regional-office-host role:ex-officio-member role:leading-role
    }
  }
  BIND (IF(BOUND(?of_member), role:direct-member, role:direct-participant) AS ?direct)
  BIND (IF(BOUND(?of_member), role:member, role:participant) AS ?plain)
} ;

DELETE { GRAPH ?g { ?account cd:participation ?way } }
INSERT { GRAPH ?g { ?account cd:note ?note } }
WHERE {
  VALUES (?way ?text) {
    (participation:coordinated "Others coordinate this participation.")
    (participation:controlled "Others control this participation.")
    (participation:through-intermediary "Takes part through an intermediary.")
  }
  GRAPH ?g { ?account cd:participation ?way ; cd:accountOf ?membership }
  BIND (STRLANG(?text, "en") AS ?note)
} ;

DELETE { GRAPH ?g { ?finding cd:participation ?way } }
INSERT { GRAPH ?g { ?finding cd:about ?role } }
WHERE {
  VALUES (?way ?role) {
    (participation:direct role:direct-participant)
    (participation:coordinated mediation-role:coordinator)
    (participation:controlled mediation-role:controller)
    (participation:through-intermediary mediation-role:intermediary)
  }
  GRAPH ?g { ?finding cd:participation ?way }
}
