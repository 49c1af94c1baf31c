"""The operations that the tests of this folder send."""

from typing import Any

from tests.graphql_schema.portals import Portal

PROBLEM = (
    "... on Problem { code message path } ... on RateLimited { retryAfter }"
    " ... on InvalidInput { problems { code path } }"
)
REGISTER = (
    "mutation ($input: RegisterAccountInput!) { result: registerAccount(input: $input)"
    f" {{ __typename ... on AccountRegistered {{ next token expiresAt }} {PROBLEM} }} }}"
)
CONFIRM = (
    "mutation ($input: ConfirmAccountInput!) { result: confirmAccount(input: $input)"
    f" {{ __typename ... on AccountConfirmed {{ token }} {PROBLEM} }} }}"
)
SIGN_IN = (
    "mutation ($input: SignInInput!) { result: signIn(input: $input)"
    " { __typename ... on SignedIn { token expiresAt user { email } organization { name } organizations { name role } }"
    f" {PROBLEM} }} }}"
)
SIGN_OUT = f"mutation {{ result: signOut {{ __typename {PROBLEM} }} }}"
END_OTHERS = f"mutation {{ result: endOtherSessions {{ __typename ... on OtherSessionsEnded {{ ended }} {PROBLEM} }} }}"
END_SESSION = (
    "mutation ($input: EndSessionInput!) { result: endSession(input: $input)"
    f" {{ __typename ... on SessionEnded {{ viewer {{ sessions {{ id isCurrent }} }} }} {PROBLEM} }} }}"
)
VIEWER = (
    "{ viewer { user { email name locale timeZone isOperator } organization { id name status } memberRole scopes"
    " roles { role status reason } organizations { organizationId name role status }"
    " sessions { id isCurrent organizationId } } }"
)
MACHINE = "{ viewer { user { email } organization { name } memberRole scopes roles { role } organizations { name } } }"
CHOOSE = (
    "mutation ($input: ChooseOrganizationInput!) { result: chooseOrganization(input: $input)"
    f" {{ __typename ... on OrganizationChosen {{ viewer {{ organization {{ name }} memberRole }} }} {PROBLEM} }} }}"
)
CHANGE_PASSWORD = (
    "mutation ($input: ChangePasswordInput!) { result: changePassword(input: $input)"
    f" {{ __typename ... on PasswordChanged {{ endedSessions }} {PROBLEM} }} }}"
)
UPDATE_PROFILE = (
    "mutation ($input: UpdateProfileInput!) { result: updateProfile(input: $input)"
    f" {{ __typename ... on ProfileUpdated {{ user {{ name locale timeZone }} }} {PROBLEM} }} }}"
)
REQUEST_RESET = (
    "mutation ($input: RequestPasswordResetInput!) { result: requestPasswordReset(input: $input)"
    f" {{ __typename {PROBLEM} }} }}"
)
RESET = f"mutation ($input: ResetPasswordInput!) {{ result: resetPassword(input: $input) {{ __typename {PROBLEM} }} }}"
FOUND = (
    "mutation ($input: NewOrganizationInput!) { result: foundOrganization(input: $input) { __typename"
    " ... on OrganizationFounded { organization { id name country sector size status locale timeZone } }"
    f" {PROBLEM} }} }}"
)
UPDATE_ORGANIZATION = (
    "mutation ($input: UpdateOrganizationInput!) { result: updateOrganization(input: $input) { __typename"
    f" ... on OrganizationUpdated {{ organization {{ name country sector size }} }} {PROBLEM} }} }}"
)
APPLY = (
    "mutation ($input: ApplyForRoleInput!) { result: applyForRole(input: $input)"
    f" {{ __typename ... on RoleApplied {{ role {{ role status reason }} }} {PROBLEM} }} }}"
)
MEMBERS = (
    "query ($first: Int! = 25, $after: String) { members(first: $first, after: $after)"
    " { edges { cursor node { id name email role isViewer } } pageInfo { hasNextPage endCursor } } }"
)
INVITATIONS = "{ memberInvitations { id email role } }"
INVITE = (
    "mutation ($input: InviteMemberInput!) { result: inviteMember(input: $input)"
    f" {{ __typename ... on MemberInvited {{ invitation {{ id email role }} }} {PROBLEM} }} }}"
)
REVOKE_INVITATION = (
    "mutation ($input: RevokeMemberInvitationInput!) { result: revokeMemberInvitation(input: $input)"
    f" {{ __typename {PROBLEM} }} }}"
)
CHANGE_ROLE = (
    "mutation ($input: ChangeMemberRoleInput!) { result: changeMemberRole(input: $input)"
    f" {{ __typename ... on MemberRoleChanged {{ member {{ role }} }} {PROBLEM} }} }}"
)
REMOVE = f"mutation ($input: RemoveMemberInput!) {{ result: removeMember(input: $input) {{ __typename {PROBLEM} }} }}"
INVITATION = (
    "query ($link: String!) { invitation(token: $link)"
    " { kind organizationName recordName recordCountry email role requests } }"
)
ACCEPT = (
    "mutation ($input: AcceptSupplierInvitationInput!) { result: acceptSupplierInvitation(input: $input)"
    f" {{ __typename ... on SupplierInvitationAccepted {{ organization {{ id name country }} }} {PROBLEM} }} }}"
)
REFUSE = (
    "mutation ($input: RefuseSupplierInvitationInput!) { result: refuseSupplierInvitation(input: $input)"
    f" {{ __typename {PROBLEM} }} }}"
)
JOIN = (
    "mutation ($input: AcceptMemberInvitationInput!) { result: acceptMemberInvitation(input: $input)"
    f" {{ __typename ... on MemberInvitationAccepted {{ organization {{ name }} }} {PROBLEM} }} }}"
)
CREATE_KEY = (
    "mutation ($input: CreateApiKeyInput!) { result: createApiKey(input: $input)"
    f" {{ __typename ... on ApiKeyCreated {{ secret apiKey {{ id name scopes expiresAt }} }} {PROBLEM} }} }}"
)
ROTATE_KEY = (
    "mutation ($input: RotateApiKeyInput!) { result: rotateApiKey(input: $input) { __typename"
    " ... on ApiKeyRotated { secret apiKey { id name scopes expiresAt } former { id expiresAt } }"
    f" {PROBLEM} }} }}"
)
REVOKE_KEY = (
    "mutation ($input: RevokeApiKeyInput!) { result: revokeApiKey(input: $input)"
    f" {{ __typename ... on ApiKeyRevoked {{ apiKey {{ revokedAt }} }} {PROBLEM} }} }}"
)
KEYS = "{ apiKeys { id name scopes revokedAt lastUsedAt } }"
APPLICATIONS = "{ roleApplications { organizationId organizationName role status } }"
DECIDE = (
    "mutation ($input: DecideRoleInput!) { result: decideRole(input: $input)"
    f" {{ __typename ... on RoleDecided {{ application {{ status }} }} {PROBLEM} }} }}"
)
SUSPEND = (
    "mutation ($input: SuspendOrganizationInput!) { result: suspendOrganization(input: $input)"
    f" {{ __typename ... on OrganizationSuspended {{ status }} {PROBLEM} }} }}"
)
REINSTATE = (
    "mutation ($input: ReinstateOrganizationInput!) { result: reinstateOrganization(input: $input)"
    f" {{ __typename ... on OrganizationReinstated {{ status }} {PROBLEM} }} }}"
)
PLACE = (
    "mutation ($input: PlaceInGroupInput!) { result: placeInGroup(input: $input)"
    f" {{ __typename ... on PlacedInGroup {{ groupId }} {PROBLEM} }} }}"
)
CONFIRM_GROUP = (
    f"mutation ($input: ConfirmGroupInput!) {{ result: confirmGroup(input: $input) {{ __typename {PROBLEM} }} }}"
)
GROUPS = "query ($status: CorporateGroupStatus) { corporateGroups(status: $status) { id name status organizations } }"
NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"


async def change(house: Portal, document: str, bearer: str | None = None, /, **given: Any) -> dict[str, Any]:
    """The result of one mutation, whose root field has the alias `result`."""
    answer = await house.ask(document, bearer, **({"input": given} if given else {}))
    assert "errors" not in answer, answer
    result: dict[str, Any] = answer["data"]["result"]
    return result


async def read(house: Portal, document: str, bearer: str | None = None, /, **given: Any) -> Any:
    """The data of one query."""
    answer = await house.ask(document, bearer, **given)
    assert "errors" not in answer, answer
    return answer["data"]
