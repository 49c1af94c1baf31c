"""The operations of a review, as tests send them."""

FINDING = """
  section question rowId level basis notShown beyond isThirdParty isSuperseded asOf reviewer { name }
  documents { evidenceId verdict } disputes { id state reason comments { side body } documents { evidenceId } }
"""
STATE = f"""
mutation ($input: MakeStatementInput!) {{ makeStatement(input: $input) {{
  __typename ... on Problem {{ code path }} ... on InvalidInput {{ problems {{ path code }} }}
  ... on StatementMade {{ statement {{ id asOf isThirdParty remark resultId submissionId reviewer {{ name }}
    findings {{ {FINDING} }} }} }} }} }}
"""
SUMMARY = "since declared documented verified contradicted conflicts"
READ = f"""
query ($id: ID!) {{ node(id: $id) {{ ... on SharedResult {{ id total assurance {{ {SUMMARY} }}
  sections {{ key standings {{ question rowId standing inConflict }} findings {{ {FINDING} }} }}
  evidence {{ evidenceId section question }} }} }} }}
"""
EARLIER = "earlierFindings { revision section question rowId level isUnchanged statementId }"
READ_EARLIER = f"""
query ($id: ID!) {{ node(id: $id) {{
  ... on SharedResult {{ assurance {{ since }} {EARLIER} }}
  ... on Submission {{ review {{ assurance {{ since }} {EARLIER} }} }} }} }}
"""
ALONE = """
query ($id: ID!) { node(id: $id) { ... on AssuranceStatement { remark reviewer { name } findings { basis } } } }
"""
PROFILE = f"""
query ($id: ID!) {{ supplier(id: $id, questionnaire: "sample") {{ latestResult {{ id assurance {{ {SUMMARY} }}
  sections {{ key findings {{ {FINDING} }} }} }} }} }}
"""
OWN = f"""
query ($id: ID!) {{ node(id: $id) {{ ... on Submission {{ result {{ total }} review {{ assurance {{ {SUMMARY} }}
  standings {{ question rowId standing inConflict }} statements {{ id remark reviewer {{ name }}
  findings {{ {FINDING} }} }} clarifications {{ id state }} disputes {{ id state question }} }} }} }} }}
"""
CLARIFICATION = """
  id round message dueOn state closedBecause reply draftId replySubmissionId replyResultId resultId submissionId
  asker { name }
  items { section question rowId text evidenceId reply repliedAt }
"""
ASK = f"""
mutation ($input: AskClarificationInput!) {{ askClarification(input: $input) {{
  __typename ... on Problem {{ code path message }} ... on InvalidInput {{ problems {{ path code }} }}
  ... on ClarificationAsked {{ clarification {{ {CLARIFICATION} }} }} }} }}
"""
TAKE_BACK = f"""
mutation ($input: WithdrawClarificationInput!) {{ withdrawClarification(input: $input) {{
  __typename ... on Problem {{ code path }}
  ... on ClarificationWithdrawn {{ clarification {{ {CLARIFICATION} }} }} }} }}
"""
REPLY = f"""
mutation ($input: ReplyToClarificationInput!) {{ replyToClarification(input: $input) {{
  __typename ... on Problem {{ code path }} ... on InvalidInput {{ problems {{ path code }} }}
  ... on ClarificationReplied {{ clarification {{ {CLARIFICATION} }} }} }} }}
"""
REVISE = f"""
mutation ($input: ReviseForClarificationInput!) {{ reviseForClarification(input: $input) {{
  __typename ... on Problem {{ code path message }} ... on ClarificationReopened {{
    clarification {{ {CLARIFICATION} }} assessment {{ id revision changeNumber reopened clarificationId }} }} }} }}
"""
RECEIVED = f"query {{ clarifications {{ nodes {{ {CLARIFICATION} }} }} }}"
ASKED = f"query {{ askedClarifications {{ nodes {{ {CLARIFICATION} }} }} }}"
SAVE = """
mutation ($input: SaveAnswersInput!) { saveAnswers(input: $input) { __typename ... on Problem { code }
  ... on AnswersSaved { changeNumber results { status problem { code message } } } } }
"""
SUBMIT = """
mutation ($input: SubmitAssessmentInput!) { submitAssessment(input: $input) { __typename ... on Problem { code }
  ... on AssessmentSubmitted { submission { id revision } } } }
"""
DISPUTE = """
  id state closedBecause question rowId reason closedAt decidedByStatementId submissionId resultId
  documents { evidenceId } comments { side body }
"""
OPEN = f"""
mutation ($input: OpenDisputeInput!) {{ openDispute(input: $input) {{
  __typename ... on Problem {{ code path }} ... on DisputeOpened {{ dispute {{ {DISPUTE} }} }} }} }}
"""
LET_GO = f"""
mutation ($input: WithdrawDisputeInput!) {{ withdrawDispute(input: $input) {{
  __typename ... on Problem {{ code path }} ... on DisputeWithdrawn {{ dispute {{ {DISPUTE} }} }} }} }}
"""
SAY = f"""
mutation ($input: CommentDisputeInput!) {{ commentDispute(input: $input) {{
  __typename ... on Problem {{ code path }} ... on DisputeCommented {{ dispute {{ {DISPUTE} }} }} }} }}
"""
DISPUTES = f"query {{ disputes {{ nodes {{ {DISPUTE} }} }} }}"
RECEIVED_DISPUTES = f"query {{ receivedDisputes {{ nodes {{ {DISPUTE} }} }} }}"
ENGAGEMENT = """
  id state sections includeEvidence purpose until questionnaire periodEnd endedBy closedBecause submissionId resultId
  supplier { name } reviewer { name } proposer { name }
"""
REVIEWERS = "query { reviewers { id name } }"
ENGAGEMENTS = f"query {{ engagements {{ nodes {{ {ENGAGEMENT} }} }} }}"
PROPOSE = f"""
mutation ($input: ProposeEngagementInput!) {{ proposeEngagement(input: $input) {{
  __typename ... on Problem {{ code path }} ... on InvalidInput {{ problems {{ path code }} }}
  ... on EngagementProposed {{ engagement {{ {ENGAGEMENT} }} }} }} }}
"""
ACCEPT = f"""
mutation ($input: AcceptEngagementInput!) {{ acceptEngagement(input: $input) {{
  __typename ... on Problem {{ code path }} ... on EngagementAccepted {{ engagement {{ {ENGAGEMENT} }} }} }} }}
"""
CONSENT = f"""
mutation ($input: ConsentToEngagementInput!) {{ consentToEngagement(input: $input) {{
  __typename ... on Problem {{ code path }} ... on InvalidInput {{ problems {{ path code }} }}
  ... on EngagementConsented {{ engagement {{ {ENGAGEMENT} }} }} }} }}
"""
END = f"""
mutation ($input: EndEngagementInput!) {{ endEngagement(input: $input) {{
  __typename ... on Problem {{ code path }} ... on EngagementEnded {{ engagement {{ {ENGAGEMENT} }} }} }} }}
"""
