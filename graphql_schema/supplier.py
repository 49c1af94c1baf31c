"""A buyer's suppliers: the list, the profile with what is shared, and the buyer's own records behind both."""

import enum
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import strawberry

from graphql_schema import batches, nodes, noun_nodes, paging, rules, selection, shared_result
from graphql_schema.access_request import AccessRequest, AccessState
from graphql_schema.assurance import AssuranceSummary
from graphql_schema.context import Info, Session
from graphql_schema.invitation import InvitationRefusal
from graphql_schema.organization import Organization
from graphql_schema.questionnaire_request import SUPPLIER, Request, RequestState
from graphql_schema.request_load import AskedLoad, read_asked
from graphql_schema.scalars import CountryCode, Locale
from graphql_schema.shared_result import SharedResult
from graphql_schema.tier import QuestionnaireTier
from portal import access, errors, reading
from portal.assessments import request_changes, shared_results, supplier_filters
from portal.assessments.receipts import STRENGTH, Kind
from portal.directory import records
from portal.directory.facts import RecordFacts
from portal.reading import suppliers as nouns
from portal.reading.contacts import CONTACT_TAG

CONTACT = nodes.NodeKind(CONTACT_TAG, "SupplierContact", access.BUYER)


@strawberry.enum(description="How far a supplier is on the way to the portal.")
class SupplierState(enum.Enum):
    NEEDS_CONTACT = strawberry.enum_value(
        "needs_contact", description="Nobody is known to write to: no contact, or none that letters reach."
    )
    HAS_CONTACT = strawberry.enum_value("has_contact", description="Somebody can be invited.")
    INVITED = strawberry.enum_value("invited", description="A link is on its way, and was not used.")
    LINKED = strawberry.enum_value("linked", description="An organization has accepted, by its own decision.")
    REFUSED = strawberry.enum_value("refused", description='Somebody said "not us"; see the reason.')


@strawberry.enum(description="The order of the list; suppliers without the value come last.")
class SupplierSort(enum.Enum):
    NAME = strawberry.enum_value("name", description="By name, without case and accents.")
    TOTAL_HIGHEST = strawberry.enum_value(
        "total_highest", description="The best shared total first; expired ones count as without a total."
    )
    TOTAL_LOWEST = strawberry.enum_value(
        "total_lowest", description="The lowest shared total first; expired ones count as without a total."
    )
    DUE = strawberry.enum_value("due", description="By `dueOn`, the first first.")


@strawberry.enum(description="Where an invitation stands.")
class SupplierInvitationState(enum.Enum):
    OPEN = strawberry.enum_value("open", description="Its link works.")
    USED = strawberry.enum_value("used", description="It was accepted, or sent back with a reason.")
    REVOKED = strawberry.enum_value("revoked", description="It was taken back, or a newer one took its place.")
    ENDED = strawberry.enum_value("ended", description="Its time is over.")


@strawberry.enum(description="Why nothing more is sent to a contact, until the buyer changes it.")
class ContactBounceReason(enum.Enum):
    REFUSED = strawberry.enum_value("refused", description="The mail server refused the address for good.")
    PUT_OFF = strawberry.enum_value("put_off", description="The mail server put letters off, for two days and more.")
    BAD_ADDRESS = strawberry.enum_value("bad_address", description="The address cannot be, or cannot be written to.")
    WRONG_CONTACT = strawberry.enum_value("wrong_contact", description="The person said that somebody else is meant.")


@rules.type(access.BUYER, description="A person whom the buyer writes to; private to the buyer.")
class SupplierContact:
    id: strawberry.ID = rules.field(description="An opaque id.")
    name: str | None = rules.field(description="The person's name.")
    email: str = rules.field(description="The person's address.")
    locale: Locale | None = rules.field(description="The language to write in.")
    bounced_at: datetime | None = rules.field(description='Since when mail does not arrive, or "wrong contact" stands.')
    bounce_reason: ContactBounceReason | None = rules.field(
        description="Why nothing more is sent; null while letters go to the contact."
    )
    bounce_code: str | None = rules.field(
        description='What the mail server said in numbers, like "550 5.1.1"; null where it said nothing.'
    )


@strawberry.enum(description="What became of a suggestion.")
class ContactSuggestionState(enum.Enum):
    OPEN = strawberry.enum_value("open", description="The buyer has not decided; nobody was written to.")
    ACCEPTED = strawberry.enum_value("accepted", description="The person is a contact.")
    DISMISSED = strawberry.enum_value("dismissed", description="The buyer set it aside.")


@rules.type(access.BUYER, description="Somebody else to ask, as a person with an invitation or a member there says.")
class ContactSuggestion:
    id: strawberry.ID = rules.field(description="An opaque id, for `acceptContactSuggestion`.")
    name: str = rules.field(description="The person's name, as it was said.")
    email: str | None = rules.field(description="The person's address, if it was said.")
    remark: str | None = rules.field(description="What else was said.")
    state: ContactSuggestionState = rules.field(description="What became of it.")
    is_from_member: bool = rules.field(
        description="Whether a member of the linked organization said it; else whoever held the invitation."
    )
    suggested_at: datetime = rules.field(description="When it was said.")


@rules.type(access.BUYER, description="A single-use link that the buyer had sent, or handed over.")
class SupplierInvitation:
    id: strawberry.ID = rules.field(description="An opaque id, for `revokeSupplierInvitation`.")
    email: str | None = rules.field(description="The address it went to; null for a link that was handed over.")
    state: SupplierInvitationState = rules.field(description="Where it stands.")
    invited_at: datetime = rules.field(description="When it was made.")
    expires_at: datetime = rules.field(description="When its link ends.")


@rules.type(access.BUYER, description="What a supplier shares of one pillar.")
class Pillar:
    key: str = rules.field(description="The key of the pillar.")
    title: str | None = rules.field(description="Its title.")
    score: Decimal | None = rules.field(description="0 to 100, two decimals; null where nothing could be rated.")
    reason: str | None = rules.field(description="Why there is no score.")


@rules.type(access.BUYER, description="The segment of a supplier, as somebody decided it.")
class SupplierSegment:
    segment: str = rules.field(description="The buyer's own word for it.")
    reason: str = rules.field(description="Why.")
    spend_band: str | None = rules.field(description="How much the buyer spends there, in its own words.")
    strategic: bool = rules.field(description="Whether the buyer could hardly do without it.")
    decided_at: datetime = rules.field(description="When it was decided.")


@rules.interface(access.BUYER, description="A buyer's supplier: its own record, and the summary shared with it.")
class SupplierFacts:
    id: strawberry.ID = rules.field(description="An opaque id of the buyer's record.")
    name: str = rules.field(description="The name as the buyer has it, 1 to 300 characters.")
    local_name: str | None = rules.field(description="The name in the supplier's own script.")
    vendor_number: str | None = rules.field(description="The buyer's number for it, unique among live suppliers.")
    external_reference: str | None = rules.field(description="A key of another system of the buyer.")
    address: str | None = rules.field(description="The address as the buyer has it.")
    tags: list[str] = rules.field(
        description="The buyer's own words for it, by the alphabet; no supplier sees them.", list_size=3
    )
    segment: SupplierSegment | None = rules.field(
        description="The segment that the buyer decided on; null without one. No supplier sees it."
    )
    country: CountryCode | None = rules.field(description="Where it is.")
    sector: str | None = rules.field(description='A section or division of ISIC Rev.4, like "14".')
    sector_text: str | None = rules.field(description="The sector in the buyer's own words.")
    state: SupplierState = rules.field(description="How far it is on the way to the portal.")
    archived: bool = rules.field(description="Whether it was taken out of the lists.")
    refusal_reason: InvitationRefusal | None = rules.field(description="What somebody with a link said, if anything.")
    refusal_remark: str | None = rules.field(description="What that person added.")
    added_at: datetime = rules.field(description="When the buyer added it.")
    updated_at: datetime = rules.field(description="When the record changed last.")
    invited_at: datetime | None = rules.field(description="When it was invited last.")
    linked_at: datetime | None = rules.field(description="When an organization accepted.")
    organization: Organization | None = rules.field(description="The organization that accepted; null before.")
    questionnaire: str = rules.field(description="The questionnaire that the shared fields are about.")
    tier: QuestionnaireTier | None = rules.field(
        description="The tier of the shared result of the latest period; null without a share."
    )
    band: str | None = rules.field(description="The band of the shared result; null without a share.")
    total: Decimal | None = rules.field(description="Its total, 0 to 100, two decimals; null without a share.")
    coverage: Decimal | None = rules.field(description="Percent of the weight that was answered; null without a share.")
    pillars: list[Pillar] | None = rules.field(description="Its pillars; null without a share.", list_size=6)
    assurance: AssuranceSummary | None = rules.field(
        description="The shares of its points by what reviewers stated of it; null where nobody has stated anything, "
        "which is as if all were DECLARED, and without a share. A list follows a statement, or the day on which a "
        "document ends, within seconds."
    )
    period_end: date | None = rules.field(description="The last day that it speaks of; null without a share.")
    submitted_at: datetime | None = rules.field(description="When it was submitted; null without a share.")
    valid_until: date | None = rules.field(description="The last day it is valid; null without a share.")
    shared_until: datetime | None = rules.field(description="When the share ends; null without an end or a share.")
    is_expired: bool = rules.field(
        description="Whether the validity of the shared result has ended, after `validUntil`: filters and orders treat "
        "it as without a value, and it is still shown."
    )
    request_state: RequestState | None = rules.field(
        description="Where the buyer's request stands: of several the open one, else the accepted one, that is due "
        "first; where none waits, the last one."
    )
    due_on: date | None = rules.field(description="When that request is due.")
    access_state: AccessState | None = rules.field(
        description="What became of the last request to be shown more; null where nothing was asked. REFUSED is no "
        "score: the profile's `accessRequests` have the reason and what is offered instead."
    )
    contacts: list[SupplierContact] = rules.field(description="Whom the buyer writes to, at most 50.", list_size=3)
    contact_suggestions: list[ContactSuggestion] = rules.field(
        description="Whom else to ask, as somebody there said; the last 20, the newest first.", list_size=1
    )
    invitations: list[SupplierInvitation] = rules.field(description="The last 20, the newest first.", list_size=3)
    viewer_can_edit: bool = rules.field(description="Whether the caller may change the record.")

    @rules.method(
        access.BUYER,
        description="How much the buyer itself asks of it, in the last twelve months and now; never what others do.",
    )
    async def asked_load(self, info: Info) -> AskedLoad:
        record = UUID(str(self.key["supplier_record_id"]))  # type: ignore[attr-defined]
        found = await batches.load(info, read_asked, record)
        if found is None:
            raise errors.NotFound("There is no such supplier.")
        return found


@rules.type(access.BUYER, description="One supplier of a buyer, as lists show it.")
class Supplier(SupplierFacts, nodes.Node):
    pass


@rules.type(access.BUYER, description="A supplier's profile: beside the record, what is shared of its submissions.")
class SupplierProfile(SupplierFacts):
    latest_result: SharedResult | None = rules.field(
        description="The shared result of the latest period, of the whole organization."
    )
    history: list[SharedResult] = rules.field(
        description="All shared results, the latest period first, and of one period the newest revision.", list_size=5
    )
    requests: list[Request] = rules.field(description="The buyer's requests, the newest first.", list_size=5)
    access_requests: list[AccessRequest] = rules.field(
        description="What the buyer asked to be shown, the newest first, at most 20; with what was refused, why, and "
        "what is offered instead.",
        list_size=5,
    )


@rules.type(rules.AS_PARENT, description="A page of suppliers.")
class SupplierConnection(paging.Connection[Supplier]):
    nodes: list[Supplier] = rules.field(description="The suppliers of the page, in order.")
    total_count: int = rules.field(description="How many pass the filter; counting stops at 10,000.")


@strawberry.input(description="Which suppliers: all that is given must hold, of a list of at most 100 any.")
class SupplierFilter:
    questionnaire: str | None = strawberry.field(
        description="Which questionnaire the shared fields and requests are about; the lead one without it, an error "
        "where there is none with this key.",
        default=None,
    )
    country: list[CountryCode] | None = strawberry.field(description="In any of these countries.", default=None)
    sector: list[str] | None = strawberry.field(
        description='In any of these sections and divisions of ISIC Rev.4, like "C" or "14"; a section holds its '
        "divisions. Another code is an error.",
        default=None,
    )
    tier: list[QuestionnaireTier] | None = strawberry.field(description="Sharing at one of these tiers.", default=None)
    band: list[str] | None = strawberry.field(
        description="Sharing one of these bands, by key or title, in any case. A band that the questionnaire does not "
        "have is an error.",
        default=None,
    )
    expired: bool | None = strawberry.field(
        description="Only those whose shared result has expired, to ask them for a newer one; or only the others. "
        "`tier` and `band` never hold for an expired one.",
        default=None,
    )
    state: list[SupplierState] | None = strawberry.field(description="As far as one of these.", default=None)
    tag: list[str] | None = strawberry.field(description="With one of these tags of yours, in any case.", default=None)
    segment: list[str] | None = strawberry.field(
        description="In one of these segments of yours, in any case.", default=None
    )
    request_state: list[RequestState] | None = strawberry.field(
        description="The request that `requestState` tells of being in one of these states.", default=None
    )
    search: str | None = strawberry.field(
        description="Beginnings of words of the name, in any script, all of which must be found; at most 8 words.",
        default=None,
    )
    archived: bool = strawberry.field(description="The archived ones instead of the live ones.", default=False)


@strawberry.input(description="What the buyer knows of a supplier.")
class AddSupplierInput:
    name: str = strawberry.field(description="1 to 300 characters.")
    country: str = strawberry.field(description="A country's code or name, in any spelling.")
    local_name: str | None = strawberry.field(description="In its own script, at most 300 characters.", default=None)
    address: str | None = strawberry.field(description="At most 1,000 characters.", default=None)
    sector: str | None = strawberry.field(
        description="In words, or as a code of ISIC Rev.4; at most 500 characters.", default=None
    )
    vendor_number: str | None = strawberry.field(description="At most 64 characters, unique.", default=None)
    external_reference: str | None = strawberry.field(description="At most 200 characters.", default=None)
    idempotency_key: str | None = strawberry.field(
        description="8 to 100 characters, the client's own; a repeated call with it adds nothing.", default=None
    )


@strawberry.input(description='What to change of a supplier; what is left out or null stays, "" empties a field.')
class UpdateSupplierInput:
    supplier_id: strawberry.ID = strawberry.field(description="One of `suppliers`.")
    name: str | None = strawberry.field(description="1 to 300 characters.", default=None)
    country: str | None = strawberry.field(description="A country's code or name.", default=None)
    local_name: str | None = strawberry.field(description="At most 300 characters.", default=None)
    address: str | None = strawberry.field(description="At most 1,000 characters.", default=None)
    sector: str | None = strawberry.field(
        description="In words, or as a code of ISIC Rev.4; at most 500 characters.", default=None
    )
    vendor_number: str | None = strawberry.field(description="At most 64 characters, unique.", default=None)
    external_reference: str | None = strawberry.field(description="At most 200 characters.", default=None)


@strawberry.input(description="Which supplier to archive.")
class ArchiveSupplierInput:
    supplier_id: strawberry.ID = strawberry.field(description="One of `suppliers`.")


@strawberry.input(description="Which supplier to bring back.")
class RestoreSupplierInput:
    supplier_id: strawberry.ID = strawberry.field(description="An archived supplier.")


@rules.type(rules.AS_PARENT, description="The supplier is in the buyer's list, and knows nothing of it.")
class SupplierAdded:
    supplier: Supplier = rules.field(description="The new supplier.")


@rules.type(rules.AS_PARENT, description="The record was changed.")
class SupplierUpdated:
    supplier: Supplier = rules.field(description="The supplier as it is now.")


@rules.type(rules.AS_PARENT, description="The supplier is out of the lists; nothing was deleted.")
class SupplierArchived:
    supplier: Supplier = rules.field(description="The supplier as it is now.")
    withdrawn_request_count: int = rules.field(description="How many open or accepted requests were taken back by it.")


@rules.type(rules.AS_PARENT, description="The supplier is back in the lists.")
class SupplierRestored:
    supplier: Supplier = rules.field(description="The supplier as it is now.")


def read_supplier_id(value: str, *path: str | int) -> UUID:
    """The record that an input names; raises InvalidInput BAD_ID."""
    return nodes.decode_id(value, SUPPLIER, path=path or ("supplier_id",)).id


def encode_supplier(actor: access.Actor, record_id: UUID) -> strawberry.ID:
    return nodes.encode_id(SUPPLIER, record_id, actor.organization)


def read_facts(given: AddSupplierInput | UpdateSupplierInput) -> RecordFacts:
    return RecordFacts(
        name=given.name,
        country=given.country,
        local_name=given.local_name,
        address=given.address,
        sector=given.sector,
        vendor_number=given.vendor_number,
        external_reference=given.external_reference,
    )


def read_filter(given: SupplierFilter | None) -> dict[str, Any]:
    """The filter as the read model takes it; raises InvalidInput for a search without a word."""
    wanted = given or SupplierFilter()
    values: dict[str, Any] = {
        name: [str(getattr(one, "value", one)) for one in listed]
        for name in ("country", "sector", "tier", "band", "state", "tag", "segment", "request_state")
        if (listed := getattr(wanted, name)) is not None
    }
    if wanted.search is not None and wanted.search.strip():
        values["words"] = supplier_filters.read_search(wanted.search, ("filter", "search"))
    if wanted.expired is not None:
        values["expired"] = wanted.expired
    return values | {"questionnaire": wanted.questionnaire or nouns.LEAD, "archived": wanted.archived}


async def compose(
    session: Session, actor: access.Actor, name: str, selected: reading.Selected, record_id: UUID, **more: Any
) -> Any:
    """The result of a mutation that changed one supplier, read as it is now."""

    async def read(part: reading.Selected) -> Any:
        return await reading.read_one(session, actor, nouns.LEAD_SUPPLIER, part, supplier_record_id=record_id)

    return await reading.compose(name, selected, {"supplier": read, **more})


def find_kind(shapes: Iterable[reading.Shape], name: str) -> Kind | None:
    """How much of shared results a field of the profile asks for; None where it is not selected."""
    found = [shared_result.find_kind(shape.children("SharedResult")) for shape in shapes if shape.name == name]
    return max(found, key=STRENGTH.index, default=None)


@nodes.loads(SUPPLIER)
async def load_suppliers(
    info: Info, session: Session, actor: access.Actor, wanted: Sequence[nodes.NodeId]
) -> list[Any]:
    return await noun_nodes.read_rows(info, session, actor, nouns.LEAD_SUPPLIER, wanted, owner="buyer_id")


@strawberry.type
class SupplierQuery:
    @rules.query(
        access.BUYER,
        description="The buyer's suppliers. All of them as one CSV table are at `GET /suppliers.csv`, with the same "
        "credential and filters: each at most once `sort`, `search`, `questionnaire`, `archived` and `expired` "
        "(`true` or `false`), and any number of each of `country`, `sector`, `tier`, `band`, `state`, `tag`, "
        "`segment` and `request_state`; values of enumerations in lower case. Whatever else is given is refused with "
        "400 and what is allowed.",
    )
    async def suppliers(
        self,
        info: Info,
        first: paging.First = paging.PAGE,
        after: paging.After = None,
        sort: Annotated[SupplierSort, strawberry.argument(description="The order.")] = SupplierSort.NAME,
        filter: Annotated[SupplierFilter | None, strawberry.argument(description="Which ones.")] = None,
    ) -> SupplierConnection:
        selected, wanted = selection.read(info), read_filter(filter)
        async with info.context.reading() as (session, actor):
            wanted = await supplier_filters.settle(session, wanted, path=("filter",))
            return await reading.read_connection(  # type: ignore[no-any-return]
                session, actor, nouns.SUPPLIERS, selected, filter=wanted
            )

    @rules.query(
        access.BUYER,
        description="One supplier with all that is shared of it, read in one statement; the supplier sees who looked. "
        "Null where there is none of the caller's, or nothing of that questionnaire; BAD_ID for what is no id.",
    )
    async def supplier(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="One of `suppliers`.")],
        questionnaire: Annotated[
            str | None, strawberry.argument(description="A questionnaire's key; the lead one without it.")
        ] = None,
    ) -> SupplierProfile | None:
        selected, wanted = selection.read(info), nodes.decode_id(id, SUPPLIER, path=("id",))
        about = questionnaire or nouns.LEAD
        key = {"buyer_id": wanted.owner, "supplier_record_id": wanted.id, "questionnaire": about}
        shapes, noted = selected.shape.children("SupplierProfile"), info.context.noted
        kinds = {"latest": find_kind(shapes, "latest_result"), "history": find_kind(shapes, "history")}
        async with info.context.reading(writes=True) as (session, actor):
            if wanted.owner != actor.organization:
                return None
            note = shared_results.write_profile_note(
                actor, record_id=wanted.id, questionnaire=about, noted=noted, **kinds
            )
            profile, receipts = await reading.read_one_beside(
                session, actor, nouns.SUPPLIER_PROFILE, selected, note, **key
            )
            shared_results.remember(noted, receipts)
            return profile

    @rules.query(access.BUYER, description="The live supplier with the buyer's own number; null where there is none.")
    async def supplier_by_vendor_number(
        self, info: Info, vendor_number: Annotated[str, strawberry.argument(description="The number, as it was given.")]
    ) -> Supplier | None:
        selected = selection.read(info)
        async with info.context.transaction() as (session, actor):
            found = await records.find_record_by_number(session, actor, vendor_number=vendor_number)
            if found is None:
                return None
            noun = nouns.LEAD_SUPPLIER
            return await reading.read_one(session, actor, noun, selected, supplier_record_id=found)


@strawberry.type
class SupplierMutation:
    @rules.mutation(access.BUYER_EDITOR, description="Add a supplier to the buyer's own list.")
    async def add_supplier(
        self, info: Info, input: Annotated[AddSupplierInput, strawberry.argument(description="What is known of it.")]
    ) -> SupplierAdded:
        selected = selection.read(info)
        async with info.context.transaction() as (session, actor):
            made = await records.add_record(
                session, actor, facts=read_facts(input), idempotency_key=input.idempotency_key
            )
            return await compose(session, actor, "SupplierAdded", selected, made)  # type: ignore[no-any-return]

    @rules.mutation(access.BUYER_EDITOR, description="Change what the buyer knows of a supplier.")
    async def update_supplier(
        self, info: Info, input: Annotated[UpdateSupplierInput, strawberry.argument(description="The changes.")]
    ) -> SupplierUpdated:
        selected, record = selection.read(info), read_supplier_id(input.supplier_id)
        async with info.context.transaction() as (session, actor):
            await records.update_record(session, actor, record_id=record, facts=read_facts(input))
            return await compose(session, actor, "SupplierUpdated", selected, record)  # type: ignore[no-any-return]

    @rules.mutation(
        access.BUYER_EDITOR,
        description="Take a supplier out of the lists; what it has not answered yet is withdrawn, and it is told so by "
        "letter.",
    )
    async def archive_supplier(
        self, info: Info, input: Annotated[ArchiveSupplierInput, strawberry.argument(description="Which one.")]
    ) -> SupplierArchived:
        selected, record = selection.read(info), read_supplier_id(input.supplier_id)
        async with info.context.transaction() as (session, actor):
            await records.set_archived(session, actor, record_id=record, archived=True)
            count = await request_changes.withdraw_of_record(session, actor, record_id=record)
            return await compose(  # type: ignore[no-any-return]
                session, actor, "SupplierArchived", selected, record, withdrawn_request_count=count
            )

    @rules.mutation(
        access.BUYER_EDITOR,
        description="Bring an archived supplier back into the lists; withdrawn requests stay withdrawn.",
    )
    async def restore_supplier(
        self, info: Info, input: Annotated[RestoreSupplierInput, strawberry.argument(description="Which one.")]
    ) -> SupplierRestored:
        selected, record = selection.read(info), read_supplier_id(input.supplier_id)
        async with info.context.transaction() as (session, actor):
            await records.set_archived(session, actor, record_id=record, archived=False)
            return await compose(session, actor, "SupplierRestored", selected, record)  # type: ignore[no-any-return]
