# A team is the arrangement by which somebody keeps a unit, and no actor: where one was named as somebody who acts, its
# body is, with the IRI that the files give it, or else one made from that of the team. What is in id/team/ is a team. The
# team itself is an office of a kind.

PREFIX cd:           <https://w3id.org/city-diplomacy/ontology#>
PREFIX dcterms:      <http://purl.org/dc/terms/>
PREFIX organisation: <https://w3id.org/city-diplomacy/id/organisation/>
PREFIX organization-kind: <https://w3id.org/city-diplomacy/vocabulary/organization-kind/>
PREFIX group:        <https://w3id.org/city-diplomacy/id/group/>
PREFIX office-kind:  <https://w3id.org/city-diplomacy/vocabulary/office-kind/>
PREFIX skos:         <http://www.w3.org/2004/02/skos/core#>
PREFIX team:         <https://w3id.org/city-diplomacy/id/team/>

DELETE { GRAPH ?g { ?thing ?property ?team } }
INSERT { GRAPH ?g {
  ?thing ?property ?body .
  ?team cd:body ?body .
  ?body a ?class ; cd:organizationKind ?kind ; skos:prefLabel ?label .
} }
WHERE {
  VALUES ?property {
    cd:participant cd:attributedTo cd:member cd:operator cd:through cd:organization cd:addressedTo cd:absentFor dcterms:creator
  }
  GRAPH ?g { ?thing ?property ?team }
  FILTER (ISIRI(?team) && STRSTARTS(STR(?team), STR(team:)))
  OPTIONAL {
    VALUES (?team ?known) {
      (team:beijing organisation:beijing-foreign-affairs-office)
      (team:birmingham organisation:birmingham-eu-funds-team)
      (team:brighton-and-hove organisation:brighton-and-hove-international-team)
      (team:chinese-cities group:foreign-affairs-offices-of-chinese-cities)
      (team:glasgow organisation:glasgow-eu-funds-team)
      (team:leeds organisation:leeds-eu-funds-team)
    }
  }
  BIND (STRAFTER(STR(?team), STR(team:)) AS ?slug)
  BIND (COALESCE(?known, IRI(CONCAT(STR(organisation:), ?slug, "-team"))) AS ?body)
  # Of what the files name, they have class and label.
  BIND (IF(BOUND(?known), ?none, cd:Organization) AS ?class)
  BIND (IF(BOUND(?known), ?none, organization-kind:government-body) AS ?kind)
  BIND (IF(BOUND(?known), ?none, STRLANG(CONCAT("Team (", ?slug, ")"), "en")) AS ?label)
} ;

DELETE { GRAPH ?g { ?team a ?class ; cd:organizationKind ?kind } }
WHERE {
  VALUES ?class { cd:GovernmentBody cd:Organization }
  GRAPH ?g { ?team a ?class }
  OPTIONAL { GRAPH ?g { ?team cd:organizationKind ?kind } }
  FILTER (STRSTARTS(STR(?team), STR(team:)))
} ;

DELETE { GRAPH ?g { ?team a cd:InternationalTeam } }
INSERT { GRAPH ?g { ?team a cd:Office ; cd:officeKind office-kind:international-team } }
WHERE { GRAPH ?g { ?team a cd:InternationalTeam } } ;

DELETE { GRAPH ?g { ?group cd:groupOf cd:InternationalTeam } }
INSERT { GRAPH ?g { ?group cd:groupOf office-kind:international-team } }
WHERE { GRAPH ?g { ?group cd:groupOf cd:InternationalTeam } }
