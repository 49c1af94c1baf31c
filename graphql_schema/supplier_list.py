"""A buyer brings its suppliers in as a list: an upload, a preview, and a confirmation that counts once."""

import enum
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from graphql_schema import nodes, paging, rules, supplier
from graphql_schema.context import Info, Session
from graphql_schema.evidence import FileUpload, make_upload
from graphql_schema.list_preview import SupplierListField, SupplierListPreview, make_preview
from portal import access, errors
from portal.database.tables import directory
from portal.directory import decisions, imports, opening
from portal.directory.lists.problems import ListRefused
from portal.directory.opening import ListOptions, OpenedList

LIST = nodes.NodeKind("slst", "SupplierList", access.BUYER)
NEWEST = paging.Order("supplierLists.id", ())


@strawberry.enum(description="Where a list stands.")
class SupplierListState(enum.Enum):
    AWAITING = strawberry.enum_value("awaiting", description="Its file has not arrived.")
    UPLOADED = strawberry.enum_value("uploaded", description="Its file is there.")
    PREVIEWED = strawberry.enum_value("previewed", description="It was looked at; nothing was written.")
    CONFIRMED = strawberry.enum_value("confirmed", description="It was written.")
    FAILED = strawberry.enum_value("failed", description="Its file could not be used.")
    EXPIRED = strawberry.enum_value(
        "expired", description="It was not confirmed within a week, and its file was removed."
    )


@strawberry.enum(description="What to do with one line when a list is confirmed.")
class SupplierListAction(enum.Enum):
    CREATE = strawberry.enum_value("CREATE", description="Add a supplier, also where the row contradicts others.")
    SKIP = strawberry.enum_value("SKIP", description="Leave the line out.")
    UPDATE_FIELDS = strawberry.enum_value(
        "UPDATE_FIELDS", description="The line is a supplier there is: write the fields named, and its contact."
    )


@rules.type(rules.AS_PARENT, description="What confirming a list wrote.")
class SupplierListCounts:
    created: int = rules.field(description="New suppliers.")
    updated: int = rules.field(description="Suppliers whose fields were written.")
    contacts_added: int = rules.field(description="New contacts.")
    known: int = rules.field(description="Rows that were suppliers of the buyer already.")
    skipped: int = rules.field(description="Rows that were left out by decision.")
    conflicts: int = rules.field(description="Rows that were left out because they contradict the records.")
    bad: int = rules.field(description="Rows that could not be used.")
    repeats: int = rules.field(description="Rows that repeat an earlier one.")


@rules.type(access.BUYER, description="A list of suppliers that the buyer handed in.")
class SupplierList(nodes.Node):
    file_name: str = rules.field(description="The name of its file.")
    size: int | None = rules.field(description="Bytes of its file; null before it arrives.")
    state: SupplierListState = rules.field(description="Where it stands.")
    created_at: datetime = rules.field(description="When it was announced.")
    confirmed_at: datetime | None = rules.field(description="When it was confirmed.")
    counts: SupplierListCounts | None = rules.field(description="What confirming it wrote; null before.")


@strawberry.input(
    description="Which columns hold a field. The name, a contact's name and address parts may have several, which are"
    " joined from left to right; the columns of a preview can be sent back so."
)
class ColumnMappingInput:
    field: SupplierListField = strawberry.field(description="The field.")
    columns: list[int] = strawberry.field(description="Numbers of columns from 1; none says that no column holds it.")


@strawberry.input(description="How a list is to be read; what is left out is found out from the file.")
class SupplierListOptionsInput:
    mapping: list[ColumnMappingInput] | None = strawberry.field(description="What columns hold.", default=None)
    header_line: int | None = strawberry.field(description="The line of the header, 0 for none.", default=None)
    default_country: str | None = strawberry.field(
        description="A country's code or name, for rows that name none.", default=None
    )
    encoding: str | None = strawberry.field(description='How the text is encoded, like "utf-8".', default=None)
    delimiter: str | None = strawberry.field(description="What parts the columns: , ; | or a tab.", default=None)
    sheet: str | None = strawberry.field(description="Which sheet of a workbook.", default=None)


@strawberry.input(description="The file that will be sent.")
class CreateSupplierListUploadInput:
    file_name: str = strawberry.field(description="1 to 200 characters; CSV or Excel, by content.")
    idempotency_key: str | None = strawberry.field(
        description="8 to 100 characters, the client's own; a repeated call with it gives the same list.", default=None
    )


@strawberry.input(description="Which list to look at, and how to read it.")
class PreviewSupplierListInput:
    supplier_list_id: strawberry.ID = strawberry.field(description="A list whose file was sent.")
    options: SupplierListOptionsInput | None = strawberry.field(
        description="How to read it; kept for the confirmation.", default=None
    )


@strawberry.input(description="What to do with one line instead of what its kind stands for.")
class SupplierListDecisionInput:
    line: int = strawberry.field(description="The line, as the preview counts it.")
    action: SupplierListAction = strawberry.field(description="What to do.")
    fields: list[SupplierListField] | None = strawberry.field(
        description="What UPDATE_FIELDS writes: name, local name, address, sector, vendor number, external reference.",
        default=None,
    )
    supplier_id: strawberry.ID | None = strawberry.field(
        description="Which of the suppliers suggested for the line it is; a KNOWN row need not say.", default=None
    )


@strawberry.input(description="Which list to write, and what to do with some of its lines.")
class ConfirmSupplierListInput:
    supplier_list_id: strawberry.ID = strawberry.field(description="A list whose file was sent.")
    options: SupplierListOptionsInput | None = strawberry.field(
        description="How to read it; without it as in the last preview.", default=None
    )
    decisions: list[SupplierListDecisionInput] | None = strawberry.field(
        description="At most 10,000; without one NEW and SUGGESTED are added, KNOWN gets a contact that it lacks, and "
        "CONFLICT is left out.",
        default=None,
    )


@rules.type(rules.AS_PARENT, description="The list waits for its file.")
class SupplierListUploadCreated:
    supplier_list: SupplierList = rules.field(description="The list.")
    upload: FileUpload | None = rules.field(description="Where to send the file; null where it has arrived already.")


@rules.type(rules.AS_PARENT, description="What the list would do; nothing was written.")
class SupplierListPreviewed:
    supplier_list: SupplierList = rules.field(description="The list.")
    preview: SupplierListPreview = rules.field(description="What confirming would do.")


@rules.type(rules.AS_PARENT, description="The list is written, now or before.")
class SupplierListConfirmed:
    supplier_list: SupplierList = rules.field(description="The list as it is now.")
    counts: SupplierListCounts = rules.field(description="What was written.")
    confirmed_before: bool = rules.field(description="Whether an earlier call had written it.")


def make_list(found: directory.SupplierImport) -> SupplierList:
    confirmed = found.state == "confirmed"
    return SupplierList(
        id=nodes.encode_id(LIST, found.id, found.buyer_id),
        file_name=found.file_name,
        size=found.size,
        state=SupplierListState(found.state),
        created_at=found.created_at,
        confirmed_at=found.confirmed_at,
        counts=make_counts(found.summary or {}) if confirmed else None,
    )


def make_counts(counts: Any) -> SupplierListCounts:
    return SupplierListCounts(**{name: int(counts.get(name, 0)) for name in imports.COUNTS})


def read_list_id(value: str) -> UUID:
    """The list that an input names; raises InvalidInput BAD_ID."""
    return nodes.decode_id(value, LIST, path=("supplier_list_id",)).id


def read_options(given: SupplierListOptionsInput) -> ListOptions:
    """Raises InvalidInput REPEATED where the mapping names a field twice."""
    refuse_repeats(given.mapping or ())
    return ListOptions(
        mapping={str(one.field.value): one.columns or None for one in given.mapping or ()},
        header_line=given.header_line,
        default_country=given.default_country,
        encoding=given.encoding,
        delimiter=given.delimiter,
        sheet=given.sheet,
    )


def refuse_repeats(mapping: Sequence[ColumnMappingInput]) -> None:
    """Raise InvalidInput that names both places of a field which stands twice in a mapping."""
    first: dict[SupplierListField, int] = {}
    found = []
    for at, one in enumerate(mapping):
        before = first.setdefault(one.field, at)
        if before != at:
            words = f"{one.field.name} stands in the mapping twice; name its columns in one place."
            found += [errors.FieldProblem(("options", "mapping", n, "field"), "REPEATED", words) for n in (before, at)]
    if found:
        raise errors.InvalidInput(found[0].message, code="REPEATED", path=found[0].path, problems=found)


def read_decisions(given: Sequence[SupplierListDecisionInput]) -> list[decisions.Decision]:
    """Raises InvalidInput BAD_ID that names the place."""
    return [
        decisions.Decision(
            line=one.line,
            action=str(one.action.value),  # type: ignore[arg-type]  # its values are the actions
            fields=tuple(str(name.value) for name in one.fields or ()),
            supplier_id=None
            if one.supplier_id is None
            else supplier.read_supplier_id(one.supplier_id, "decisions", at, "supplier_id"),
        )
        for at, one in enumerate(given[: decisions.MOST + 1])
    ]


async def open_list(info: Info, list_id: UUID, options: SupplierListOptionsInput | None) -> OpenedList | None:
    """Read the file of a list between two transactions; None where the list is confirmed and needs no reading."""
    async with info.context.transaction() as (session, actor):
        found = await imports.find_list(session, actor, list_id=list_id)
    if found.state == "confirmed":
        return None
    wanted = opening.read_options(found.mapping) if options is None else read_options(options)
    async with info.context.services.reading.enter(actor.organization):
        return await _open_file(info, found, wanted)


async def _open_file(info: Info, found: directory.SupplierImport, wanted: ListOptions) -> OpenedList | None:
    list_id = found.id
    try:
        data = await imports.read_file(info.context.storage, found)
    except errors.Unavailable:
        async with info.context.transaction() as (session, actor):
            now = await imports.find_list(session, actor, list_id=list_id)
        if now.state == "confirmed":  # by another call, which has no more use for the file
            return None
        raise
    try:
        with errors.name_below("options", kind=ListRefused):
            return await opening.open_list(data, wanted, most_rows=imports.MOST_ROWS_ONLINE)
    except ListRefused as refused:
        if refused.code == "NOT_A_LIST":  # other refusals may end with other options
            async with info.context.transaction() as (session, actor):
                await imports.fail_list(session, actor, list_id=list_id)
        raise


@nodes.loads(LIST)
async def load_lists(
    info: Info, session: Session, actor: access.Actor, wanted: Sequence[nodes.NodeId]
) -> list[SupplierList | None]:
    found = await imports.find_lists(session, actor, list_ids=[one.id for one in wanted])
    made = {(one.buyer_id, one.id): make_list(one) for one in found.values()}
    return [made.get((one.owner, one.id)) for one in wanted]


@strawberry.type
class SupplierListQuery:
    @rules.query(access.BUYER, description="The buyer's lists, the newest first.")
    async def supplier_lists(
        self,
        info: Info,
        first: paging.First = paging.PAGE,
        after: paging.After = None,
        state: Annotated[SupplierListState | None, strawberry.argument(description="Only these.")] = None,
    ) -> paging.Connection[SupplierList]:
        page = paging.read_page(NEWEST, first, after)
        async with info.context.transaction() as (session, actor):
            rows = await imports.list_lists(
                session,
                actor,
                state=str(state.value) if state else None,
                after=page.after.id if page.after else None,
                limit=page.limit,
            )
        return paging.build_connection(page, rows, keys=lambda row: ([], row.id), node=make_list)


@strawberry.type
class SupplierListMutation:
    @rules.mutation(
        access.BUYER_EDITOR, description="Announce a list of suppliers, and get a link to send its file to."
    )
    async def create_supplier_list_upload(
        self,
        info: Info,
        input: Annotated[CreateSupplierListUploadInput, strawberry.argument(description="The file.")],
    ) -> SupplierListUploadCreated:
        async with info.context.transaction() as (session, actor):
            made = await imports.create_upload(
                session, actor, file_name=input.file_name, idempotency_key=input.idempotency_key
            )
            found = await imports.find_list(session, actor, list_id=made.list_id)
        upload = None if made.ticket is None else make_upload(made.ticket, info)
        return SupplierListUploadCreated(supplier_list=make_list(found), upload=upload)

    @rules.mutation(
        access.BUYER_EDITOR,
        description="Look at what a list would do: columns as they are read, figures, rows, and why some cannot be "
        "used. Nothing is written, and no other buyer's records are looked at.",
    )
    async def preview_supplier_list(
        self, info: Info, input: Annotated[PreviewSupplierListInput, strawberry.argument(description="Which one.")]
    ) -> SupplierListPreviewed:
        list_id = read_list_id(input.supplier_list_id)
        opened = await open_list(info, list_id, input.options)
        async with info.context.transaction() as (session, actor):
            preview = await imports.preview_list(session, actor, list_id=list_id, opened=opened)
            found = await imports.find_list(session, actor, list_id=list_id)
        return SupplierListPreviewed(supplier_list=make_list(found), preview=make_preview(preview, actor))

    @rules.mutation(
        access.BUYER_EDITOR,
        description="Write a list: all of it or nothing, and once, however often it is confirmed.",
    )
    async def confirm_supplier_list(
        self, info: Info, input: Annotated[ConfirmSupplierListInput, strawberry.argument(description="Which one.")]
    ) -> SupplierListConfirmed:
        list_id, decided = read_list_id(input.supplier_list_id), read_decisions(input.decisions or ())
        opened = await open_list(info, list_id, input.options)
        async with info.context.transaction() as (session, actor):
            with errors.name_below("options", kind=ListRefused):
                done = await imports.confirm_list(session, actor, list_id=list_id, opened=opened, decided=decided)
            found = await imports.find_list(session, actor, list_id=list_id)
        await imports.forget_file(info.context.storage, done.storage_key)
        return SupplierListConfirmed(
            supplier_list=make_list(found), counts=make_counts(done.counts), confirmed_before=done.preview is None
        )
