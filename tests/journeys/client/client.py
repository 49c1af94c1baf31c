from collections.abc import AsyncIterator
from datetime import date
from typing import Any, Optional, Union

from .accept_both import AcceptBoth
from .accept_invitation import AcceptInvitation
from .accept_request import AcceptRequest
from .accept_terms import AcceptTerms
from .add_contact import AddContact
from .add_site import AddSite
from .apply_as_partner import ApplyAsPartner
from .apply_for_role import ApplyForRole
from .ask_clarification import AskClarification
from .ask_for_both import AskForBoth
from .async_base_client import AsyncBaseClient
from .attach_evidence import AttachEvidence
from .base_model import UNSET, UnsetType
from .claim_name import ClaimName
from .compare_years import CompareYears
from .confirm_account import ConfirmAccount
from .confirm_answers import ConfirmAnswers
from .confirm_partner import ConfirmPartner
from .confirm_supplier_list import ConfirmSupplierList
from .create_campaign import CreateCampaign
from .create_evidence_download import CreateEvidenceDownload
from .create_evidence_upload import CreateEvidenceUpload
from .create_key import CreateKey
from .create_requests import CreateRequests
from .create_supplier_list_upload import CreateSupplierListUpload
from .decide_questionnaire import DecideQuestionnaire
from .decide_role import DecideRole
from .declare_gap import DeclareGap
from .discard_assessment import DiscardAssessment
from .end_access import EndAccess
from .end_standing_rule import EndStandingRule
from .enums import BenchmarkRegion, OrganizationSize, QuestionnaireTier, SupplierSort
from .extend_campaign import ExtendCampaign
from .find_questionnaires import FindQuestionnaires
from .follow_assessment import FollowAssessment
from .found_organization import FoundOrganization
from .found_partner import FoundPartner
from .give_feedback import GiveFeedback
from .grant_access import GrantAccess
from .import_questionnaire import ImportQuestionnaire
from .input_types import (
    AcceptPartnerTermsInput,
    AcceptRequestInput,
    AcceptSupplierInvitationInput,
    AddSiteInput,
    AddSupplierContactInput,
    ApplyForRoleInput,
    AskClarificationInput,
    AttachEvidenceInput,
    BenchmarkCellFilter,
    ClaimPublisherNameInput,
    ConfirmAccountInput,
    ConfirmAnswersInput,
    ConfirmSupplierListInput,
    CreateApiKeyInput,
    CreateCampaignInput,
    CreateEvidenceDownloadInput,
    CreateEvidenceUploadInput,
    CreateRequestsInput,
    CreateSupplierListUploadInput,
    DecideQuestionnaireInput,
    DecideRoleInput,
    DiscardAssessmentInput,
    EndAccessInput,
    EndStandingRuleInput,
    ExtendCampaignInput,
    GiveFeedbackInput,
    GrantAccessInput,
    ImportQuestionnaireInput,
    InviteSuppliersInput,
    MakeStandingRuleInput,
    MakeStatementInput,
    NewOrganizationInput,
    OpenDisputeInput,
    PreviewAccessInput,
    PreviewCampaignInput,
    PreviewShareInput,
    PreviewSupplierListInput,
    PublishQuestionnaireInput,
    PushAnswersInput,
    RefuseAccessInput,
    RegisterAccountInput,
    RenewAssessmentInput,
    ReplyToClarificationInput,
    RequestAccessInput,
    ReviseForClarificationInput,
    RevokeApiKeyInput,
    RevokeShareInput,
    SaveAnswersInput,
    SetQuestionnaireVisibilityInput,
    ShareResultInput,
    SignInInput,
    StandingRuleInput,
    StartAssessmentInput,
    SubmitAssessmentInput,
    SupplierFilter,
    TryQuestionnaireInput,
    UpgradeAssessmentInput,
    WithdrawAccessRequestInput,
    WithdrawCampaignInput,
)
from .invite_suppliers import InviteSuppliers
from .make_standing_rule import MakeStandingRule
from .make_statement import MakeStatement
from .open_dispute import OpenDispute
from .preview_access import PreviewAccess
from .preview_campaign import PreviewCampaign
from .preview_renewal import PreviewRenewal
from .preview_requests import PreviewRequests
from .preview_score import PreviewScore
from .preview_share import PreviewShare
from .preview_supplier_list import PreviewSupplierList
from .preview_upgrade import PreviewUpgrade
from .publish_questionnaire import PublishQuestionnaire
from .push_answers import PushAnswers
from .read_access_requests import ReadAccessRequests
from .read_applications import ReadApplications
from .read_both_parts import ReadBothParts
from .read_both_results import ReadBothResults
from .read_burden import ReadBurden
from .read_campaign import ReadCampaign
from .read_campaign_suppliers import ReadCampaignSuppliers
from .read_cell import ReadCell
from .read_cells import ReadCells
from .read_clarifications import ReadClarifications
from .read_colleagues import ReadColleagues
from .read_drafts import ReadDrafts
from .read_evidence import ReadEvidence
from .read_for_review import ReadForReview
from .read_gaps import ReadGaps
from .read_invitation import ReadInvitation
from .read_linked_buyers import ReadLinkedBuyers
from .read_load import ReadLoad
from .read_owed_feedback import ReadOwedFeedback
from .read_profile import ReadProfile
from .read_progress import ReadProgress
from .read_pushed_answers import ReadPushedAnswers
from .read_questionnaire import ReadQuestionnaire
from .read_receipts import ReadReceipts
from .read_received_access import ReadReceivedAccess
from .read_received_requests import ReadReceivedRequests
from .read_releases import ReadReleases
from .read_replies import ReadReplies
from .read_review import ReadReview
from .read_site_results import ReadSiteResults
from .read_suppliers import ReadSuppliers
from .read_terms import ReadTerms
from .read_waiting_questionnaires import ReadWaitingQuestionnaires
from .refuse_access import RefuseAccess
from .register_buyer import RegisterBuyer
from .register_partner import RegisterPartner
from .register_supplier import RegisterSupplier
from .renew_assessment import RenewAssessment
from .reply_to_clarification import ReplyToClarification
from .request_access import RequestAccess
from .revise_for_clarification import ReviseForClarification
from .revoke_key import RevokeKey
from .revoke_share import RevokeShare
from .save_answers import SaveAnswers
from .set_visibility import SetVisibility
from .share_result import ShareResult
from .sign_in import SignIn
from .start_assessment import StartAssessment
from .start_by_oneself import StartByOneself
from .state_standing_rule import StateStandingRule
from .submit_assessment import SubmitAssessment
from .try_questionnaire import TryQuestionnaire
from .upgrade_assessment import UpgradeAssessment
from .withdraw_access_request import WithdrawAccessRequest
from .withdraw_campaign import WithdrawCampaign


def gql(q: str) -> str:
    return q


class PortalClient(AsyncBaseClient):
    async def claim_name(
        self, input: ClaimPublisherNameInput, **kwargs: Any
    ) -> ClaimName:
        query = gql("""
            mutation ClaimName($input: ClaimPublisherNameInput!) {
              claimPublisherName(input: $input) {
                __typename
                ... on PublisherNameClaimed {
                  name
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...AuthorProblem
              }
            }

            fragment AuthorProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="ClaimName", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ClaimName.model_validate(data)

    async def import_questionnaire(
        self, input: ImportQuestionnaireInput, **kwargs: Any
    ) -> ImportQuestionnaire:
        query = gql("""
            mutation ImportQuestionnaire($input: ImportQuestionnaireInput!) {
              importQuestionnaire(input: $input) {
                __typename
                ... on QuestionnaireImported {
                  draft {
                    ...DraftState
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...AuthorProblem
              }
            }

            fragment AuthorProblem on Problem {
              code
              message
              path
            }

            fragment DraftState on QuestionnaireDraft {
              questionnaire
              version
              title
              revision
              isSound
              findings {
                ...Finding
              }
            }

            fragment Finding on QuestionnaireFinding {
              part
              severity
              path
              question
              line
              message
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="ImportQuestionnaire",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return ImportQuestionnaire.model_validate(data)

    async def try_questionnaire(
        self, input: TryQuestionnaireInput, **kwargs: Any
    ) -> TryQuestionnaire:
        query = gql("""
            query TryQuestionnaire($input: TryQuestionnaireInput!) {
              questionnaireTrial(input: $input) {
                findings {
                  ...Finding
                }
                outcome {
                  places {
                    question
                    isAsked
                  }
                  refused {
                    question
                    code
                    message
                  }
                  problems {
                    question
                    code
                    message
                  }
                  asked
                  answered
                  minutesLeft
                  total
                  band
                  bandReason
                  lines {
                    question
                    points
                  }
                }
              }
            }

            fragment Finding on QuestionnaireFinding {
              part
              severity
              path
              question
              line
              message
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="TryQuestionnaire",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return TryQuestionnaire.model_validate(data)

    async def read_drafts(self, **kwargs: Any) -> ReadDrafts:
        query = gql("""
            query ReadDrafts {
              questionnaireDrafts {
                ...DraftState
                change {
                  oldVersion
                  newVersion
                  leastStep
                  leastVersion
                  changes {
                    code
                    step
                    question
                    sentence
                  }
                }
              }
            }

            fragment DraftState on QuestionnaireDraft {
              questionnaire
              version
              title
              revision
              isSound
              findings {
                ...Finding
              }
            }

            fragment Finding on QuestionnaireFinding {
              part
              severity
              path
              question
              line
              message
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query, operation_name="ReadDrafts", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ReadDrafts.model_validate(data)

    async def publish_questionnaire(
        self, input: PublishQuestionnaireInput, **kwargs: Any
    ) -> PublishQuestionnaire:
        query = gql("""
            mutation PublishQuestionnaire($input: PublishQuestionnaireInput!) {
              publishQuestionnaire(input: $input) {
                __typename
                ... on QuestionnairePublished {
                  version
                  questionnaire {
                    ...OwnState
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...AuthorProblem
              }
            }

            fragment AuthorProblem on Problem {
              code
              message
              path
            }

            fragment OwnState on OwnQuestionnaire {
              key
              visibility
              currentVersion
              versions {
                version
                approval
                profileNumbers
              }
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="PublishQuestionnaire",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return PublishQuestionnaire.model_validate(data)

    async def ask_for_both(
        self, input: CreateRequestsInput, **kwargs: Any
    ) -> AskForBoth:
        query = gql("""
            mutation AskForBoth($input: CreateRequestsInput!) {
              createRequests(input: $input) {
                __typename
                ... on RequestsCreated {
                  createdCount
                  lines {
                    requestId
                    extraId
                    problem {
                      code
                      message
                    }
                    extraProblem {
                      code
                      message
                    }
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...AuthorProblem
              }
            }

            fragment AuthorProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="AskForBoth", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return AskForBoth.model_validate(data)

    async def read_both_parts(self, **kwargs: Any) -> ReadBothParts:
        query = gql("""
            query ReadBothParts {
              receivedRequests(state: OPEN) {
                nodes {
                  id
                  questionnaire
                  periodStart
                  extras {
                    id
                    questionnaire
                  }
                }
              }
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query, operation_name="ReadBothParts", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ReadBothParts.model_validate(data)

    async def accept_both(self, input: AcceptRequestInput, **kwargs: Any) -> AcceptBoth:
        query = gql("""
            mutation AcceptBoth($input: AcceptRequestInput!) {
              acceptRequest(input: $input) {
                __typename
                ... on RequestAccepted {
                  outcome
                  assessment {
                    id
                  }
                  request {
                    extras {
                      id
                      assessment {
                        id
                        questionnaire
                        version
                      }
                    }
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...AuthorProblem
              }
            }

            fragment AuthorProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="AcceptBoth", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return AcceptBoth.model_validate(data)

    async def read_both_results(
        self, supplier: str, questionnaire: str, **kwargs: Any
    ) -> ReadBothResults:
        query = gql("""
            query ReadBothResults($supplier: ID!, $questionnaire: String!) {
              supplier(id: $supplier, questionnaire: $questionnaire) {
                latestResult {
                  questionnaire
                  version
                  total
                  sections {
                    key
                    answers {
                      question
                      values
                    }
                  }
                }
              }
            }
            """)
        variables: dict[str, object] = {
            "supplier": supplier,
            "questionnaire": questionnaire,
        }
        response = await self.execute(
            query=query, operation_name="ReadBothResults", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ReadBothResults.model_validate(data)

    async def preview_renewal(
        self, assessment: str, period_start: date, period_end: date, **kwargs: Any
    ) -> PreviewRenewal:
        query = gql("""
            query PreviewRenewal($assessment: ID!, $periodStart: Date!, $periodEnd: Date!) {
              assessment(id: $assessment) {
                renewalPreview(periodStart: $periodStart, periodEnd: $periodEnd) {
                  ...Fates
                }
              }
            }

            fragment Fates on CarryPreview {
              fromVersion
              toVersion
              step
              carriedCount
              confirmCount
              blankCount
              droppedCount
              newCount
              answers {
                fate
                question
                oldQuestion
                title
                reasons {
                  code
                  sentence
                }
              }
            }
            """)
        variables: dict[str, object] = {
            "assessment": assessment,
            "periodStart": str(period_start),
            "periodEnd": str(period_end),
        }
        response = await self.execute(
            query=query, operation_name="PreviewRenewal", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return PreviewRenewal.model_validate(data)

    async def renew_assessment(
        self, input: RenewAssessmentInput, **kwargs: Any
    ) -> RenewAssessment:
        query = gql("""
            mutation RenewAssessment($input: RenewAssessmentInput!) {
              renewAssessment(input: $input) {
                __typename
                ... on AssessmentRenewed {
                  isStarted
                  assessment {
                    ...CarriedDraft
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...AuthorProblem
              }
            }

            fragment AuthorProblem on Problem {
              code
              message
              path
            }

            fragment CarriedDraft on Assessment {
              id
              version
              upgradedFromId
              changeNumber
              answers {
                answers {
                  question
                  revision
                  provenance
                  carriedQuestion
                }
              }
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="RenewAssessment", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return RenewAssessment.model_validate(data)

    async def preview_upgrade(self, assessment: str, **kwargs: Any) -> PreviewUpgrade:
        query = gql("""
            query PreviewUpgrade($assessment: ID!) {
              assessment(id: $assessment) {
                upgradePreview {
                  ...Fates
                }
              }
            }

            fragment Fates on CarryPreview {
              fromVersion
              toVersion
              step
              carriedCount
              confirmCount
              blankCount
              droppedCount
              newCount
              answers {
                fate
                question
                oldQuestion
                title
                reasons {
                  code
                  sentence
                }
              }
            }
            """)
        variables: dict[str, object] = {"assessment": assessment}
        response = await self.execute(
            query=query, operation_name="PreviewUpgrade", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return PreviewUpgrade.model_validate(data)

    async def upgrade_assessment(
        self, input: UpgradeAssessmentInput, **kwargs: Any
    ) -> UpgradeAssessment:
        query = gql("""
            mutation UpgradeAssessment($input: UpgradeAssessmentInput!) {
              upgradeAssessment(input: $input) {
                __typename
                ... on AssessmentUpgraded {
                  replacedId
                  assessment {
                    ...CarriedDraft
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...AuthorProblem
              }
            }

            fragment AuthorProblem on Problem {
              code
              message
              path
            }

            fragment CarriedDraft on Assessment {
              id
              version
              upgradedFromId
              changeNumber
              answers {
                answers {
                  question
                  revision
                  provenance
                  carriedQuestion
                }
              }
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="UpgradeAssessment",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return UpgradeAssessment.model_validate(data)

    async def confirm_answers(
        self, input: ConfirmAnswersInput, **kwargs: Any
    ) -> ConfirmAnswers:
        query = gql("""
            mutation ConfirmAnswers($input: ConfirmAnswersInput!) {
              confirmAnswers(input: $input) {
                __typename
                ... on AnswersSaved {
                  changeNumber
                  results {
                    status
                    problem {
                      code
                      message
                    }
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...AuthorProblem
              }
            }

            fragment AuthorProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="ConfirmAnswers", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ConfirmAnswers.model_validate(data)

    async def compare_years(
        self, earlier: str, later: str, **kwargs: Any
    ) -> CompareYears:
        query = gql("""
            query CompareYears($earlier: ID!, $later: ID!) {
              compareSubmissions(earlier: $earlier, later: $later) {
                earlier {
                  version
                  total
                }
                later {
                  version
                  total
                }
                totals {
                  isComparable
                  code
                  sentence
                }
                answers {
                  question
                  title
                  earlier {
                    value {
                      number
                      choice
                    }
                  }
                  later {
                    value {
                      number
                      choice
                    }
                  }
                  comparability {
                    isComparable
                    code
                    sentence
                  }
                }
              }
            }
            """)
        variables: dict[str, object] = {"earlier": earlier, "later": later}
        response = await self.execute(
            query=query, operation_name="CompareYears", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return CompareYears.model_validate(data)

    async def set_visibility(
        self, input: SetQuestionnaireVisibilityInput, **kwargs: Any
    ) -> SetVisibility:
        query = gql("""
            mutation SetVisibility($input: SetQuestionnaireVisibilityInput!) {
              setQuestionnaireVisibility(input: $input) {
                __typename
                ... on QuestionnaireVisibilitySet {
                  questionnaire {
                    ...OwnState
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...AuthorProblem
              }
            }

            fragment AuthorProblem on Problem {
              code
              message
              path
            }

            fragment OwnState on OwnQuestionnaire {
              key
              visibility
              currentVersion
              versions {
                version
                approval
                profileNumbers
              }
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="SetVisibility", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return SetVisibility.model_validate(data)

    async def read_waiting_questionnaires(
        self, **kwargs: Any
    ) -> ReadWaitingQuestionnaires:
        query = gql("""
            query ReadWaitingQuestionnaires {
              questionnaireApprovals {
                questionnaire
                version
                readHash
                organizationName
                title
                texts {
                  path
                  text
                }
                translations {
                  locale
                  texts {
                    path
                    source
                    text
                  }
                }
              }
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query,
            operation_name="ReadWaitingQuestionnaires",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return ReadWaitingQuestionnaires.model_validate(data)

    async def decide_questionnaire(
        self, input: DecideQuestionnaireInput, **kwargs: Any
    ) -> DecideQuestionnaire:
        query = gql("""
            mutation DecideQuestionnaire($input: DecideQuestionnaireInput!) {
              decideQuestionnaire(input: $input) {
                __typename
                ... on QuestionnaireDecided {
                  questionnaire
                  version
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...AuthorProblem
              }
            }

            fragment AuthorProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="DecideQuestionnaire",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return DecideQuestionnaire.model_validate(data)

    async def find_questionnaires(self, **kwargs: Any) -> FindQuestionnaires:
        query = gql("""
            query FindQuestionnaires {
              questionnaires {
                key
                current {
                  version
                  title
                  publisher
                }
              }
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query,
            operation_name="FindQuestionnaires",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return FindQuestionnaires.model_validate(data)

    async def start_by_oneself(
        self, input: StartAssessmentInput, **kwargs: Any
    ) -> StartByOneself:
        query = gql("""
            mutation StartByOneself($input: StartAssessmentInput!) {
              startAssessment(input: $input) {
                __typename
                ... on AssessmentStarted {
                  assessment {
                    id
                    questionnaire
                    version
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...AuthorProblem
              }
            }

            fragment AuthorProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="StartByOneself", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return StartByOneself.model_validate(data)

    async def register_buyer(
        self, input: RegisterAccountInput, **kwargs: Any
    ) -> RegisterBuyer:
        query = gql("""
            mutation RegisterBuyer($input: RegisterAccountInput!) {
              registerAccount(input: $input) {
                __typename
                ... on AccountRegistered {
                  next
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...BuyerProblem
              }
            }

            fragment BuyerProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="RegisterBuyer", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return RegisterBuyer.model_validate(data)

    async def confirm_account(
        self, input: ConfirmAccountInput, **kwargs: Any
    ) -> ConfirmAccount:
        query = gql("""
            mutation ConfirmAccount($input: ConfirmAccountInput!) {
              confirmAccount(input: $input) {
                __typename
                ... on AccountConfirmed {
                  token
                  expiresAt
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...BuyerProblem
              }
            }

            fragment BuyerProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="ConfirmAccount", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ConfirmAccount.model_validate(data)

    async def found_organization(
        self, input: NewOrganizationInput, **kwargs: Any
    ) -> FoundOrganization:
        query = gql("""
            mutation FoundOrganization($input: NewOrganizationInput!) {
              foundOrganization(input: $input) {
                __typename
                ... on OrganizationFounded {
                  organization {
                    id
                    name
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...BuyerProblem
              }
            }

            fragment BuyerProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="FoundOrganization",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return FoundOrganization.model_validate(data)

    async def apply_for_role(
        self, input: ApplyForRoleInput, **kwargs: Any
    ) -> ApplyForRole:
        query = gql("""
            mutation ApplyForRole($input: ApplyForRoleInput!) {
              applyForRole(input: $input) {
                __typename
                ... on RoleApplied {
                  role {
                    role
                    status
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...BuyerProblem
              }
            }

            fragment BuyerProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="ApplyForRole", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ApplyForRole.model_validate(data)

    async def read_applications(self, **kwargs: Any) -> ReadApplications:
        query = gql("""
            query ReadApplications {
              roleApplications {
                organizationId
                organizationName
                role
                status
              }
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query,
            operation_name="ReadApplications",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return ReadApplications.model_validate(data)

    async def decide_role(self, input: DecideRoleInput, **kwargs: Any) -> DecideRole:
        query = gql("""
            mutation DecideRole($input: DecideRoleInput!) {
              decideRole(input: $input) {
                __typename
                ... on RoleDecided {
                  application {
                    role
                    status
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...BuyerProblem
              }
            }

            fragment BuyerProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="DecideRole", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return DecideRole.model_validate(data)

    async def sign_in(self, input: SignInInput, **kwargs: Any) -> SignIn:
        query = gql("""
            mutation SignIn($input: SignInInput!) {
              signIn(input: $input) {
                __typename
                ... on SignedIn {
                  token
                  organization {
                    id
                    name
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...BuyerProblem
              }
            }

            fragment BuyerProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="SignIn", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return SignIn.model_validate(data)

    async def create_supplier_list_upload(
        self, input: CreateSupplierListUploadInput, **kwargs: Any
    ) -> CreateSupplierListUpload:
        query = gql("""
            mutation CreateSupplierListUpload($input: CreateSupplierListUploadInput!) {
              createSupplierListUpload(input: $input) {
                __typename
                ... on SupplierListUploadCreated {
                  supplierList {
                    id
                    state
                  }
                  upload {
                    url
                    method
                    headers {
                      name
                      value
                    }
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...BuyerProblem
              }
            }

            fragment BuyerProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="CreateSupplierListUpload",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return CreateSupplierListUpload.model_validate(data)

    async def preview_supplier_list(
        self, input: PreviewSupplierListInput, **kwargs: Any
    ) -> PreviewSupplierList:
        query = gql("""
            mutation PreviewSupplierList($input: PreviewSupplierListInput!) {
              previewSupplierList(input: $input) {
                __typename
                ... on SupplierListPreviewed {
                  preview {
                    encoding
                    delimiter
                    headerLine
                    columns {
                      header
                      field
                      reason
                    }
                    summary {
                      rows
                      new
                      bad
                      withoutContact
                      countrySpellings {
                        spelling
                        country
                      }
                    }
                    problems {
                      line
                      column
                      value
                      code
                      reason
                      allowed
                    }
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...BuyerProblem
              }
            }

            fragment BuyerProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="PreviewSupplierList",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return PreviewSupplierList.model_validate(data)

    async def confirm_supplier_list(
        self, input: ConfirmSupplierListInput, **kwargs: Any
    ) -> ConfirmSupplierList:
        query = gql("""
            mutation ConfirmSupplierList($input: ConfirmSupplierListInput!) {
              confirmSupplierList(input: $input) {
                __typename
                ... on SupplierListConfirmed {
                  confirmedBefore
                  counts {
                    created
                    known
                    bad
                    repeats
                    contactsAdded
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...BuyerProblem
              }
            }

            fragment BuyerProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="ConfirmSupplierList",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return ConfirmSupplierList.model_validate(data)

    async def read_suppliers(
        self,
        sort: SupplierSort,
        first: int,
        filter_: Union[Optional[SupplierFilter], UnsetType] = UNSET,
        after: Union[Optional[str], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> ReadSuppliers:
        query = gql("""
            query ReadSuppliers($filter: SupplierFilter, $sort: SupplierSort!, $first: Int!, $after: String) {
              suppliers(filter: $filter, sort: $sort, first: $first, after: $after) {
                totalCount
                edges {
                  node {
                    id
                    name
                    country
                    state
                    band
                    total
                    requestState
                    dueOn
                  }
                }
                pageInfo {
                  hasNextPage
                  endCursor
                }
              }
            }
            """)
        variables: dict[str, object] = {
            "filter": filter_,
            "sort": sort,
            "first": first,
            "after": after,
        }
        response = await self.execute(
            query=query, operation_name="ReadSuppliers", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ReadSuppliers.model_validate(data)

    async def add_contact(
        self, input: AddSupplierContactInput, **kwargs: Any
    ) -> AddContact:
        query = gql("""
            mutation AddContact($input: AddSupplierContactInput!) {
              addSupplierContact(input: $input) {
                __typename
                ... on SupplierContactAdded {
                  contactId
                  supplier {
                    id
                    state
                    contacts {
                      email
                    }
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...BuyerProblem
              }
            }

            fragment BuyerProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="AddContact", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return AddContact.model_validate(data)

    async def invite_suppliers(
        self, input: InviteSuppliersInput, **kwargs: Any
    ) -> InviteSuppliers:
        query = gql("""
            mutation InviteSuppliers($input: InviteSuppliersInput!) {
              inviteSuppliers(input: $input) {
                __typename
                ... on SuppliersInvited {
                  invitedCount
                  lines {
                    email
                    problem {
                      code
                      message
                    }
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...BuyerProblem
              }
            }

            fragment BuyerProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="InviteSuppliers", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return InviteSuppliers.model_validate(data)

    async def create_requests(
        self, input: CreateRequestsInput, **kwargs: Any
    ) -> CreateRequests:
        query = gql("""
            mutation CreateRequests($input: CreateRequestsInput!) {
              createRequests(input: $input) {
                __typename
                ... on RequestsCreated {
                  createdCount
                  lines {
                    supplierId
                    requestId
                    problem {
                      code
                      message
                    }
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...BuyerProblem
              }
            }

            fragment BuyerProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="CreateRequests", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return CreateRequests.model_validate(data)

    async def preview_requests(
        self, input: CreateRequestsInput, **kwargs: Any
    ) -> PreviewRequests:
        query = gql("""
            query PreviewRequests($input: CreateRequestsInput!) {
              previewRequests(input: $input) {
                count
                overLimitCount
                lines {
                  supplierId
                  yearMinutes
                  minutes
                  limitMinutes
                  isOverLimit
                  problem {
                    code
                    message
                  }
                }
              }
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="PreviewRequests", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return PreviewRequests.model_validate(data)

    async def read_profile(self, supplier: str, **kwargs: Any) -> ReadProfile:
        query = gql("""
            query ReadProfile($supplier: ID!) {
              supplier(id: $supplier) {
                name
                country
                state
                organization {
                  name
                }
                latestResult {
                  id
                  tier
                  total
                  band
                  coverage
                  validUntil
                  sharedUntil
                  pillars {
                    key
                    title
                    score
                  }
                  sections {
                    key
                    title
                    answers {
                      question
                      values
                    }
                    declaredGaps {
                      question
                      plan
                      dueOn
                      owner
                      holdsUntil
                      state
                    }
                  }
                  evidence {
                    evidenceId
                    fileName
                    kind
                    sha256
                  }
                }
                history {
                  submittedAt
                  total
                  band
                }
                requests {
                  id
                  purpose
                  dueOn
                  state
                }
                contacts {
                  name
                  email
                }
              }
            }
            """)
        variables: dict[str, object] = {"supplier": supplier}
        response = await self.execute(
            query=query, operation_name="ReadProfile", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ReadProfile.model_validate(data)

    async def create_evidence_download(
        self, input: CreateEvidenceDownloadInput, **kwargs: Any
    ) -> CreateEvidenceDownload:
        query = gql("""
            mutation CreateEvidenceDownload($input: CreateEvidenceDownloadInput!) {
              createEvidenceDownload(input: $input) {
                __typename
                ... on EvidenceDownloadCreated {
                  url
                  expiresAt
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...BuyerProblem
              }
            }

            fragment BuyerProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="CreateEvidenceDownload",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return CreateEvidenceDownload.model_validate(data)

    async def preview_campaign(
        self, input: PreviewCampaignInput, **kwargs: Any
    ) -> PreviewCampaign:
        query = gql("""
            query PreviewCampaign($input: PreviewCampaignInput!) {
              campaignPreview(input: $input) {
                supplierCount
                outcomes {
                  outcome
                  count
                }
                states {
                  state
                  count
                }
              }
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="PreviewCampaign", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return PreviewCampaign.model_validate(data)

    async def create_campaign(
        self, input: CreateCampaignInput, **kwargs: Any
    ) -> CreateCampaign:
        query = gql("""
            mutation CreateCampaign($input: CreateCampaignInput!) {
              createCampaign(input: $input) {
                __typename
                ... on CampaignCreated {
                  campaign {
                    id
                    state
                    supplierCount
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...BuyerProblem
              }
            }

            fragment BuyerProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="CreateCampaign", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return CreateCampaign.model_validate(data)

    async def read_campaign(self, id: str, **kwargs: Any) -> ReadCampaign:
        query = gql("""
            query ReadCampaign($id: ID!) {
              node(id: $id) {
                __typename
                ... on Campaign {
                  state
                  waitingCount
                  linkedCount
                  overdueCount
                  dueOn
                  outcomes {
                    outcome
                    count
                  }
                  states {
                    state
                    count
                  }
                  progress {
                    day
                    state
                    count
                  }
                  acts {
                    kind
                    changedCount
                    doneAt
                  }
                }
              }
            }
            """)
        variables: dict[str, object] = {"id": id}
        response = await self.execute(
            query=query, operation_name="ReadCampaign", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ReadCampaign.model_validate(data)

    async def read_campaign_suppliers(
        self, campaign: str, **kwargs: Any
    ) -> ReadCampaignSuppliers:
        query = gql("""
            query ReadCampaignSuppliers($campaign: ID!) {
              campaignSuppliers(campaignId: $campaign) {
                nodes {
                  supplierId
                  supplierName
                  outcome
                }
              }
            }
            """)
        variables: dict[str, object] = {"campaign": campaign}
        response = await self.execute(
            query=query,
            operation_name="ReadCampaignSuppliers",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return ReadCampaignSuppliers.model_validate(data)

    async def extend_campaign(
        self, input: ExtendCampaignInput, **kwargs: Any
    ) -> ExtendCampaign:
        query = gql("""
            mutation ExtendCampaign($input: ExtendCampaignInput!) {
              extendCampaign(input: $input) {
                __typename
                ... on CampaignChanged {
                  campaign {
                    id
                    dueOn
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...BuyerProblem
              }
            }

            fragment BuyerProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="ExtendCampaign", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ExtendCampaign.model_validate(data)

    async def withdraw_campaign(
        self, input: WithdrawCampaignInput, **kwargs: Any
    ) -> WithdrawCampaign:
        query = gql("""
            mutation WithdrawCampaign($input: WithdrawCampaignInput!) {
              withdrawCampaign(input: $input) {
                __typename
                ... on CampaignChanged {
                  campaign {
                    id
                    state
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...BuyerProblem
              }
            }

            fragment BuyerProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="WithdrawCampaign",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return WithdrawCampaign.model_validate(data)

    async def read_owed_feedback(self, **kwargs: Any) -> ReadOwedFeedback:
        query = gql("""
            query ReadOwedFeedback {
              owedFeedback {
                totalCount
                nodes {
                  resultId
                  supplierName
                  dueAt
                }
              }
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query,
            operation_name="ReadOwedFeedback",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return ReadOwedFeedback.model_validate(data)

    async def give_feedback(
        self, input: GiveFeedbackInput, **kwargs: Any
    ) -> GiveFeedback:
        query = gql("""
            mutation GiveFeedback($input: GiveFeedbackInput!) {
              giveFeedback(input: $input) {
                __typename
                ... on FeedbackGiven {
                  feedback {
                    state
                    text
                    isOwed
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...BuyerProblem
              }
            }

            fragment BuyerProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="GiveFeedback", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return GiveFeedback.model_validate(data)

    async def read_for_review(self, supplier: str, **kwargs: Any) -> ReadForReview:
        query = gql("""
            query ReadForReview($supplier: ID!) {
              supplier(id: $supplier) {
                latestResult {
                  id
                  assurance {
                    declared
                    documented
                    verified
                    contradicted
                    conflicts
                  }
                  sections {
                    key
                    answers {
                      question
                      values
                    }
                    standings {
                      question
                      standing
                      inConflict
                    }
                    findings {
                      question
                      level
                      basis
                      notShown
                      beyond
                      isSuperseded
                      disputes {
                        id
                        state
                        reason
                      }
                    }
                  }
                  evidence {
                    evidenceId
                    question
                    validUntil
                  }
                }
              }
            }
            """)
        variables: dict[str, object] = {"supplier": supplier}
        response = await self.execute(
            query=query, operation_name="ReadForReview", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ReadForReview.model_validate(data)

    async def make_statement(
        self, input: MakeStatementInput, **kwargs: Any
    ) -> MakeStatement:
        query = gql("""
            mutation MakeStatement($input: MakeStatementInput!) {
              makeStatement(input: $input) {
                __typename
                ... on StatementMade {
                  statement {
                    id
                    asOf
                    findings {
                      question
                      level
                    }
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...BuyerProblem
              }
            }

            fragment BuyerProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="MakeStatement", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return MakeStatement.model_validate(data)

    async def ask_clarification(
        self, input: AskClarificationInput, **kwargs: Any
    ) -> AskClarification:
        query = gql("""
            mutation AskClarification($input: AskClarificationInput!) {
              askClarification(input: $input) {
                __typename
                ... on ClarificationAsked {
                  clarification {
                    id
                    round
                    state
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...BuyerProblem
              }
            }

            fragment BuyerProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="AskClarification",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return AskClarification.model_validate(data)

    async def read_replies(self, **kwargs: Any) -> ReadReplies:
        query = gql("""
            query ReadReplies {
              askedClarifications(first: 10) {
                nodes {
                  id
                  round
                  state
                  reply
                  replyResultId
                  items {
                    question
                    text
                    reply
                  }
                }
              }
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query, operation_name="ReadReplies", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ReadReplies.model_validate(data)

    async def request_access(
        self, input: RequestAccessInput, **kwargs: Any
    ) -> RequestAccess:
        query = gql("""
            mutation RequestAccess($input: RequestAccessInput!) {
              requestAccess(input: $input) {
                __typename
                ... on AccessRequested {
                  joined
                  request {
                    id
                    state
                    sections
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...BuyerProblem
              }
            }

            fragment BuyerProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="RequestAccess", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return RequestAccess.model_validate(data)

    async def withdraw_access_request(
        self, input: WithdrawAccessRequestInput, **kwargs: Any
    ) -> WithdrawAccessRequest:
        query = gql("""
            mutation WithdrawAccessRequest($input: WithdrawAccessRequestInput!) {
              withdrawAccessRequest(input: $input) {
                __typename
                ... on AccessRequestWithdrawn {
                  request {
                    state
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...BuyerProblem
              }
            }

            fragment BuyerProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="WithdrawAccessRequest",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return WithdrawAccessRequest.model_validate(data)

    async def read_access_requests(self, **kwargs: Any) -> ReadAccessRequests:
        query = gql("""
            query ReadAccessRequests {
              accessRequests {
                edges {
                  node {
                    id
                    supplierName
                    questionnaire
                    state
                    grantedSections
                    grantedEvidence
                    reason
                    offer
                    offerText
                    offerFrom
                    isReadable
                    resultId
                  }
                }
              }
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query,
            operation_name="ReadAccessRequests",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return ReadAccessRequests.model_validate(data)

    async def register_partner(
        self, input: RegisterAccountInput, **kwargs: Any
    ) -> RegisterPartner:
        query = gql("""
            mutation RegisterPartner($input: RegisterAccountInput!) {
              registerAccount(input: $input) {
                __typename
                ... on AccountRegistered {
                  next
                }
                ...PartnerProblem
              }
            }

            fragment PartnerProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="RegisterPartner", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return RegisterPartner.model_validate(data)

    async def confirm_partner(
        self, input: ConfirmAccountInput, **kwargs: Any
    ) -> ConfirmPartner:
        query = gql("""
            mutation ConfirmPartner($input: ConfirmAccountInput!) {
              confirmAccount(input: $input) {
                __typename
                ... on AccountConfirmed {
                  token
                }
                ...PartnerProblem
              }
            }

            fragment PartnerProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="ConfirmPartner", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ConfirmPartner.model_validate(data)

    async def found_partner(
        self, input: NewOrganizationInput, **kwargs: Any
    ) -> FoundPartner:
        query = gql("""
            mutation FoundPartner($input: NewOrganizationInput!) {
              foundOrganization(input: $input) {
                __typename
                ... on OrganizationFounded {
                  organization {
                    id
                  }
                }
                ...PartnerProblem
              }
            }

            fragment PartnerProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="FoundPartner", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return FoundPartner.model_validate(data)

    async def apply_as_partner(
        self, input: ApplyForRoleInput, **kwargs: Any
    ) -> ApplyAsPartner:
        query = gql("""
            mutation ApplyAsPartner($input: ApplyForRoleInput!) {
              applyForRole(input: $input) {
                __typename
                ... on RoleApplied {
                  role {
                    status
                  }
                }
                ...PartnerProblem
              }
            }

            fragment PartnerProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="ApplyAsPartner", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ApplyAsPartner.model_validate(data)

    async def read_terms(self, **kwargs: Any) -> ReadTerms:
        query = gql("""
            query ReadTerms {
              partnerTerms {
                version
                text
              }
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query, operation_name="ReadTerms", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ReadTerms.model_validate(data)

    async def accept_terms(
        self, input: AcceptPartnerTermsInput, **kwargs: Any
    ) -> AcceptTerms:
        query = gql("""
            mutation AcceptTerms($input: AcceptPartnerTermsInput!) {
              acceptPartnerTerms(input: $input) {
                __typename
                ... on PartnerTermsAccepted {
                  version
                  acceptedAt
                }
                ...PartnerProblem
              }
            }

            fragment PartnerProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="AcceptTerms", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return AcceptTerms.model_validate(data)

    async def create_key(self, input: CreateApiKeyInput, **kwargs: Any) -> CreateKey:
        query = gql("""
            mutation CreateKey($input: CreateApiKeyInput!) {
              createApiKey(input: $input) {
                __typename
                ... on ApiKeyCreated {
                  secret
                  apiKey {
                    id
                    scopes
                  }
                }
                ...PartnerProblem
              }
            }

            fragment PartnerProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="CreateKey", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return CreateKey.model_validate(data)

    async def read_releases(self, **kwargs: Any) -> ReadReleases:
        query = gql("""
            query ReadReleases {
              benchmarkReleases {
                number
                periodStart
                periodEnd
                fewestForMean
              }
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query, operation_name="ReadReleases", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ReadReleases.model_validate(data)

    async def read_cells(
        self,
        release: int,
        first: int,
        after: Union[Optional[str], UnsetType] = UNSET,
        filter_: Union[Optional[BenchmarkCellFilter], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> ReadCells:
        query = gql("""
            query ReadCells($release: Int!, $first: Int!, $after: String, $filter: BenchmarkCellFilter) {
              benchmarkCells(release: $release, first: $first, after: $after, filter: $filter) {
                edges {
                  node {
                    ...CellFigures
                  }
                }
                pageInfo {
                  hasNextPage
                  endCursor
                }
              }
            }

            fragment CellFigures on BenchmarkCell {
              measure
              status
              countBand
              mean
              p25
              p50
              p75
              cohort {
                tier
                sector
                region
                size
              }
            }
            """)
        variables: dict[str, object] = {
            "release": release,
            "first": first,
            "after": after,
            "filter": filter_,
        }
        response = await self.execute(
            query=query, operation_name="ReadCells", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ReadCells.model_validate(data)

    async def read_cell(
        self,
        questionnaire: str,
        tier: QuestionnaireTier,
        sector: Union[Optional[str], UnsetType] = UNSET,
        region: Union[Optional[BenchmarkRegion], UnsetType] = UNSET,
        size: Union[Optional[OrganizationSize], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> ReadCell:
        query = gql("""
            query ReadCell($questionnaire: String!, $tier: QuestionnaireTier!, $sector: String, $region: BenchmarkRegion, $size: OrganizationSize) {
              benchmark(
                questionnaire: $questionnaire
                tier: $tier
                sector: $sector
                region: $region
                size: $size
              ) {
                release {
                  number
                }
                cell {
                  ...CellFigures
                }
                foldedTo {
                  sector
                  region
                }
              }
            }

            fragment CellFigures on BenchmarkCell {
              measure
              status
              countBand
              mean
              p25
              p50
              p75
              cohort {
                tier
                sector
                region
                size
              }
            }
            """)
        variables: dict[str, object] = {
            "questionnaire": questionnaire,
            "tier": tier,
            "sector": sector,
            "region": region,
            "size": size,
        }
        response = await self.execute(
            query=query, operation_name="ReadCell", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ReadCell.model_validate(data)

    async def revoke_key(self, input: RevokeApiKeyInput, **kwargs: Any) -> RevokeKey:
        query = gql("""
            mutation RevokeKey($input: RevokeApiKeyInput!) {
              revokeApiKey(input: $input) {
                __typename
                ... on ApiKeyRevoked {
                  apiKey {
                    revokedAt
                  }
                }
                ...PartnerProblem
              }
            }

            fragment PartnerProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="RevokeKey", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return RevokeKey.model_validate(data)

    async def read_invitation(self, token: str, **kwargs: Any) -> ReadInvitation:
        query = gql("""
            query ReadInvitation($token: String!) {
              invitation(token: $token) {
                kind
                organizationName
                recordName
                recordCountry
                email
                expiresAt
                requests
              }
            }
            """)
        variables: dict[str, object] = {"token": token}
        response = await self.execute(
            query=query, operation_name="ReadInvitation", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ReadInvitation.model_validate(data)

    async def register_supplier(
        self, input: RegisterAccountInput, **kwargs: Any
    ) -> RegisterSupplier:
        query = gql("""
            mutation RegisterSupplier($input: RegisterAccountInput!) {
              registerAccount(input: $input) {
                __typename
                ... on AccountRegistered {
                  next
                  token
                  expiresAt
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...SupplierProblem
              }
            }

            fragment SupplierProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="RegisterSupplier",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return RegisterSupplier.model_validate(data)

    async def accept_invitation(
        self, input: AcceptSupplierInvitationInput, **kwargs: Any
    ) -> AcceptInvitation:
        query = gql("""
            mutation AcceptInvitation($input: AcceptSupplierInvitationInput!) {
              acceptSupplierInvitation(input: $input) {
                __typename
                ... on SupplierInvitationAccepted {
                  organization {
                    id
                    name
                    country
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...SupplierProblem
              }
            }

            fragment SupplierProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="AcceptInvitation",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return AcceptInvitation.model_validate(data)

    async def read_received_requests(self, **kwargs: Any) -> ReadReceivedRequests:
        query = gql("""
            query ReadReceivedRequests {
              receivedRequests(state: OPEN) {
                edges {
                  node {
                    id
                    buyerName
                    questionnaire
                    minimumTier
                    periodStart
                    periodEnd
                    purpose
                    dueOn
                    minutes
                    state
                  }
                }
              }
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query,
            operation_name="ReadReceivedRequests",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return ReadReceivedRequests.model_validate(data)

    async def accept_request(
        self, input: AcceptRequestInput, **kwargs: Any
    ) -> AcceptRequest:
        query = gql("""
            mutation AcceptRequest($input: AcceptRequestInput!) {
              acceptRequest(input: $input) {
                __typename
                ... on RequestAccepted {
                  outcome
                  request {
                    state
                  }
                  assessment {
                    id
                    questionnaire
                    version
                    tier
                    changeNumber
                    progress {
                      asked
                      answered
                      missingCount
                      minutesLeft
                    }
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...SupplierProblem
              }
            }

            fragment SupplierProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="AcceptRequest", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return AcceptRequest.model_validate(data)

    async def read_questionnaire(
        self, questionnaire: str, tier: QuestionnaireTier, **kwargs: Any
    ) -> ReadQuestionnaire:
        query = gql("""
            query ReadQuestionnaire($questionnaire: String!, $tier: QuestionnaireTier!) {
              questionnaireVersion(questionnaire: $questionnaire) {
                title
                version
                contentHash
                documentPath
                sections(tier: $tier) {
                  key
                  title
                  pillar
                  questions {
                    key
                    type
                    title
                    help
                    required
                    unit
                    minutes
                    options {
                      key
                      title
                      exclusive
                    }
                    enableWhen {
                      match
                      clauses {
                        question
                        op
                        values
                      }
                    }
                    evidence {
                      accept
                      requiredFrom
                      hint
                    }
                  }
                }
              }
            }
            """)
        variables: dict[str, object] = {"questionnaire": questionnaire, "tier": tier}
        response = await self.execute(
            query=query,
            operation_name="ReadQuestionnaire",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return ReadQuestionnaire.model_validate(data)

    async def save_answers(self, input: SaveAnswersInput, **kwargs: Any) -> SaveAnswers:
        query = gql("""
            mutation SaveAnswers($input: SaveAnswersInput!) {
              saveAnswers(input: $input) {
                __typename
                ... on AnswersSaved {
                  changeNumber
                  results {
                    writeId
                    status
                    revision
                    problem {
                      code
                      message
                    }
                    current {
                      question
                      revision
                      content {
                        ...SavedContent
                      }
                    }
                    yours {
                      ...SavedContent
                    }
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ... on DraftDiscarded {
                  discard {
                    discardedAt
                    discardedBy {
                      name
                    }
                    newestId
                  }
                  results {
                    writeId
                    yours {
                      ...SavedContent
                    }
                  }
                }
                ...SupplierProblem
              }
            }

            fragment SavedContent on AnswerContent {
              state
              deleted
              value {
                boolean
                choice
                choices
                number
                date
                text
              }
            }

            fragment SupplierProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="SaveAnswers", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return SaveAnswers.model_validate(data)

    async def read_progress(
        self, assessment: str, changed_after: int, **kwargs: Any
    ) -> ReadProgress:
        query = gql("""
            query ReadProgress($assessment: ID!, $changedAfter: Int!) {
              assessment(id: $assessment) {
                state
                changeNumber
                progress {
                  asked
                  answered
                  required
                  missingCount
                  minutesLeft
                }
                sectionProgress {
                  section
                  asked
                  answered
                }
                problems {
                  question
                  code
                  message
                }
                answers(changedAfter: $changedAfter) {
                  changeNumber
                  hasMore
                  answers {
                    question
                    rowId
                    revision
                    content {
                      ...SavedContent
                    }
                  }
                }
              }
            }

            fragment SavedContent on AnswerContent {
              state
              deleted
              value {
                boolean
                choice
                choices
                number
                date
                text
              }
            }
            """)
        variables: dict[str, object] = {
            "assessment": assessment,
            "changedAfter": changed_after,
        }
        response = await self.execute(
            query=query, operation_name="ReadProgress", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ReadProgress.model_validate(data)

    async def create_evidence_upload(
        self, input: CreateEvidenceUploadInput, **kwargs: Any
    ) -> CreateEvidenceUpload:
        query = gql("""
            mutation CreateEvidenceUpload($input: CreateEvidenceUploadInput!) {
              createEvidenceUpload(input: $input) {
                __typename
                ... on EvidenceUploadCreated {
                  evidence {
                    id
                    state
                  }
                  upload {
                    url
                    method
                    headers {
                      name
                      value
                    }
                    maxBytes
                    expiresAt
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...SupplierProblem
              }
            }

            fragment SupplierProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="CreateEvidenceUpload",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return CreateEvidenceUpload.model_validate(data)

    async def read_evidence(self, id: str, **kwargs: Any) -> ReadEvidence:
        query = gql("""
            query ReadEvidence($id: ID!) {
              node(id: $id) {
                __typename
                ... on Evidence {
                  state
                  refusalReason
                  mediaType
                  size
                  sha256
                  attachments {
                    question
                  }
                }
              }
            }
            """)
        variables: dict[str, object] = {"id": id}
        response = await self.execute(
            query=query, operation_name="ReadEvidence", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ReadEvidence.model_validate(data)

    async def attach_evidence(
        self, input: AttachEvidenceInput, **kwargs: Any
    ) -> AttachEvidence:
        query = gql("""
            mutation AttachEvidence($input: AttachEvidenceInput!) {
              attachEvidence(input: $input) {
                __typename
                ... on EvidenceAttached {
                  evidence {
                    id
                    attachments {
                      assessmentId
                      question
                    }
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...SupplierProblem
              }
            }

            fragment SupplierProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="AttachEvidence", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return AttachEvidence.model_validate(data)

    async def preview_score(self, assessment: str, **kwargs: Any) -> PreviewScore:
        query = gql("""
            query PreviewScore($assessment: ID!) {
              scorePreview(assessmentId: $assessment, measures: 3) {
                changeNumber
                tier
                total
                band
                bandReason
                coverage
                restsOn
                pillars {
                  key
                  score
                  state
                }
                lines {
                  question
                  status
                  points
                  share
                }
                advice {
                  question
                  gain
                  action
                }
                problems {
                  question
                  code
                  message
                }
              }
            }
            """)
        variables: dict[str, object] = {"assessment": assessment}
        response = await self.execute(
            query=query, operation_name="PreviewScore", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return PreviewScore.model_validate(data)

    async def submit_assessment(
        self, input: SubmitAssessmentInput, **kwargs: Any
    ) -> SubmitAssessment:
        query = gql("""
            mutation SubmitAssessment($input: SubmitAssessmentInput!) {
              submitAssessment(input: $input) {
                __typename
                ... on AssessmentSubmitted {
                  assessment {
                    state
                  }
                  submission {
                    id
                    rootHash
                    exportPath
                    result {
                      tier
                      total
                      band
                      coverage
                      validUntil
                      isValid
                      pillars {
                        key
                        score
                      }
                    }
                  }
                }
                ... on InvalidAnswers {
                  problems {
                    question
                    code
                    message
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...SupplierProblem
              }
            }

            fragment SupplierProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="SubmitAssessment",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return SubmitAssessment.model_validate(data)

    async def preview_share(
        self, input: PreviewShareInput, **kwargs: Any
    ) -> PreviewShare:
        query = gql("""
            mutation PreviewShare($input: PreviewShareInput!) {
              previewShare(input: $input) {
                __typename
                ... on SharePreviewed {
                  share {
                    sections
                    shows {
                      total
                      band
                      sections {
                        key
                        answers {
                          question
                          values
                        }
                      }
                      evidence {
                        fileName
                      }
                    }
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...SupplierProblem
              }
            }

            fragment SupplierProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="PreviewShare", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return PreviewShare.model_validate(data)

    async def share_result(self, input: ShareResultInput, **kwargs: Any) -> ShareResult:
        query = gql("""
            mutation ShareResult($input: ShareResultInput!) {
              shareResult(input: $input) {
                __typename
                ... on ResultShared {
                  fulfilledRequestIds
                  share {
                    id
                    state
                    mode
                    sections
                    includeEvidence
                    until
                    buyer {
                      name
                    }
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...SupplierProblem
              }
            }

            fragment SupplierProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="ShareResult", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ShareResult.model_validate(data)

    async def read_receipts(self, **kwargs: Any) -> ReadReceipts:
        query = gql("""
            query ReadReceipts {
              readReceipts {
                edges {
                  node {
                    reader {
                      name
                    }
                    readerRole
                    kind
                    purpose
                    submissionId
                    readAt
                  }
                }
              }
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query, operation_name="ReadReceipts", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ReadReceipts.model_validate(data)

    async def revoke_share(self, input: RevokeShareInput, **kwargs: Any) -> RevokeShare:
        query = gql("""
            mutation RevokeShare($input: RevokeShareInput!) {
              revokeShare(input: $input) {
                __typename
                ... on ShareRevoked {
                  share {
                    state
                    revokedAt
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...SupplierProblem
              }
            }

            fragment SupplierProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="RevokeShare", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return RevokeShare.model_validate(data)

    async def read_clarifications(self, **kwargs: Any) -> ReadClarifications:
        query = gql("""
            query ReadClarifications {
              clarifications(state: OPEN) {
                nodes {
                  id
                  asker {
                    name
                  }
                  round
                  message
                  dueOn
                  items {
                    section
                    question
                    rowId
                    text
                  }
                }
              }
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query,
            operation_name="ReadClarifications",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return ReadClarifications.model_validate(data)

    async def revise_for_clarification(
        self, input: ReviseForClarificationInput, **kwargs: Any
    ) -> ReviseForClarification:
        query = gql("""
            mutation ReviseForClarification($input: ReviseForClarificationInput!) {
              reviseForClarification(input: $input) {
                __typename
                ... on ClarificationReopened {
                  assessment {
                    id
                    revision
                    changeNumber
                    reopened
                  }
                }
                ...SupplierProblem
              }
            }

            fragment SupplierProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="ReviseForClarification",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return ReviseForClarification.model_validate(data)

    async def discard_assessment(
        self, input: DiscardAssessmentInput, **kwargs: Any
    ) -> DiscardAssessment:
        query = gql("""
            mutation DiscardAssessment($input: DiscardAssessmentInput!) {
              discardAssessment(input: $input) {
                __typename
                ...SupplierProblem
              }
            }

            fragment SupplierProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="DiscardAssessment",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return DiscardAssessment.model_validate(data)

    async def reply_to_clarification(
        self, input: ReplyToClarificationInput, **kwargs: Any
    ) -> ReplyToClarification:
        query = gql("""
            mutation ReplyToClarification($input: ReplyToClarificationInput!) {
              replyToClarification(input: $input) {
                __typename
                ... on ClarificationReplied {
                  clarification {
                    id
                    state
                  }
                }
                ...SupplierProblem
              }
            }

            fragment SupplierProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="ReplyToClarification",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return ReplyToClarification.model_validate(data)

    async def read_review(self, submission: str, **kwargs: Any) -> ReadReview:
        query = gql("""
            query ReadReview($submission: ID!) {
              node(id: $submission) {
                __typename
                ... on Submission {
                  review {
                    assurance {
                      declared
                      documented
                      verified
                      contradicted
                    }
                    statements {
                      id
                      reviewer {
                        name
                      }
                      findings {
                        question
                        level
                        basis
                        notShown
                        beyond
                      }
                    }
                  }
                }
              }
            }
            """)
        variables: dict[str, object] = {"submission": submission}
        response = await self.execute(
            query=query, operation_name="ReadReview", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ReadReview.model_validate(data)

    async def open_dispute(self, input: OpenDisputeInput, **kwargs: Any) -> OpenDispute:
        query = gql("""
            mutation OpenDispute($input: OpenDisputeInput!) {
              openDispute(input: $input) {
                __typename
                ... on DisputeOpened {
                  dispute {
                    id
                    state
                  }
                }
                ...SupplierProblem
              }
            }

            fragment SupplierProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="OpenDispute", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return OpenDispute.model_validate(data)

    async def follow_assessment(
        self, assessment: str, **kwargs: Any
    ) -> AsyncIterator[FollowAssessment]:
        query = gql("""
            subscription FollowAssessment($assessment: ID!) {
              assessmentChanged(id: $assessment) {
                id
                changeNumber
                state
              }
            }
            """)
        variables: dict[str, object] = {"assessment": assessment}
        async for data in self.execute_ws(
            query=query,
            operation_name="FollowAssessment",
            variables=variables,
            **kwargs,
        ):
            yield FollowAssessment.model_validate(data)

    async def add_site(self, input: AddSiteInput, **kwargs: Any) -> AddSite:
        query = gql("""
            mutation AddSite($input: AddSiteInput!) {
              addSite(input: $input) {
                __typename
                ... on SiteAdded {
                  site {
                    id
                    name
                  }
                }
                ...SupplierProblem
              }
            }

            fragment SupplierProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="AddSite", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return AddSite.model_validate(data)

    async def start_assessment(
        self, input: StartAssessmentInput, **kwargs: Any
    ) -> StartAssessment:
        query = gql("""
            mutation StartAssessment($input: StartAssessmentInput!) {
              startAssessment(input: $input) {
                __typename
                ... on AssessmentStarted {
                  assessment {
                    id
                    siteId
                  }
                }
                ...SupplierProblem
              }
            }

            fragment SupplierProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="StartAssessment", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return StartAssessment.model_validate(data)

    async def push_answers(self, input: PushAnswersInput, **kwargs: Any) -> PushAnswers:
        query = gql("""
            mutation PushAnswers($input: PushAnswersInput!) {
              pushAnswers(input: $input) {
                __typename
                ... on AnswersPushed {
                  sites {
                    siteId
                    state
                    assessmentId
                    results {
                      question
                      status
                      revision
                      content {
                        ...SavedContent
                      }
                      was {
                        content {
                          ...SavedContent
                        }
                      }
                    }
                  }
                  notPushed {
                    siteId
                    question
                    reason
                  }
                }
                ...SupplierProblem
              }
            }

            fragment SavedContent on AnswerContent {
              state
              deleted
              value {
                boolean
                choice
                choices
                number
                date
                text
              }
            }

            fragment SupplierProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="PushAnswers", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return PushAnswers.model_validate(data)

    async def read_pushed_answers(
        self, assessment: str, **kwargs: Any
    ) -> ReadPushedAnswers:
        query = gql("""
            query ReadPushedAnswers($assessment: ID!) {
              assessment(id: $assessment) {
                pushedAnswers {
                  answers {
                    siteId
                    question
                    mode
                    note
                    pushedBy {
                      name
                    }
                    pushedAt
                    isOutdated
                    provenance
                  }
                  hasMore
                }
              }
            }
            """)
        variables: dict[str, object] = {"assessment": assessment}
        response = await self.execute(
            query=query,
            operation_name="ReadPushedAnswers",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return ReadPushedAnswers.model_validate(data)

    async def read_site_results(
        self, questionnaire: str, **kwargs: Any
    ) -> ReadSiteResults:
        query = gql("""
            query ReadSiteResults($questionnaire: String!) {
              siteResults(questionnaire: $questionnaire) {
                comparedCount
                notComparedCount
                median
                worst {
                  name
                  total
                }
                sites {
                  siteId
                  name
                  total
                  band
                  comparison
                }
              }
            }
            """)
        variables: dict[str, object] = {"questionnaire": questionnaire}
        response = await self.execute(
            query=query, operation_name="ReadSiteResults", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ReadSiteResults.model_validate(data)

    async def read_received_access(self, **kwargs: Any) -> ReadReceivedAccess:
        query = gql("""
            query ReadReceivedAccess {
              receivedAccessRequests(state: OPEN) {
                edges {
                  node {
                    id
                    buyer {
                      name
                    }
                    questionnaire
                    sections
                    includeEvidence
                    until
                    purpose
                    message
                    submission {
                      id
                    }
                  }
                }
              }
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query,
            operation_name="ReadReceivedAccess",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return ReadReceivedAccess.model_validate(data)

    async def preview_access(
        self, input: PreviewAccessInput, **kwargs: Any
    ) -> PreviewAccess:
        query = gql("""
            mutation PreviewAccess($input: PreviewAccessInput!) {
              previewAccess(input: $input) {
                __typename
                ... on SharePreviewed {
                  shows {
                    total
                    sections {
                      key
                      answers {
                        question
                        values
                      }
                    }
                    evidence {
                      fileName
                    }
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...SupplierProblem
              }
            }

            fragment SupplierProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="PreviewAccess", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return PreviewAccess.model_validate(data)

    async def grant_access(self, input: GrantAccessInput, **kwargs: Any) -> GrantAccess:
        query = gql("""
            mutation GrantAccess($input: GrantAccessInput!) {
              grantAccess(input: $input) {
                __typename
                ... on AccessGranted {
                  request {
                    state
                    grantedSections
                    grantedEvidence
                  }
                  share {
                    id
                    state
                    until
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...SupplierProblem
              }
            }

            fragment SupplierProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="GrantAccess", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return GrantAccess.model_validate(data)

    async def refuse_access(
        self, input: RefuseAccessInput, **kwargs: Any
    ) -> RefuseAccess:
        query = gql("""
            mutation RefuseAccess($input: RefuseAccessInput!) {
              refuseAccess(input: $input) {
                __typename
                ... on AccessRefused {
                  request {
                    state
                    reason
                    offer
                    offerText
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...SupplierProblem
              }
            }

            fragment SupplierProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="RefuseAccess", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return RefuseAccess.model_validate(data)

    async def state_standing_rule(
        self, input: StandingRuleInput, **kwargs: Any
    ) -> StateStandingRule:
        query = gql("""
            query StateStandingRule($input: StandingRuleInput!) {
              standingRuleStatement(input: $input) {
                statement
                agreement
              }
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="StateStandingRule",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return StateStandingRule.model_validate(data)

    async def read_linked_buyers(self, **kwargs: Any) -> ReadLinkedBuyers:
        query = gql("""
            query ReadLinkedBuyers {
              linkedBuyers {
                id
                name
                isActive
              }
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query,
            operation_name="ReadLinkedBuyers",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return ReadLinkedBuyers.model_validate(data)

    async def make_standing_rule(
        self, input: MakeStandingRuleInput, **kwargs: Any
    ) -> MakeStandingRule:
        query = gql("""
            mutation MakeStandingRule($input: MakeStandingRuleInput!) {
              makeStandingRule(input: $input) {
                __typename
                ... on StandingRuleMade {
                  shareId
                  rule {
                    id
                    state
                    statement
                    until
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...SupplierProblem
              }
            }

            fragment SupplierProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query,
            operation_name="MakeStandingRule",
            variables=variables,
            **kwargs,
        )
        data = self.get_data(response)
        return MakeStandingRule.model_validate(data)

    async def end_standing_rule(
        self, input: EndStandingRuleInput, **kwargs: Any
    ) -> EndStandingRule:
        query = gql("""
            mutation EndStandingRule($input: EndStandingRuleInput!) {
              endStandingRule(input: $input) {
                __typename
                ... on StandingRuleEnded {
                  rule {
                    state
                    useCount
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...SupplierProblem
              }
            }

            fragment SupplierProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="EndStandingRule", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return EndStandingRule.model_validate(data)

    async def end_access(self, input: EndAccessInput, **kwargs: Any) -> EndAccess:
        query = gql("""
            mutation EndAccess($input: EndAccessInput!) {
              endAccess(input: $input) {
                __typename
                ... on AccessEnded {
                  endedCount
                  endedRuleCount
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...SupplierProblem
              }
            }

            fragment SupplierProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="EndAccess", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return EndAccess.model_validate(data)

    async def read_load(self, **kwargs: Any) -> ReadLoad:
        query = gql("""
            query ReadLoad {
              requestLoad {
                year {
                  requests
                  responses
                  questions
                  minutes
                }
                now {
                  requests
                  minutes
                }
                buyers {
                  buyerName
                  year {
                    requests
                    minutes
                  }
                }
                limitMinutes
                optionalCount
              }
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query, operation_name="ReadLoad", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ReadLoad.model_validate(data)

    async def read_burden(self, **kwargs: Any) -> ReadBurden:
        query = gql("""
            query ReadBurden {
              receivedRequests(state: OPEN) {
                nodes {
                  id
                  isOptional
                  burden {
                    questions
                    known
                    toConfirm
                    reusable
                    new
                    minutes
                    documentsNeeded
                    documentsAtHand
                    renewsId
                  }
                }
              }
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query, operation_name="ReadBurden", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ReadBurden.model_validate(data)

    async def read_colleagues(self, **kwargs: Any) -> ReadColleagues:
        query = gql("""
            query ReadColleagues {
              members(first: 10) {
                edges {
                  node {
                    id
                    name
                  }
                }
              }
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query, operation_name="ReadColleagues", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ReadColleagues.model_validate(data)

    async def declare_gap(self, input: SaveAnswersInput, **kwargs: Any) -> DeclareGap:
        query = gql("""
            mutation DeclareGap($input: SaveAnswersInput!) {
              saveAnswers(input: $input) {
                __typename
                ... on AnswersSaved {
                  changeNumber
                  results {
                    status
                    revision
                    problem {
                      code
                      message
                    }
                    warning {
                      code
                      message
                    }
                    current {
                      content {
                        plan {
                          text
                          dueOn
                          ownerId
                          since
                          submittedDueOn
                          isExtended
                        }
                      }
                    }
                  }
                }
                ... on InvalidInput {
                  problems {
                    path
                    code
                    message
                  }
                }
                ...SupplierProblem
              }
            }

            fragment SupplierProblem on Problem {
              code
              message
              path
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="DeclareGap", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return DeclareGap.model_validate(data)

    async def read_gaps(self, assessment: str, **kwargs: Any) -> ReadGaps:
        query = gql("""
            query ReadGaps($assessment: ID!) {
              scorePreview(assessmentId: $assessment) {
                total
                gaps {
                  question
                  points
                  best
                  isCritical
                  state
                  holdsUntil
                  plan {
                    text
                    dueOn
                  }
                }
              }
            }
            """)
        variables: dict[str, object] = {"assessment": assessment}
        response = await self.execute(
            query=query, operation_name="ReadGaps", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return ReadGaps.model_validate(data)
