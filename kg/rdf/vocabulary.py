"""The terms that code names, of our ontology and of the standards: closed, so that a misspelt one fails at once.

`CD.accountOf` is an attribute that exists or does not, for the reader of types and when the module is loaded;
`NamedNode(ns.CD + "acountOf")` would be a term that nothing is ever found by. A name that comes as data is expanded by
`kg.rdf.namespaces`.
"""

from __future__ import annotations

from pyoxigraph import NamedNode

from kg.rdf import namespaces as ns


class Vocabulary:
    """A namespace whose terms are the attributes that the class declares, typed NamedNode."""

    def __init_subclass__(cls, namespace: str) -> None:
        for name in cls.__annotations__:
            setattr(cls, name, NamedNode(namespace + name))


class CD(Vocabulary, namespace=ns.CD):
    """Our ontology."""

    AbsenceFinding: NamedNode
    Account: NamedNode
    Activity: NamedNode
    Actor: NamedNode
    Affiliation: NamedNode
    Citation: NamedNode
    City: NamedNode
    CityDistrict: NamedNode
    CityNetwork: NamedNode
    Comparison: NamedNode
    ConstituentNation: NamedNode
    Cooperation: NamedNode
    CopyGap: NamedNode
    Definition: NamedNode
    Disagreement: NamedNode
    Effect: NamedNode
    Finding: NamedNode
    Group: NamedNode
    Interpretation: NamedNode
    Membership: NamedNode
    Office: NamedNode
    Organization: NamedNode
    Passage: NamedNode
    Person: NamedNode
    Place: NamedNode
    Polity: NamedNode
    Publication: NamedNode
    QuantifiedStatement: NamedNode
    Recommendation: NamedNode
    Region: NamedNode
    Relation: NamedNode
    Source: NamedNode
    State: NamedNode
    Statement: NamedNode
    StatementReference: NamedNode
    Statistic: NamedNode
    Twinning: NamedNode
    about: NamedNode
    absenceBasis: NamedNode
    absentFor: NamedNode
    accountOf: NamedNode
    activityKind: NamedNode
    addressedTo: NamedNode
    advisesAgainst: NamedNode
    affected: NamedNode
    amount: NamedNode
    appliesTo: NamedNode
    appliesWith: NamedNode
    asOf: NamedNode
    asOfEarliest: NamedNode
    asOfLatest: NamedNode
    aspect: NamedNode
    atTime: NamedNode
    atTimeEarliest: NamedNode
    atTimeLatest: NamedNode
    attributedTo: NamedNode
    basis: NamedNode
    begin: NamedNode
    beginEarliest: NamedNode
    beginLatest: NamedNode
    betweenness: NamedNode
    body: NamedNode
    causality: NamedNode
    cause: NamedNode
    character: NamedNode
    citedFor: NamedNode
    cites: NamedNode
    closeTo: NamedNode
    commissionedBy: NamedNode
    community: NamedNode
    compared: NamedNode
    comparedBy: NamedNode
    comparedWith: NamedNode
    counted: NamedNode
    counterpart: NamedNode
    counts: NamedNode
    currentlyTwinnedWith: NamedNode
    defines: NamedNode
    degree: NamedNode
    denies: NamedNode
    disagreementKind: NamedNode
    duplicateOf: NamedNode
    earliest: NamedNode
    editor: NamedNode
    effectDirection: NamedNode
    end: NamedNode
    endEarliest: NamedNode
    endLatest: NamedNode
    entry: NamedNode
    exception: NamedNode
    explanation: NamedNode
    extent: NamedNode
    frequency: NamedNode
    function: NamedNode
    funder: NamedNode
    groupMember: NamedNode
    groupOf: NamedNode
    hedge: NamedNode
    host: NamedNode
    hostPlace: NamedNode
    identifiedAs: NamedNode
    implied: NamedNode
    inGraph: NamedNode
    inPlace: NamedNode
    inTension: NamedNode
    inferredOn: NamedNode
    isoAlpha2: NamedNode
    isoAlpha3: NamedNode
    latest: NamedNode
    leader: NamedNode
    listsAll: NamedNode
    location: NamedNode
    locator: NamedNode
    magnitude: NamedNode
    measure: NamedNode
    mediatedFor: NamedNode
    mediatedWith: NamedNode
    mediator: NamedNode
    member: NamedNode
    memberOf: NamedNode
    mentions: NamedNode
    method: NamedNode
    missing: NamedNode
    nativeName: NamedNode
    network: NamedNode
    note: NamedNode
    objectionKind: NamedNode
    ofPopulation: NamedNode
    officeKind: NamedNode
    onPassage: NamedNode
    onStatement: NamedNode
    operator: NamedNode
    order: NamedNode
    organisingStructure: NamedNode
    organization: NamedNode
    organizationKind: NamedNode
    organizer: NamedNode
    outcome: NamedNode
    parallelTo: NamedNode
    paraphrase: NamedNode
    partOf: NamedNode
    participant: NamedNode
    party: NamedNode
    passageKind: NamedNode
    payer: NamedNode
    performedBy: NamedNode
    person: NamedNode
    placeKind: NamedNode
    position: NamedNode
    printedName: NamedNode
    printedValue: NamedNode
    publicationKind: NamedNode
    purpose: NamedNode
    qualifier: NamedNode
    quantifiedBy: NamedNode
    quantifier: NamedNode
    reason: NamedNode
    recipient: NamedNode
    repeats: NamedNode
    revision: NamedNode
    role: NamedNode
    roleTitle: NamedNode
    rulesOut: NamedNode
    says: NamedNode
    scope: NamedNode
    signatory: NamedNode
    spelling: NamedNode
    standing: NamedNode
    statedIn: NamedNode
    statementGraph: NamedNode
    status: NamedNode
    strategyOf: NamedNode
    strength: NamedNode
    subgroupOf: NamedNode
    supports: NamedNode
    textAvailability: NamedNode
    theme: NamedNode
    tieKind: NamedNode
    twin: NamedNode
    twinnedWith: NamedNode
    uncheckedIdentifier: NamedNode
    underAgreement: NamedNode
    unit: NamedNode
    upperValue: NamedNode
    uses: NamedNode
    value: NamedNode
    within: NamedNode
    withoutSuccessor: NamedNode


class DCTERMS(Vocabulary, namespace=ns.PREFIXES["dcterms"]):
    """DCMI Metadata Terms."""

    bibliographicCitation: NamedNode
    created: NamedNode
    creator: NamedNode
    description: NamedNode
    hasPart: NamedNode
    identifier: NamedNode
    isPartOf: NamedNode
    isReplacedBy: NamedNode
    issued: NamedNode
    language: NamedNode
    license: NamedNode
    modified: NamedNode
    publisher: NamedNode
    replaces: NamedNode
    rights: NamedNode
    source: NamedNode
    title: NamedNode


class FOAF(Vocabulary, namespace=ns.PREFIXES["foaf"]):
    """Friend of a Friend."""

    homepage: NamedNode


class GEO(Vocabulary, namespace=ns.PREFIXES["geo"]):
    """GeoSPARQL."""

    Geometry: NamedNode
    asWKT: NamedNode
    hasGeometry: NamedNode
    wktLiteral: NamedNode


class OWL(Vocabulary, namespace=ns.PREFIXES["owl"]):
    """OWL 2."""

    AllDisjointClasses: NamedNode
    AnnotationProperty: NamedNode
    Class: NamedNode
    DatatypeProperty: NamedNode
    IrreflexiveProperty: NamedNode
    ObjectProperty: NamedNode
    Ontology: NamedNode
    SymmetricProperty: NamedNode
    TransitiveProperty: NamedNode
    deprecated: NamedNode
    disjointWith: NamedNode
    equivalentClass: NamedNode
    hasValue: NamedNode
    imports: NamedNode
    intersectionOf: NamedNode
    inverseOf: NamedNode
    members: NamedNode
    onClass: NamedNode
    onProperty: NamedNode
    priorVersion: NamedNode
    qualifiedCardinality: NamedNode
    sameAs: NamedNode
    unionOf: NamedNode
    versionIRI: NamedNode
    versionInfo: NamedNode


class PROV(Vocabulary, namespace=ns.PREFIXES["prov"]):
    """PROV-O."""

    Activity: NamedNode
    Agent: NamedNode
    endedAtTime: NamedNode
    generated: NamedNode
    invalidated: NamedNode
    used: NamedNode
    wasAssociatedWith: NamedNode
    wasInfluencedBy: NamedNode
    wasInformedBy: NamedNode


class RDF(Vocabulary, namespace=ns.PREFIXES["rdf"]):
    """RDF 1.1, and rdf:reifies of 1.2."""

    Property: NamedNode
    first: NamedNode
    langString: NamedNode
    nil: NamedNode
    object: NamedNode
    predicate: NamedNode
    reifies: NamedNode
    rest: NamedNode
    subject: NamedNode
    type: NamedNode


class RDFS(Vocabulary, namespace=ns.PREFIXES["rdfs"]):
    """RDF Schema."""

    comment: NamedNode
    domain: NamedNode
    isDefinedBy: NamedNode
    label: NamedNode
    range: NamedNode
    subClassOf: NamedNode
    subPropertyOf: NamedNode


class SCHEMA(Vocabulary, namespace=ns.PREFIXES["schema"]):
    """Schema.org."""

    sameAs: NamedNode


class SH(Vocabulary, namespace=ns.PREFIXES["sh"]):
    """SHACL."""

    IRI: NamedNode
    NodeShape: NamedNode
    PrefixDeclaration: NamedNode
    PropertyGroup: NamedNode
    PropertyShape: NamedNode
    SPARQLConstraint: NamedNode
    ValidationReport: NamedNode
    ValidationResult: NamedNode
    conforms: NamedNode
    datatype: NamedNode
    description: NamedNode
    focusNode: NamedNode
    group: NamedNode
    hasValue: NamedNode
    inversePath: NamedNode
    maxCount: NamedNode
    message: NamedNode
    minCount: NamedNode
    name: NamedNode
    node: NamedNode
    nodeKind: NamedNode
    order: NamedNode
    path: NamedNode
    pattern: NamedNode
    property: NamedNode
    result: NamedNode
    resultMessage: NamedNode
    resultPath: NamedNode
    resultSeverity: NamedNode
    severity: NamedNode
    sourceConstraint: NamedNode
    sourceConstraintComponent: NamedNode
    sourceShape: NamedNode
    targetClass: NamedNode
    targetSubjectsOf: NamedNode
    value: NamedNode


class SKOS(Vocabulary, namespace=ns.PREFIXES["skos"]):
    """SKOS."""

    Concept: NamedNode
    ConceptScheme: NamedNode
    altLabel: NamedNode
    broader: NamedNode
    broaderTransitive: NamedNode
    changeNote: NamedNode
    closeMatch: NamedNode
    definition: NamedNode
    editorialNote: NamedNode
    exactMatch: NamedNode
    example: NamedNode
    hasTopConcept: NamedNode
    inScheme: NamedNode
    member: NamedNode
    narrower: NamedNode
    narrowerTransitive: NamedNode
    prefLabel: NamedNode
    scopeNote: NamedNode
    topConceptOf: NamedNode


class VANN(Vocabulary, namespace="http://purl.org/vocab/vann/"):
    """Annotations of vocabularies."""

    preferredNamespacePrefix: NamedNode
    preferredNamespaceUri: NamedNode


class WGS84(Vocabulary, namespace=ns.PREFIXES["wgs84"]):
    """W3C Basic Geo."""

    lat: NamedNode
    long: NamedNode


class XSD(Vocabulary, namespace=ns.PREFIXES["xsd"]):
    """XML Schema datatypes."""

    boolean: NamedNode
    byte: NamedNode
    date: NamedNode
    dateTime: NamedNode
    decimal: NamedNode
    double: NamedNode
    float: NamedNode
    gYear: NamedNode
    gYearMonth: NamedNode
    int: NamedNode
    integer: NamedNode
    long: NamedNode
    negativeInteger: NamedNode
    nonNegativeInteger: NamedNode
    nonPositiveInteger: NamedNode
    positiveInteger: NamedNode
    short: NamedNode
    string: NamedNode
    unsignedByte: NamedNode
    unsignedInt: NamedNode
    unsignedLong: NamedNode
    unsignedShort: NamedNode
