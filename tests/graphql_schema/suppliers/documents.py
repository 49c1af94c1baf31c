"""The operations that the tests of this folder send, and the steps that several of them take."""

import base64
from typing import Any
from uuid import UUID

from tests.graphql_schema.portals import Caller, Portal
from tests.statements import record_statements

PROBLEM = (
    "... on Problem { code message path } ... on InvalidInput { problems { code path message } }"
    " ... on RateLimited { retryAfter }"
)
SUPPLIER = (
    "id name localName vendorNumber externalReference address country sector sectorText state archived refusalReason"
    " refusalRemark viewerCanEdit invitedAt linkedAt organization { name status }"
    " contactSuggestions { id name email remark state isFromMember }"
    " contacts { id name email locale bouncedAt bounceReason bounceCode } invitations { id email state }"
)
LIST = (
    "query ($first: Int! = 25, $after: String, $sort: SupplierSort! = NAME, $filter: SupplierFilter) {"
    " suppliers(first: $first, after: $after, sort: $sort, filter: $filter) { totalCount"
    " edges { cursor node { id name state } } nodes { name band total pillars { score } }"
    " pageInfo { hasNextPage endCursor } } }"
)
PROFILE = (
    "query ($id: ID!, $questionnaire: String) { supplier(id: $id, questionnaire: $questionnaire) { "
    f"{SUPPLIER} band total tier latestResult {{ band total sections {{ key answers {{ question }} }} }}"
    " history { band } requests { state } } }"
)
BY_NUMBER = "query ($number: String!) { supplierByVendorNumber(vendorNumber: $number) { id name } }"
NODE = "query ($id: ID!) { node(id: $id) { __typename id ... on Supplier { name band total state } } }"


def change(name: str, input_type: str, success: str, selection: str = f"supplier {{ {SUPPLIER} }}") -> str:
    return (
        f"mutation ($input: {input_type}!) {{ result: {name}(input: $input) {{ __typename"
        f" ... on {success} {{ {selection} }} {PROBLEM} }} }}"
    )


ADD = change("addSupplier", "AddSupplierInput", "SupplierAdded")
UPDATE = change("updateSupplier", "UpdateSupplierInput", "SupplierUpdated")
ARCHIVE = change("archiveSupplier", "ArchiveSupplierInput", "SupplierArchived")
RESTORE = change("restoreSupplier", "RestoreSupplierInput", "SupplierRestored")
ADD_CONTACT = change(
    "addSupplierContact", "AddSupplierContactInput", "SupplierContactAdded", f"contactId supplier {{ {SUPPLIER} }}"
)
REMOVE_CONTACT = change("removeSupplierContact", "RemoveSupplierContactInput", "SupplierContactRemoved")
INVITE = change(
    "inviteSuppliers",
    "InviteSuppliersInput",
    "SuppliersInvited",
    "invitedCount lines { supplierId invitationId email problem { code path } }",
)
LINK = change(
    "createInvitationLink",
    "CreateInvitationLinkInput",
    "InvitationLinkCreated",
    f"url token expiresAt supplier {{ {SUPPLIER} }}",
)
REVOKE = change("revokeSupplierInvitation", "RevokeSupplierInvitationInput", "SupplierInvitationRevoked")
UPSERT = change(
    "upsertSuppliers",
    "UpsertSuppliersInput",
    "SuppliersUpserted",
    "createdCount updatedCount unchangedCount refusedCount"
    " lines { vendorNumber outcome supplierId problems { code path } }",
)
COUNTS = "created updated contactsAdded known skipped conflicts bad repeats"
ROW = (
    "line kind reason supplierId archived repeatOf record { name country vendorNumber contactEmail }"
    " differences { field stored proposed fills } duplicates { supplierId line name reason }"
    " problems { line column value code reason allowed } warnings { code }"
)
UPLOAD = change(
    "createSupplierListUpload",
    "CreateSupplierListUploadInput",
    "SupplierListUploadCreated",
    "supplierList { id state fileName } upload { url method headers { name value } maxBytes }",
)
PREVIEW = change(
    "previewSupplierList",
    "PreviewSupplierListInput",
    "SupplierListPreviewed",
    "supplierList { id state size } preview { kind encoding delimiter headerLine missing"
    " columns { number header field confidence reason examples }"
    " summary { rows new suggested known conflicts bad repeats skipped withoutContact countrySpellings { spelling"
    f" country rows }} problemCodes {{ code rows }} }} rows(first: 50) {{ {ROW} }}"
    " problems(first: 200) { line column value code reason allowed } }",
)
CONFIRM = change(
    "confirmSupplierList",
    "ConfirmSupplierListInput",
    "SupplierListConfirmed",
    f"confirmedBefore counts {{ {COUNTS} }} supplierList {{ id state confirmedAt counts {{ {COUNTS} }} }}",
)
LISTS = (
    "query ($first: Int! = 25, $after: String, $state: SupplierListState) { supplierLists(first: $first, after: $after,"
    " state: $state) { edges { node { id fileName state counts { created } } } pageInfo { hasNextPage endCursor } } }"
)
ADD_SITE = change("addSite", "AddSiteInput", "SiteAdded", "site { id name country archivedAt }")
UPDATE_SITE = change("updateSite", "UpdateSiteInput", "SiteUpdated", "site { name address country }")
ARCHIVE_SITE = change("archiveSite", "ArchiveSiteInput", "SiteArchived", "site { archivedAt }")
SITES = (
    "query ($first: Int! = 25, $after: String, $archived: Boolean! = false) { sites(first: $first, after: $after,"
    " archived: $archived) { edges { node { id name } } pageInfo { hasNextPage endCursor } } }"
)


async def do(house: Portal, document: str, caller: Caller | None, **given: Any) -> dict[str, Any]:
    """The result of a mutation with this input."""
    answer = await house.ask(document, caller.token if caller else None, input=given)
    assert "errors" not in answer, answer
    result: dict[str, Any] = answer["data"]["result"]
    return result


async def read(house: Portal, document: str, caller: Caller, **given: Any) -> Any:
    """The data of one query."""
    answer = await house.ask(document, caller.token, **given)
    assert "errors" not in answer, answer
    return answer["data"]


async def add(house: Portal, caller: Caller, name: str, country: str = "VN", **more: Any) -> dict[str, Any]:
    """A new supplier of a buyer."""
    result = await do(house, ADD, caller, name=name, country=country, **more)
    assert result["__typename"] == "SupplierAdded", result
    supplier: dict[str, Any] = result["supplier"]
    return supplier


async def list_names(house: Portal, caller: Caller, **given: Any) -> list[str]:
    """The names of a buyer's suppliers, in their order."""
    page = (await read(house, LIST, caller, **given))["suppliers"]
    return [edge["node"]["name"] for edge in page["edges"]]


async def send_list(house: Portal, caller: Caller, content: str | bytes, name: str = "list.csv") -> str:
    """Announce a list and send its file; its id."""
    made = await do(house, UPLOAD, caller, fileName=name)
    headers = {one["name"]: one["value"] for one in made["upload"]["headers"]}
    async with house.client() as client:
        body = content.encode() if isinstance(content, str) else content
        sent = await client.put("/uploads", content=body, headers=headers)
    assert sent.status_code == 201, sent.text
    found: str = made["supplierList"]["id"]
    return found


async def bring_in(house: Portal, caller: Caller, content: str | bytes, **more: Any) -> dict[str, int]:
    """Send and confirm a list; what was written."""
    list_id = await send_list(house, caller, content)
    done = await do(house, CONFIRM, caller, supplierListId=list_id, **more)
    assert done["__typename"] == "SupplierListConfirmed", done
    counts: dict[str, int] = done["counts"]
    return counts


def decode(id: str) -> UUID:
    """The row that an opaque id names."""
    return UUID(bytes=base64.urlsafe_b64decode(id)[20:])


async def count_statements(house: Portal, document: str, caller: Caller, **given: Any) -> int:
    """How many statements a mutation takes."""
    with record_statements(house.app.state.services.database.engine.sync_engine) as sent:
        await do(house, document, caller, **given)
    return len(sent)
