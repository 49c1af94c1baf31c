"""Wrong input of queries, and requests to /graphql that are none."""

from tests.bad_input.cases import ask, send

READS = [
    ask("buyer", "a page of nothing", "{ suppliers(first: 0) { totalCount } }", "PAGE_SIZE", "first", "1 to 100"),
    ask("buyer", "a page of 101", "{ suppliers(first: 101) { totalCount } }", "PAGE_SIZE", "first", "1 to 100"),
    ask(
        "buyer",
        "a cursor of nobody",
        '{ suppliers(after: "x") { totalCount } }',
        "BAD_CURSOR",
        "after",
        "start again without `after`",
    ),
    ask(
        "buyer",
        "a country that is none",
        '{ suppliers(filter: {country: ["XX"]}) { totalCount } }',
        "INVALID_INPUT",
        "",
        "ISO 3166",
    ),
    ask("buyer", "a malformed node", '{ node(id: "x") { id } }', "BAD_ID", "id", "id of a Member"),
    ask(
        "buyer",
        "a thousand nodes",
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
        "TOO_MANY",
        "ids",
        "At most 100",
        ids=["x"] * 101,
    ),
    ask("nobody", "a list without signing in", "{ suppliers { totalCount } }", "UNAUTHENTICATED", "", "(?i)sign"),
    ask(
        "supplier",
        "a history of 101",
        '{ assessment(id: "@assessment") { answerHistory(question: "headcount", first: 101) { status } } }',
        "PAGE_SIZE",
        "first",
        "1 to 100",
    ),
    ask(
        "partner",
        "a release that is none",
        "{ benchmarkCells(release: 7) { edges { cursor } } }",
        "NO_RELEASE",
        "",
        "no release 7",
    ),
    ask(
        "partner",
        "a measure that is none",
        '{ benchmark(questionnaire: "responsible-sourcing", tier: MICRO, measure: "height") { cell { mean } } }',
        "MEASURE",
        "measure",
        '"total"',
    ),
]
TRANSPORT = [
    send("no JSON", b"hello", "BAD_JSON", "JSON"),
    send(
        "nul in a variable",
        b'{"query": "mutation ($i: AddSiteInput!) { addSite(input: $i) { __typename } }",'
        b' "variables": {"i": {"name": "a\\u0000b"}}}',
        "BAD_JSON",
        "U\\+0000; it stands at variables.i.name",
    ),
    send("a batch", b"[{}, {}]", "BATCH", "one"),
    send("no query", b"{}", "NO_QUERY", "query"),
    send("a form", b"query=x", "CONTENT_TYPE", "application/json", content_type="application/x-www-form-urlencoded"),
    send("a picture is wanted", b'{"query": "{ service { version } }"}', "NOT_ACCEPTABLE", "json", accept="image/png"),
    send(
        "a bad credential",
        b'{"query": "{ service { version } }"}',
        "UNAUTHENTICATED",
        "Bearer",
        authorization="Basic x",
    ),
    send("half a document", b'{"query": "{ service {"}', "SYNTAX", "(?i)expected"),
    send("an unknown field", b'{"query": "{ nothing }"}', "INVALID_REQUEST", "nothing"),
    send("too much at once", b" " * 1_000_001, "TOO_LARGE", "1,?000,?000"),
]
CASES = [*READS, *TRANSPORT]
