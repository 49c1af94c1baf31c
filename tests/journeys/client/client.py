from collections.abc import AsyncIterator
from typing import Any, Optional, Union

from .accept_invitation import AcceptInvitation
from .accept_request import AcceptRequest
from .accept_terms import AcceptTerms
from .add_contact import AddContact
from .apply_as_partner import ApplyAsPartner
from .apply_for_role import ApplyForRole
from .async_base_client import AsyncBaseClient
from .attach_evidence import AttachEvidence
from .base_model import UNSET, UnsetType
from .confirm_account import ConfirmAccount
from .confirm_partner import ConfirmPartner
from .confirm_supplier_list import ConfirmSupplierList
from .create_evidence_download import CreateEvidenceDownload
from .create_evidence_upload import CreateEvidenceUpload
from .create_key import CreateKey
from .create_requests import CreateRequests
from .create_supplier_list_upload import CreateSupplierListUpload
from .decide_role import DecideRole
from .enums import BenchmarkRegion, OrganizationSize, QuestionnaireTier, SupplierSort
from .follow_assessment import FollowAssessment
from .found_organization import FoundOrganization
from .found_partner import FoundPartner
from .input_types import (
    AcceptPartnerTermsInput,
    AcceptRequestInput,
    AcceptSupplierInvitationInput,
    AddSupplierContactInput,
    ApplyForRoleInput,
    AttachEvidenceInput,
    BenchmarkCellFilter,
    ConfirmAccountInput,
    ConfirmSupplierListInput,
    CreateApiKeyInput,
    CreateEvidenceDownloadInput,
    CreateEvidenceUploadInput,
    CreateRequestsInput,
    CreateSupplierListUploadInput,
    DecideRoleInput,
    InviteSuppliersInput,
    NewOrganizationInput,
    PreviewShareInput,
    PreviewSupplierListInput,
    RegisterAccountInput,
    RevokeApiKeyInput,
    RevokeShareInput,
    SaveAnswersInput,
    ShareResultInput,
    SignInInput,
    SubmitAssessmentInput,
    SupplierFilter,
)
from .invite_suppliers import InviteSuppliers
from .preview_score import PreviewScore
from .preview_share import PreviewShare
from .preview_supplier_list import PreviewSupplierList
from .read_applications import ReadApplications
from .read_cell import ReadCell
from .read_cells import ReadCells
from .read_evidence import ReadEvidence
from .read_invitation import ReadInvitation
from .read_profile import ReadProfile
from .read_progress import ReadProgress
from .read_questionnaire import ReadQuestionnaire
from .read_receipts import ReadReceipts
from .read_received_requests import ReadReceivedRequests
from .read_releases import ReadReleases
from .read_suppliers import ReadSuppliers
from .read_terms import ReadTerms
from .register_buyer import RegisterBuyer
from .register_partner import RegisterPartner
from .register_supplier import RegisterSupplier
from .revoke_key import RevokeKey
from .revoke_share import RevokeShare
from .save_answers import SaveAnswers
from .share_result import ShareResult
from .sign_in import SignIn
from .submit_assessment import SubmitAssessment


def gql(q: str) -> str:
    return q


class PortalClient(AsyncBaseClient):
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
