"""The operations that tests of sharing run."""

RESULT = """
fragment Result on SharedResult { id questionnaire version contentHash tier subject subjectName periodStart periodEnd
  revision state rootHash submittedAt total band bandReason coverage profileNumber validUntil isValid sharedUntil
  pillars { key title score weight state }
  sections { key title hash profileNumber answers { question rowId state values reason }
    trace { section question rowId pillar status weight points share why { option options bandFrom below ramp closedBy
    fresh ageDays undated } }
    criticalHits { rule question rowId capBand } criticalOpen { rule section question rowId state } }
  evidence { evidenceId section question rowId fileName title kind issuer issuedOn validUntil state mediaType size
    sha256 }
}
"""
PROFILE = (
    """
query ($id: ID!) { supplier(id: $id, questionnaire: "sample") {
  id name total band sharedUntil latestResult { ...Result } history { ...Result }
  requests { id state purpose }
} }
"""
    + RESULT
)
SUMMARY = """
query ($id: ID!) { supplier(id: $id, questionnaire: "sample") { latestResult { id total band pillars { key score } } } }
"""
FILES = """
query ($id: ID!) { supplier(id: $id, questionnaire: "sample") { latestResult { evidence { evidenceId } } } }
"""
CARDS = """
{ suppliers(first: 50, filter: { questionnaire: "sample" }) { nodes { name total band tier submittedAt sharedUntil } } }
"""
NODE = "query ($id: ID!) { node(id: $id) { __typename ... on SharedResult { ...Result } } }" + RESULT
CHANGE = """
mutation ($input: ChangeShareInput!) { changeShare(input: $input) { __typename ... on Problem { code path }
  ... on InvalidInput { problems { code path } } ... on ShareChanged {
    share { id state until sections includeEvidence } } } }
"""
REVOKE = """
mutation ($input: RevokeShareInput!) { revokeShare(input: $input) { __typename ... on Problem { code path }
  ... on ShareRevoked { share { id state shows { id } } } } }
"""
PREVIEW = (
    """
mutation ($input: PreviewShareInput!) { previewShare(input: $input) { __typename ... on Problem { code path }
  ... on SharePreviewed { share { state shows { ...Result } } } } }
"""
    + RESULT
)
SHARES = """
query ($live: Boolean) { shares(first: 50, live: $live) { nodes {
  id state mode sections includeEvidence until revokedAt purpose questionnaire submissionId buyer { id name }
  shows { id total sections { key } evidence { evidenceId } } } } }
"""
RECEIPTS = """
query ($kind: ReceiptKind) { readReceipts(first: 50, kind: $kind) { nodes {
  id kind readerRole purpose submissionId evidenceId readAt reader { id name } } } }
"""
BUYERS = "{ linkedBuyers { id name } }"
DOWNLOAD = """
mutation ($input: CreateEvidenceDownloadInput!) { createEvidenceDownload(input: $input) {
  __typename ... on Problem { code path } ... on EvidenceDownloadCreated { url expiresAt } } }
"""
