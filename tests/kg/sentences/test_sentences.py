"""Each template by two examples from the reports; and that sentences say what accounts say, all of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.rdf import namespaces as ns
from kg.rdf.labels import NAMES
from kg.rdf.lookup import Term
from kg.rdf.vocabulary import CD, DCTERMS
from kg.sentences import account_sentences, chinese_sentence, in_print, sentences
from kg.sentences.ties import TIES
from kg.store import DataFolder
from kg.wording import ACCOUNT_PREDICATES, Facts, IriText, Wording, thing_of_account
from tests.support.turtle import node

EXAMPLES = {
    "account:table-2--twinning-birmingham-guangzhou": "Guangzhou is a major twin of Birmingham.",
    "account:section-3.2-p9--twinning-beijing-moscow": (
        "The passage implies that Beijing and Moscow are twinned. It gives a cooperation with Moscow as one of those "
        "with Beijing's sister cities."
    ),
    "account:footnote-18--membership-hong-kong-c40": "Hong Kong is a member of C40 and sits on its steering committee.",
    "account:box-3--membership-chinese-cities-cdia": (
        "The participation of Chinese cities in general in the Cities Development Initiative for Asia (CDIA) has been "
        "declining in recent years."
    ),
    "account:box-3--mediation-cpaffc-chinese-cities": (
        "The Chinese People's Association for Friendship with Foreign Countries (CPAFFC) is an instrumental broker "
        "of twinnings for Chinese cities."
    ),
    "account:rusi-2025-section-5-p5--mediation-core-cities-uk-cities-and-councils": (
        "Core Cities can help in dealings with cities and local authorities of the UK."
    ),
    "account:section-3.1-p5--office-bristol-brussels": (
        "Bristol has a real, physical office in Brussels, making sure that it has a voice in the regional plan for "
        "urbanism."
    ),
    "account:section-3.2-p10--office-chongqing-dusseldorf": (
        "As of 2015, Chongqing seeks to set up an office abroad for trade in Düsseldorf."
    ),
    "account:section-3.1-p5--team-brighton-and-hove": (
        "Brighton and Hove has created an International Team, in large part for looking after funding and "
        "communicating with initiatives of the EU."
    ),
    "account:section-3.2-p9--team-beijing": "Beijing has a foreign affairs office.",
    "account:section-3.2-p9--strategy-beijing": (
        "Beijing has, in addition to its cooperations, a strategy towards its sister cities, to learn from them how "
        "to meet urban challenges."
    ),
    "account:section-3.2-p10--strategy-chongqing": (
        "Chongqing has official strategies towards its sister cities, one for each, an example of the bridging that "
        "twinning seems to offer."
    ),
    "account:rusi-2025-section-3.3-p3--agreement-edinburgh-kaohsiung": (
        "A declaration of friendship between Edinburgh and Kaohsiung was planned in 2024."
    ),
    "account:section-4.2-p2--agreement-beijing-copenhagen": (
        "Beijing and Copenhagen have a specific agreement, in the fields of sustainability and water management. "
        "It consists of mutual agreements, on which the relationship of 2012 largely rests."
    ),
    "account:section-2.2-p4--funding-c40-cities": (
        "Climate actions of C40 cities have funding, amounting to over $2.8 billion. The passage does not say from "
        "whom the money came; it was leveraged through the climate actions of the cities."
    ),
    "account:section-3.2-p6--funding-shanghai-cdia": (
        "Shanghai was a funder of the Cities Development Initiative for Asia (CDIA) until March 2015, when it "
        "stopped its contributions."
    ),
    "account:box-3--affiliation-jiang-weixin--china-association-of-mayors": (
        "Jiang Weixin is head of the China Association of Mayors."
    ),
    "account:rusi-2025-author-note--affiliation-andrew-cainey--fung-global-institute": (
        "Andrew Cainey was formerly Senior Fellow at the Fung Global Institute, in Hong Kong."
    ),
    "account:box-2--network-key-cities": (
        "Key Cities is of national scope and began in 2013. The purpose is representing 26 mid-sized cities and "
        "their interests."
    ),
    "account:box-2--network-core-cities": "Core Cities is an advocacy group, is of national scope and began in 1995.",
    "account:section-4.1-p3--city-seoul": (
        "In Seoul, several teams share the work on international relations, which is thus split between teams."
    ),
    "account:section-4.1-p4--city-copenhagen": (
        "In Copenhagen, international affairs lie mainly, though not wholly, within the department that is in "
        "charge of business and economic affairs."
    ),
    "account:rusi-2025-section-3.4-p2--group-civic-and-cultural-engagement-with-china": (
        "Civic and cultural dealings of UK local authorities with China are declining."
    ),
    "account:section-3.2-p11--zone-dongjiang-port-area": (
        "Dongjiang Port Area is in China, in the fields of ports and trade."
    ),
    "account:footnote-4--publication-lecours-2008": (
        "Lecours (2008) is a discussion paper entitled “Political Issues of Paradiplomacy: Lessons from the "
        "Developed World” by Andre Lecours, published by Netherlands Institute of International Relations "
        "‘Clingendael’, in Discussion Papers in Diplomacy Series."
    ),
    "account:footnote-4--publication-dittmer-mcgonnel": (
        "Dittmer and McGonnel (eds) is a book entitled “Diplomatic Cultures and International Politics”, edited by "
        "Fiona McGonnel and Jason Dittmer (London and New York: Routledge)."
    ),
    "account:section-3.2-p10--activity-chongqing-exhibition-antwerp": (
        "Chongqing seeks to hold a trade exhibition in Antwerp, in Belgium."
    ),
    "account:rusi-2025-section-3.5-p4--activity-week-for-a-chinese-delegation": (
        "A city council of the UK arranged a whole week of activities for its guests, a Chinese delegation, "
        "according to an interviewee of the council."
    ),
    "statistic:abstract--cities-studied": (
        "There are 42 cities across the world that were studied for the report in independent research."
    ),
    "statistic:section-1-p1--healthy-cities-experience": (
        "The time, in years, over which the WHO Healthy Cities network has gained experience of city networking, is 25."
    ),
    "statistic:box-1--association-size": (
        "There are three or more cities in each association of cities that counts as a city network."
    ),
    "assignment:debates-on-devolution--facilitating-communication": (
        "Debates on Devolution perform the function of facilitating communication (arguable). Box 2 says that Core "
        "Cities represents the larger cities in these debates and that Key Cities was formed during them for the same "
        "end: cities speak at the centre of the state through spokesmen. It is communication within one state, which "
        "is diplomacy by Box 1 and not by Bull."
    ),
    "assignment:bristol-guangzhou-fund-application--facilitating-communication": (
        "The money of the Foreign and Commonwealth Office for Bristol and Guangzhou, applied for, performs the "
        "function of facilitating communication (arguable). Section 3.2, paragraph 11 says that it went to a fund of "
        "the Foreign and Commonwealth Office: a city of China addresses, side by side with a British one, the foreign "
        "ministry of another state. What came of the application is not told."
    ),
    "statistic:rusi-2025-introduction-method-p6--local-bodies": (
        "There are 21 local authorities of the UK and related bodies whose people were interviewed for the RUSI paper."
    ),
    "citation:box-1--van-der-pluijm-melissen-2007": (
        "Box 1 cites van der Pluijm and Melissen (2007). Note: Quoted, by surnames and year, for the definition of "
        "city diplomacy."
    ),
    "citation:footnote-5--acuto-2013-city-leadership": (
        "Footnote 5 cites Acuto (2013), City Leadership in Global Governance for Section 2.1, paragraph 3. Note: "
        "Last of six works given for the scholarship on cities that the paragraph surveys."
    ),
    "absence:rusi-2025-section-1.1-p7--cpaffc-united-front-work-department": (
        "CPAFFC is not a bureau of China's United Front Work Department."
    ),
    "absence:section-4.2-p4--kuopio-c40": (
        "Kuopio, one of the smaller cities studied for the report, was not a member of C40."
    ),
    "completeness:section-3.1-p1--core-cities-in-international-networks": (
        "Every Core City except Sheffield is in one or more international networks; the report gives only examples "
        "of these networks."
    ),
    "completeness:section-3.2-p5--chinese-cities-in-major-networks": (
        "Every one of the 11 Chinese cities studied except Macao is in one or more major international city networks."
    ),
    "assignment:beijing-concrete-cooperations--facilitating-communication": (
        "The concrete cooperations of Beijing with its sister cities perform the function of facilitating "
        "communication (arguable). Section 3.2, paragraph 9 brings them as a case of the bridging that twinning "
        "offers: cooperations with 37 sister cities, meant to lead local businesses abroad and foreign investment "
        "in. The passage says that twinning seems to offer it, the count is the city's own, and the two cooperations "
        "that it names are of firms."
    ),
    "assignment:membership-seoul-c40--symbolising-international-society": (
        "The membership of Seoul in C40 performs the function of symbolising international society (arguable). "
        "Section 4.2, paragraph 4 gives Seoul a leading role in the network; to lead a world body of cities is to "
        "uphold it, and footnote 10 asks in just this sense how cities contribute to international orders. The "
        "passage itself speaks of a leading role and not of what it stands for."
    ),
    "support:section-5-f1--1": (
        "Section 2.1, paragraph 1 supports “Cities are getting more international”. It says that the number of "
        "networks seems bound to grow and that cities respond by becoming more able to connect with others."
    ),
    "support:section-5-f5--6": (
        "Section 3.1, paragraph 3 supports “Twinnings that persist tend to focus on a topic of mutual interest”. It "
        "notes the move of UK cities towards partnerships that are strategic and topical."
    ),
    "spelling:acuto-m": (
        "“Acuto, M.” in Footnote 5 is read as Michele Acuto. The footnote gives surname and initial; the name is "
        "written out in section 2.1, paragraph 3, to which the note belongs."
    ),
    "spelling:foreign-and-commonwealth-office": (
        "“Foreign and Commonwealth Office” in Abstract is read as the Foreign and Commonwealth Office (FCO). The "
        "full name without the abbreviation that section 3.2, paragraph 11 uses."
    ),
    "recommendation:rusi-2025-introduction-method-p4--broad-view": (
        "Those who analyse China's subnational diplomacy need to take a broad view."
    ),
    "recommendation:rusi-2025-section-5.1-p5--topic-security": (
        "One topic of the China capability sessions should be how potential security concerns are noticed, "
        "assessed and mitigated."
    ),
    "definition:abstract--city-diplomacy": (
        "The abstract uses 'city diplomacy' as a name for the wider field of the international relations that UK "
        "and Chinese cities maintain."
    ),
    "definition:rusi-2025-summary-p11--china-capabilities": (
        "China capabilities are what enables local authorities to deal with Chinese counterparts successfully."
    ),
    "group:non-governmental-organisations": "Group:non-governmental-organisations.",
    "finding:section-2.2-p2--information": "Finding:section-2.2-p2--information.",
    "account:rusi-2025-section-3.4-p3--funding-chinese-counterparts-council-delegations": (
        "Chinese counterparts of UK local authorities still offer regularly to pay the expenses of delegations that UK "
        "councils lead to China, and are refused."
    ),
    "account:section-3.2-p3--city-hong-kong": (
        "Hong Kong has no central office for international work, that is, none of its own that coordinates its city "
        "diplomacy."
    ),
    "account:rusi-2025-section-2-p3--group-confucius-institutes-in-the-uk": (
        "Confucius Institutes in the UK promote, in the main but not only, the learning of Chinese and an "
        "understanding of Chinese culture."
    ),
    "account:rusi-2025-introduction-method-p2--activity-rusi-2025-research": (
        "The research behind the RUSI paper covers cities and provinces of mainland China, not Hong Kong, and local "
        "authorities of the UK."
    ),
    "account:section-3.2-p6--network-local-government-association": (
        "The Local Government Association (LGA) is a network of networks and is in the United Kingdom."
    ),
    "statistic:population-leeds": "Leeds has 536,280 inhabitants.",
    "statistic:rusi-2025-section-1.2-p4--rank-as-export-market": (
        "The United Kingdom is the 12th export market of China, by size."
    ),
    "statistic:rusi-2025-section-3.5-p2--share-of-investment": (
        "The share of China in the whole stock of inward investment in the UK is only 0.2%."
    ),
    "statistic:rusi-2025-section-3.4-p2--staff-after": (
        "There is one person who covers the whole world at a council of the UK that formerly had two people for China."
    ),
    "group:major-international-city-networks": (
        "Major international city networks include C40, CityNet and United Cities and Local Governments (UCLG) and"
        " are part of international city networks."
    ),
    "publication:curtis-2011": "Curtis (2011) is a work by Simon Curtis.",
    "finding:rusi-2025-summary-p3--civic-more-successful": (
        "Most of those interviewed have seen more success so far in civic dealings than in work on trade and "
        "investment."
    ),
    "account:section-3.1-p5--mediation-bristol-office-in-brussels-bristol": (
        "The office in Brussels represents Bristol, so that the city is sure of its place in the regional plan for "
        "urbanism."
    ),
    "account:section-3.2-p11--funding-foreign-and-commonwealth-office-bristol-guangzhou": (
        "Bristol and Guangzhou jointly applied for money from the China Prosperity Strategic Programme Fund of the "
        "Foreign and Commonwealth Office (FCO), in December 2014, for the joint smart city programme of the two cities."
    ),
    "account:rusi-2025-section-5.2-p6--office-united-kingdom-china-consulates": (
        "The United Kingdom has consulates in China."
    ),
    "activity:shanghai-infrastructure-exchange": (
        "China's central government refused a plan of Shanghai to start an “infrastructure exchange” by way of the "
        "Cities Development Initiative for Asia (CDIA)."
    ),
    "group:bigger-cities-in-big-networks": (
        "Amsterdam, Barcelona, Copenhagen, Melbourne and Seoul are part of all cities studied for the report and "
        "cities in general."
    ),
    "group:county-council-interviewees-of-rusi-2025": (
        "Interviewees of RUSI 2025 from county councils speak without their names in section 3.5, paragraph 4; "
        "section 4.2, paragraph 10; and section 5, paragraph 4 and are part of interviewees of RUSI 2025."
    ),
}

WITHOUT_SENTENCES = {
    "account:section-3.1-p5--office-bristol-brussels": (
        "Bristol has an office abroad in Brussels, in the fields of regional development and urban development. The "
        "purpose is making sure that Bristol has a voice in the regional plan for urbanism."
    ),
    "account:section-3.2-p10--office-chongqing-dusseldorf": (
        "An office abroad of Chongqing in Düsseldorf is planned, in the field of trade, as of 2015."
    ),
    "account:section-3.1-p5--team-brighton-and-hove": (
        "Brighton and Hove has a team for looking after funding and communicating with initiatives of the EU."
    ),
    "account:section-3.2-p9--strategy-beijing": (
        "Beijing has a strategy: the strategy of Beijing towards its sister cities, in the field of urban "
        "development. The purpose is to learn from the sister cities how to meet urban challenges."
    ),
    "account:section-3.2-p10--strategy-chongqing": (
        "Chongqing has an official strategy: the strategy of Chongqing towards its sister cities."
    ),
    "account:box-3--mediation-cpaffc-chinese-cities": (
        "The Chinese People's Association for Friendship with Foreign Countries (CPAFFC) acts as a broker for "
        "Chinese cities in general, concerning city twinning."
    ),
    "account:rusi-2025-section-5-p5--mediation-core-cities-uk-cities-and-councils": (
        "Core Cities can help in dealings with UK cities in general and UK local authorities."
    ),
    "account:section-3.2-p6--funding-shanghai-cdia": (
        "Shanghai formerly funded the Cities Development Initiative for Asia (CDIA), ending in March 2015."
    ),
    "account:section-4.1-p3--city-seoul": "Seoul has international work that is split between teams.",
    "account:section-4.1-p4--city-copenhagen": (
        "Copenhagen has international work within a department, in the fields of business and economic development "
        "(in part)."
    ),
    "account:rusi-2025-section-3.4-p3--funding-chinese-counterparts-council-delegations": (
        "The funding of delegations of UK councils to China by Chinese counterparts of UK local authorities was "
        "regularly offered and refused. The purpose is to pay the expenses of delegations to China that councils "
        "lead."
    ),
}
"""What templates give of accounts that have sentences of their own, which take the place of these."""


@pytest.fixture(scope="module")
def reports(both_reports: DataFolder) -> Store:
    return both_reports.open()


@cache
def accounts(store: Store) -> list[NamedNode]:
    found = {quad.subject for quad in store.quads_for_pattern(None, CD.accountOf, None, DefaultGraph())}
    return sorted((one for one in found if isinstance(one, NamedNode)), key=str)


def text_of(wording: Wording, account: NamedNode) -> str:
    return " ".join(one["text"] for one in sentences(wording, account, DefaultGraph()))


def test_each_template_gives_the_sentences_of_its_examples(reports: Store) -> None:
    wording = Wording(reports)
    assert {name: text_of(wording, node(name)) for name in EXAMPLES} == EXAMPLES


def test_each_template_serves_accounts_without_a_sentence_of_their_own(reports: Store) -> None:
    wording, found = Wording(reports), {}
    for name in WITHOUT_SENTENCES:
        account = {by: of for by, of in wording.facts(node(name), DefaultGraph()).items() if by != CD.says}
        found[name] = " ".join(one["text"] for one in account_sentences(wording, account))
    assert found == WITHOUT_SENTENCES


def test_each_kind_that_has_accounts_has_an_example(reports: Store) -> None:
    described = {thing_of_account(Wording(reports).facts(one, DefaultGraph())) for one in accounts(reports)}
    kinds = {ns.kind_of(thing.value) for thing in described if thing}
    in_examples = {name.partition("--")[2].partition("-")[0] for name in EXAMPLES if name.startswith("account:")}
    assert kinds - in_examples == {"organisation", "person", "district", "region"}, "these have the template of a city"


def test_each_template_has_two_examples() -> None:
    accounts = [name.partition("--")[2].partition("-")[0] for name in EXAMPLES if name.startswith("account:")]
    kinds = Counter(f"account of {kind}" for kind in accounts) + Counter(
        ns.kind_of(node(one).value) for one in EXAMPLES
    )
    statements = ("statistic", "citation", "assignment", "support", "spelling", "group", "definition", "finding")
    wanted = {*(f"account of {kind}" for kind in (*TIES, "city", "publication", "activity")), *statements}
    assert {kind for kind in wanted if kinds[kind] < 2} == set()


@pytest.mark.drawn
def test_every_account_and_statement_of_both_reports_is_in_sentences(reports: Store) -> None:
    wording = Wording(reports)
    stated = {quad.subject for quad in reports.quads_for_pattern(None, CD.statedIn, None, DefaultGraph())}
    labels = [f"{wording.name_of(predicate)['text']}:" for predicate in ACCOUNT_PREDICATES if predicate != CD.purpose]
    unsaid = []
    for one in sorted((one for one in stated if isinstance(one, NamedNode)), key=str):
        for said in sentences(wording, one, DefaultGraph()):
            assert "".join(part["text"] for part in said["parts"]) == said["text"]
            if not re.search("[.?!][”’\"')]*$", said["text"]) or said["text"].startswith(tuple(labels)):
                unsaid.append((one.value, said["text"]))
    assert unsaid == []


def expected(wording: Wording, facts: Facts) -> Iterator[tuple[NamedNode, set[str]]]:
    """Yield of each value that an account adds to its thing the words of which one has to stand in its sentences."""
    thing = thing_of_account(facts)
    assert thing
    indexing = (CD.about, CD.theme) if CD.says in facts else ()
    in_print = (CD.printedName, DCTERMS.bibliographicCitation)
    for predicate in (*ACCOUNT_PREDICATES, CD.character, CD.note, CD.printedName, CD.purpose):
        for value in facts.get(predicate, []):
            if predicate not in (*indexing, *in_print, CD.implied):
                yield predicate, words_for(wording, value)


def words_for(wording: Wording, value: Term) -> set[str]:
    if isinstance(value, Literal):
        year = re.match(r"\d{4}\b", value.value)
        return {value.value.rstrip("."), year[0] if year else value.value, *OTHERWISE.get(value.value, ())}
    assert isinstance(value, NamedNode)
    facts = wording.facts(value, DefaultGraph())
    figures = {one.value for one in facts.get(CD.printedValue, []) if isinstance(one, Literal)}
    names = {one.value for by in NAMES for one in facts.get(by, []) if isinstance(one, Literal)}
    label = wording.name_of(value)["text"]
    is_person, is_named = ns.kind_of(value.value) == "person", not label.startswith(("A ", "An ", "Another "))
    surnames = set(label.split()) if is_person and is_named else {"interviewee"} if is_person else set()
    return {label, *names, *figures, *surnames, label.removesuffix("y") + "ies", *OTHERWISE.get(label, ())}


OTHERWISE = {
    "representative": ("represents", "represent"),
    "agent": ("acts for", "act for"),
    "coordinator": ("coordinates dealings",),
    "controller": ("has control over",),
    "facilitator": ("helps", "help"),
    "assistant": ("assists",),
    "promoter": ("promotes", "promote"),
    "founder": ("founded",),
    "participant": ("takes part in", "take part in"),
    "direct participant": ("take part directly in",),
    "steering committee member": ("sits on the steering committee", "sits on its steering committee"),
    "host of a regional office": ("hosts a regional office",),
    "all except": ("except", "全部，"),
    "can be so": ("can help", "can act", "can discuss", "could", "possibl", " may "),
    "as a tendency": ("as a tendency", "in general", " tend "),
    "in part": ("in the main", "mainly", "not its only", "almost wholly"),
    "planned": ("applied for", "is possible", "could have"),
    "document on the web": ("the web address of",),
    "historical": ("in the past",),
    "buildings": ("building",),
    "1970s": ("20世纪70年代",),
    "1980s": ("20世纪80年代",),
    "current": ("at present",),
    "United Kingdom": ("UK", "Britain"),
    "United States": (" US ",),
}
"""Verbs and words by which sentences say what a label says as a noun."""


BESIDE_A_NAME = re.compile(
    r"(?i) \(.*\)|\b(the|of|in|and|or|to|with|who|that|have|worked|from|upon|Tyne|UK|United|Kingdom|RUSI|2025|"
    r"US|states|general|central|members)\b"
)


def is_called(said: str, words: set[str]) -> bool:
    """Return True if a sentence has the words of a name by their beginnings: Chinese local governments, China's."""
    said = said.casefold().replace("chinese", "china")
    plain = [BESIDE_A_NAME.sub("", word).replace("Chinese", "China").casefold() for word in words]
    stems = [[part[:5] for part in re.findall(r"\w+", word)] for word in plain]
    return any(found and all(stem in said for stem in found) for found in stems)


@pytest.mark.drawn
def test_every_value_of_an_account_stands_in_its_sentences(reports: Store) -> None:
    wording, missing = Wording(reports), []
    for account in accounts(reports):
        facts = wording.facts(account, DefaultGraph())
        said = text_of(wording, account).casefold()
        if CD.implied in facts and "impli" not in said:
            missing.append((account.value, CD.implied, {"implied"}))
        for predicate, words in expected(wording, facts):
            is_current = predicate in (CD.status, CD.atTime) and "current" in words  # the present tense says so
            if predicate == CD.status and "planned" in words and CD.says in facts:
                words |= {
                    "seeks",
                    "should",
                    "ambition",
                    "wish",
                    "want",
                    "to be set up",
                    "would",
                    "are to",
                    "keen",
                    "proposed",
                }
            if predicate == CD.status and "former" in words and CD.says in facts:
                words |= {" was ", " went "}
            if CD.says in facts and predicate in (CD.participant, CD.payer):  # of groups the heads of their names
                words |= {re.split(" (?:of|from|with) ", word)[0] for word in words}
            is_told = CD.says in facts or predicate in (CD.about, CD.theme)
            named = is_told and is_called(said, words)
            if not is_current and not named and not any(word.casefold() in said for word in words):
                missing.append((account.value, predicate, words))
    assert missing == []


@pytest.mark.drawn
def test_every_thing_with_a_name_that_a_statement_is_said_of_stands_in_its_sentence(reports: Store) -> None:
    wording, missing = Wording(reports), []
    kinds = ("city", "country", "network", "organisation", "person")
    said_of = [quad for by in (CD.about, CD.addressedTo, CD.exception) for quad in of_statements(reports, by)]
    for quad in said_of:
        statement, thing = quad.subject, quad.object
        if ns.kind_of(thing.value) not in kinds or wording.name_of(thing)["text"].startswith(("A ", "An ")):
            continue
        words = words_for(wording, thing) | set(OTHER_NAMES.get(wording.name_of(thing)["text"], ()))
        said = text_of(wording, statement)
        if not is_called(said, words) and not any(word.casefold() in said.casefold() for word in words):
            missing.append((statement.value, words))
    assert len(said_of) > 1000
    assert missing == []


def of_statements(store: Store, predicate: NamedNode) -> list[Quad]:
    """Return the quads of a property whose subjects are statements with a sentence of their own."""
    quads = store.quads_for_pattern(None, predicate, None, DefaultGraph())
    return [quad for quad in quads if list(store.quads_for_pattern(quad.subject, CD.says, None, DefaultGraph()))]


OTHER_NAMES = {
    "Central government of China": ("central state", "central government", "China's government"),
    "Central government of the United Kingdom": ("UK government", "UK's government", "government of the UK"),
    "Chinese Communist Party (CCP)": ("the Party",),
    "Chinese Embassy in London": ("Chinese Embassy",),
    "Cities Development Initiative for Asia (CDIA)": ("Cities Development Initiative",),
    "City of London Corporation": ("City of London",),
    "United Front Work Department": ("United Front",),
    "United Kingdom": ("British",),
}


def test_what_no_template_has_a_place_for_is_said_by_its_property(reports: Store) -> None:
    wording = Wording(reports)
    account = wording.facts(node("account:table-2--twinning-birmingham-guangzhou"), DefaultGraph())
    said = account_sentences(wording, {**account, CD.method: [node("method:survey")]})
    assert [one["text"] for one in said] == ["Guangzhou is a major twin of Birmingham.", "Method: survey."]


def test_a_sentence_names_its_source_and_its_names_lead_somewhere(reports: Store) -> None:
    wording = Wording(reports)

    def said_by(passage: str, tie: str) -> tuple[str, list[str | None]]:
        account, source = node(f"account:{passage}--{tie}"), wording.name_of(node(f"passage:{passage}"))
        (first, *_) = account_sentences(wording, wording.facts(account, DefaultGraph()), IriText(**source))
        return first["text"], [part["iri"] for part in first["parts"] if part["iri"]]

    cities = [node("city:guangzhou").value, node("city:birmingham").value]
    lists, leading = said_by("table-2", "twinning-birmingham-guangzhou")
    assert lists == "Table 2 lists Guangzhou as a major twin of Birmingham."
    assert leading == [node("passage:table-2").value, *cities]
    implied, _ = said_by("section-3.2-p9", "twinning-beijing-moscow")
    assert implied == "The passage implies that Beijing and Moscow are twinned (Section 3.2, paragraph 9)."


def test_what_is_otherwise_in_print_stands_beside_the_sentence(reports: Store) -> None:
    wording = Wording(reports)

    def said(name: str) -> str | None:
        found = in_print(wording, node(f"account:{name}"), DefaultGraph())
        return found and found["text"]

    assert said("table-1--twinning-anshan-sheffield") == "Printed as “ANSHANG”."
    assert said("footnote-10--publication-curtis-2011") == "Cited as “Curtis 2011”."
    assert said("table-1--twinning-beijing-london") is None


CHINESE = {
    "account:table-2--twinning-birmingham-guangzhou": "广州是伯明翰的主要友好城市。",
    "account:rusi-2025-section-3.1-p2--twinning-hangzhou-leeds": "杭州与利兹于1988年结为友好城市。",
    "account:section-3.2-p9--twinning-beijing-moscow": "文中暗示北京与莫斯科是友好城市。",  # its note is in English
    "account:section-3.2-p2--twinning-kobe-tianjin": "神户与天津于20世纪70年代结为友好城市。性质：政治性。",
    "account:footnote-18--membership-hong-kong-c40": "香港是C40的成员、指导委员会成员。",
    "account:box-2--membership-oxford-key-cities": "牛津被列为Key Cities的成员。",
    "account:section-3.1-p5--office-bristol-brussels": "",
}


def test_twinnings_and_memberships_have_a_sentence_in_chinese(reports: Store) -> None:
    wording = Wording(reports)
    assert {name: chinese_sentence(wording, node(name)) for name in CHINESE} == CHINESE


def test_the_chinese_leaves_no_value_out_but_english_notes(reports: Store) -> None:
    """Each value by its Chinese label, its own text, or its year; a current status is in the verb.

    Printed names are left out where they are the English ones of the parties, which those of the English sentence test;
    notes, which are in English, stand in that sentence.
    """
    wording, missing = Wording(reports), []
    for account in accounts(reports):
        facts = wording.facts(account, DefaultGraph())
        said = chinese_sentence(wording, account).casefold()
        for predicate, words in expected(wording, facts) if said else ():
            values = facts[predicate]
            names = {
                one.value
                for value in values
                if isinstance(value, NamedNode)
                for by in NAMES
                for one in wording.facts(value, DefaultGraph()).get(by, [])
                if isinstance(one, Literal)
            }
            is_left = predicate in (CD.printedName, CD.note) or (
                predicate == CD.status and {"current", "former"} & words
            )
            if not is_left and not any(word.casefold() in said for word in words | names):
                missing.append((account.value, predicate, words))
    assert missing == []
