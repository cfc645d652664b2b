# Who stands between a member and its network is the mediator of a mediation, which is about the membership: more than that is
# not said on the account.

PREFIX account:        <https://w3id.org/city-diplomacy/id/account/>
PREFIX cd:             <https://w3id.org/city-diplomacy/ontology#>
PREFIX mediation:      <https://w3id.org/city-diplomacy/id/mediation/>
PREFIX mediation-role: <https://w3id.org/city-diplomacy/vocabulary/mediation-role/>
PREFIX skos:           <http://www.w3.org/2004/02/skos/core#>

DELETE { GRAPH ?g { ?account cd:through ?mediator } }
INSERT { GRAPH ?g {
  ?mediation a cd:Mediation ; skos:prefLabel ?label ; cd:mediator ?mediator .
  ?between a cd:Account ; cd:accountOf ?mediation ; cd:statedIn ?source ; cd:role mediation-role:intermediary ;
    cd:about ?membership .
} }
WHERE {
  GRAPH ?g { ?account cd:through ?mediator ; cd:accountOf ?membership ; cd:statedIn ?source }
  BIND (REPLACE(STR(?mediator), "^.*/", "") AS ?of)
  BIND (REPLACE(STR(?membership), "^.*/", "") AS ?tie)
  BIND (CONCAT(?of, "-", ?tie) AS ?name)
  BIND (CONCAT(REPLACE(STR(?source), "^.*/", ""), "--mediation-", ?name) AS ?account_name)
  # A name that is too long ends in a digest.
  BIND (IF(STRLEN(?name) > 200, CONCAT(SUBSTR(?name, 1, 187), "-", SUBSTR(SHA256(?name), 1, 12)), ?name) AS ?slug)
  BIND (
    IF(STRLEN(?account_name) > 200, CONCAT(SUBSTR(?account_name, 1, 187), "-", SUBSTR(SHA256(?account_name), 1, 12)), ?account_name)
    AS ?account_slug
  )
  BIND (IRI(CONCAT(STR(mediation:), ?slug)) AS ?mediation)
  BIND (IRI(CONCAT(STR(account:), ?account_slug)) AS ?between)
  BIND (STRLANG(CONCAT("Intermediary (", ?of, ", for ", ?tie, ")"), "en") AS ?label)
}
