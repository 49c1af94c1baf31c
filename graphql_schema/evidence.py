"""A supplier's documents: sending them in, attaching them to answers, finding and fetching them."""

import enum
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import quote

import strawberry

from graphql_schema import answer, nodes, noun_nodes, paging, rules, selection
from graphql_schema.answer import ASSESSMENT, AnswerProblem
from graphql_schema.context import Info, Session
from graphql_schema.other_organization import OtherOrganization, ReaderRole
from portal import access, errors, reading, uploads
from portal.assessments import downloads, evidence, evidence_changing, refusals
from portal.reading.evidence import EVIDENCE as EVIDENCE_NOUN
from portal.reading.evidence import EVIDENCE_TAG, EVIDENCES
from questionnaires.answers import Problem

EVIDENCE = nodes.NodeKind(EVIDENCE_TAG, "Evidence", access.SUPPLIER)


@strawberry.enum(description="What a document is.")
class EvidenceKind(enum.Enum):
    POLICY = strawberry.enum_value("policy", description="What the organization says it does.")
    PROCEDURE = strawberry.enum_value("procedure", description="How it is done.")
    RECORD = strawberry.enum_value("record", description="That it was done: lists, payslips, training sheets.")
    CERTIFICATE = strawberry.enum_value("certificate", description="What a third party certified.")
    REPORT = strawberry.enum_value("report", description="What was found, by an audit or a visit.")
    CONTRACT = strawberry.enum_value("contract", description="What was agreed with somebody.")
    PHOTO = strawberry.enum_value("photo", description="What it looks like.")


@strawberry.enum(description="Where a document stands.")
class EvidenceState(enum.Enum):
    AWAITING = strawberry.enum_value("awaiting", description="The file has not arrived.")
    QUARANTINED = strawberry.enum_value("quarantined", description="The file has arrived and is being checked.")
    AVAILABLE = strawberry.enum_value("available", description="The file was checked and can be fetched.")
    REJECTED = strawberry.enum_value("rejected", description="The file was refused; see the reason.")
    EXPIRED = strawberry.enum_value("expired", description="The file is good, but its validity has passed.")
    REMOVED = strawberry.enum_value(
        "removed", description="The file is gone: the operator keeps this kind for a time only. Its hash stays."
    )


@strawberry.enum(description="Where a request to redact a document stands.")
class RedactionState(enum.Enum):
    OPEN = strawberry.enum_value("open", description="The supplier was asked.")
    DONE = strawberry.enum_value("done", description="A redacted file has taken the place of the document.")
    DECLINED = strawberry.enum_value("declined", description="The supplier has said why the document stays.")


@strawberry.enum(description="Why a document may hold data of persons.")
class PersonalDataHint(enum.Enum):
    FILE_NAME = strawberry.enum_value(
        "FILE_NAME", description="Its name speaks of a passport, pay, health or the like."
    )
    ID_NUMBERS = strawberry.enum_value(
        "ID_NUMBERS", description="It holds what looks like a number of identity or a bank account."
    )
    EMAIL_ADDRESSES = strawberry.enum_value("EMAIL_ADDRESSES", description="It names five addresses or more.")


@rules.type(access.SUPPLIER, description="A place that a document is attached to.")
class EvidenceAttachment:
    assessment_id: strawberry.ID = rules.field(description="The assessment.")
    question: str = rules.field(description="The key of the question.")
    row_id: str | None = rules.field(description="The row of a group; null outside groups.")


@rules.type(access.SUPPLIER, description="One file of a document that was sent anew.")
class EvidenceRevision:
    evidence_id: strawberry.ID = rules.field(description="Its id.")
    revision: int = rules.field(description="Its number, from 1.")
    file_name: str = rules.field(description="The name of its file.")
    state: EvidenceState = rules.field(description="Where it stands.")
    valid_until: date | None = rules.field(description="The last day it is valid; null where it has no end.")
    sha256: str | None = rules.field(description="SHA-256 of its file, in hexadecimal; null before it arrived.")
    created_at: datetime = rules.field(description="When it was announced.")


@rules.type(access.SUPPLIER, description="Another organization fetched a document, or its preview.")
class EvidenceOpening:
    reader: OtherOrganization | None = rules.field(description="Which organization.")
    reader_role: ReaderRole = rules.field(description="In which role.")
    purpose: str | None = rules.field(description="What for, as its request or the share says.")
    opened_at: datetime = rules.field(description="When.")


@rules.type(access.SUPPLIER, description="A document of the caller's organization.")
class Evidence(nodes.Node):
    file_name: str = rules.field(description="The name of its file.")
    title: str | None = rules.field(description="What it is called, at most 200 characters.")
    kind: EvidenceKind = rules.field(description="What it is.")
    issuer: str | None = rules.field(description="Who issued it, at most 200 characters.")
    issued_on: date | None = rules.field(description="The day it was issued.")
    valid_until: date | None = rules.field(description="The last day it is valid; null where it has no end.")
    language: str | None = rules.field(description="The language it is written in, as a tag like `en` or `pt-BR`.")
    period_start: date | None = rules.field(description="The first day it speaks of.")
    period_end: date | None = rules.field(description="The last day it speaks of.")
    revision: int = rules.field(description="1, or more where it is a newer file of the same document.")
    redacts: bool = rules.field(
        description="Whether others get this file in the place of all revisions before it, once it is available."
    )
    newer_revision_id: strawberry.ID | None = rules.field(
        description="The newest revision that is available, where that is another one: drafts stand on it."
    )
    revisions: list[EvidenceRevision] = rules.field(
        description="All revisions of the document with this one, the newest first, at most 50.", list_size=2
    )
    state: EvidenceState = rules.field(description="Where it stands.")
    refusal_code: str | None = rules.field(description="Why the file was refused, as a stable code.")
    media_type: str | None = rules.field(description="The type of its file, by content; null before it is available.")
    size: int | None = rules.field(description="Bytes of its file; null before it arrived.")
    sha256: str | None = rules.field(description="SHA-256 of its file, in hexadecimal; null before it arrived.")
    has_preview: bool = rules.field(description="Whether there is a small picture of it: JPEG and PNG have one.")
    opened_by: list[EvidenceOpening] = rules.field(
        description="Who fetched this file or its preview, the newest first, at most 100; see `readReceipts` for all.",
        list_size=3,
    )
    personal_data_hints: list[PersonalDataHint] = rules.field(
        description="What the file seems to hold of persons, once it was checked: look at it again before you share it."
        " It is a hint and no verdict; pictures and scans are not read, so none says nothing.",
        list_size=1,
    )
    is_expired: bool = rules.field(
        description="Whether its validity has passed, whatever became of its file: it may be kept, and does not count"
        " for what submission demands."
    )
    same_file_as_id: strawberry.ID | None = rules.field(
        description="The organization's first document with the very same file, where that is another one: the file "
        "is kept once."
    )
    upload_expires_at: datetime | None = rules.field(description="Until when the file may be sent.")
    created_at: datetime = rules.field(description="When it was announced.")
    attachments: list[EvidenceAttachment] = rules.field(description="Where it is attached, the first 100.", list_size=3)

    @rules.method(description="Why the file was refused and what to do, in plain words.")
    def refusal_reason(self) -> str | None:
        rejection: str | None = self.key["rejection"]  # type: ignore[attr-defined]  # self is a row of the read model
        return None if rejection is None else refusals.explain(rejection)


@rules.type(rules.AS_PARENT, description="A page of documents.")
class EvidenceConnection(paging.Connection[Evidence]):
    nodes: list[Evidence] = rules.field(description="The documents of the page, in order.")


@strawberry.input(description="Which documents; what is left out or null does not narrow.")
class EvidenceFilter:
    state: EvidenceState | None = strawberry.field(description="Those in this state.", default=None)
    kind: EvidenceKind | None = strawberry.field(description="Those of this kind.", default=None)
    newest: bool | None = strawberry.field(
        description="True: each document once, by its newest revision that is available. False: what those replaced.",
        default=None,
    )


@rules.type(rules.AS_PARENT, description="A header that a request must carry.")
class HttpHeader:
    name: str = rules.field(description="Its name.")
    value: str = rules.field(description="Its value.")


@rules.type(
    rules.AS_PARENT,
    description="The right to send one file, once. The same address and headers speak tus 1.0 (HEAD, PATCH, DELETE): by"
    " it a file comes in pieces, and a line that broke is no loss.",
)
class FileUpload:
    url: str = rules.field(description="Where to send the bytes of the file, as they are.")
    method: str = rules.field(description="PUT, for the file as a whole.")
    headers: list[HttpHeader] = rules.field(description="What the request must carry.", list_size=1)
    expires_at: datetime = rules.field(
        description="Until when; a transfer that began earlier may end later. Each piece by tus gives a day more."
    )
    max_bytes: int = rules.field(description="The largest file that is taken.")


@strawberry.input(description="What is said of a document before its file is sent.")
class CreateEvidenceUploadInput:
    file_name: str = strawberry.field(
        description="1 to 200 characters, ending in .pdf, .docx, .xlsx, .pptx, .csv, .txt, .jpg, .png or .heic."
    )
    kind: EvidenceKind = strawberry.field(description="What it is.")
    title: str | None = strawberry.field(description="1 to 200 characters.", default=None)
    issuer: str | None = strawberry.field(description="Who issued it, 1 to 200 characters.", default=None)
    issued_on: date | None = strawberry.field(description="The day it was issued, not in the future.", default=None)
    valid_until: date | None = strawberry.field(
        description="The last day it is valid; not before the day of issue.", default=None
    )
    language: str | None = strawberry.field(
        description="The language it is written in, as a tag like `en` or `pt-BR`.", default=None
    )
    period_start: date | None = strawberry.field(
        description="The first day it speaks of; with `periodEnd` or not at all.", default=None
    )
    period_end: date | None = strawberry.field(description="The last day it speaks of.", default=None)
    revises: strawberry.ID | None = strawberry.field(
        description="A document, by any of its revisions, that this is a newer file of: once it is available, drafts"
        " stand on it; what was submitted keeps the old one. It stays of the same kind, and title, issuer and language"
        " stay unless given.",
        default=None,
    )
    redacts: bool = strawberry.field(
        description="Whether something was taken out of the document that it `revises`: others then get this file in"
        " the place of those before it, also where they were submitted, and requests to redact them are done. You keep"
        " all of them.",
        default=False,
    )
    size: int | None = strawberry.field(
        description="Bytes of the file, where they are known; a file that is too large is told so at once.",
        default=None,
    )
    idempotency_key: str | None = strawberry.field(
        description="8 to 100 characters; the same key and input give the same document, with a new link.", default=None
    )


@rules.type(rules.AS_PARENT, description="A document waits for its file.")
class EvidenceUploadCreated:
    evidence: Evidence = rules.field(description="The document; it can be attached already.")
    upload: FileUpload | None = rules.field(
        description="Where to send its file; null where the file of an earlier call with this key has arrived."
    )


@strawberry.input(description="A document and an answer of a draft.")
class AttachEvidenceInput:
    assessment_id: strawberry.ID = strawberry.field(description="The id of the draft.")
    question: str = strawberry.field(description="The key of the question.")
    row_id: str | None = strawberry.field(description="The row of a group; null outside groups.", default=None)
    evidence_id: strawberry.ID = strawberry.field(description="The id of the document.")


@strawberry.input(description="A document and an answer of a draft.")
class DetachEvidenceInput(AttachEvidenceInput):
    pass


@rules.type(rules.AS_PARENT, description="The document stands behind the answer.")
class EvidenceAttached:
    evidence: Evidence = rules.field(description="The document with all its attachments.")
    problem: AnswerProblem | None = rules.field(
        description="Why it does not count for what submission demands here, as its dates tell: EVIDENCE_EXPIRED,"
        " EVIDENCE_OUTDATED or EVIDENCE_UNDATED; or EVIDENCE_NOT_ASKED: the question asks for no document, so that"
        " nothing counts it. Null where it counts."
    )


@strawberry.input(description="What to put right of a document; what is left out stays, null empties it.")
class UpdateEvidenceInput:
    evidence_id: strawberry.ID = strawberry.field(description="A document that no submission holds.")
    kind: EvidenceKind | None = strawberry.field(
        default=strawberry.UNSET, description="What it is, never null; one that the answers it is attached to take."
    )
    title: str | None = strawberry.field(default=strawberry.UNSET, description="1 to 200 characters.")
    issuer: str | None = strawberry.field(default=strawberry.UNSET, description="Who issued it, 1 to 200 characters.")
    issued_on: date | None = strawberry.field(
        default=strawberry.UNSET, description="The day it was issued, not in the future."
    )
    valid_until: date | None = strawberry.field(
        default=strawberry.UNSET, description="The last day it is valid; not before the day of issue."
    )
    language: str | None = strawberry.field(
        default=strawberry.UNSET, description="The language it is written in, as a tag like `en` or `pt-BR`."
    )
    period_start: date | None = strawberry.field(
        default=strawberry.UNSET, description="The first day it speaks of; null together with `periodEnd`."
    )
    period_end: date | None = strawberry.field(default=strawberry.UNSET, description="The last day it speaks of.")


@rules.type(rules.AS_PARENT, description="The document was put right.")
class EvidenceUpdated:
    evidence: Evidence = rules.field(description="The document as it is now.")


@strawberry.input(description="Which document to delete.")
class DeleteEvidenceInput:
    evidence_id: strawberry.ID = strawberry.field(
        description="A document that is attached to no answer of a draft, and that no submission holds."
    )


@rules.type(rules.AS_PARENT, description="The document is gone, and its file unless another document has the same.")
class EvidenceDeleted:
    evidence_id: strawberry.ID = rules.field(description="The id that names nothing any more.")


@rules.type(rules.AS_PARENT, description="The document no longer stands behind the answer; it was not removed.")
class EvidenceDetached:
    evidence: Evidence = rules.field(description="The document with the attachments that are left.")


@strawberry.input(description="Which document to fetch.")
class CreateEvidenceDownloadInput:
    evidence_id: strawberry.ID = strawberry.field(description="The id of an own document, or of one that is shared.")
    preview: bool = strawberry.field(
        description="Whether to fetch the small picture of a picture, a JPEG of at most 480 points on a side without"
        " what a camera notes, in place of the file.",
        default=False,
    )


@rules.type(rules.AS_PARENT, description="A link to the file.")
class EvidenceDownloadCreated:
    url: str = rules.field(
        description="GET it; the rights of whoever asked are looked at again. Another organization leaves a receipt."
    )
    expires_at: datetime = rules.field(description="Until when the link works.")


def make_upload(ticket: uploads.Ticket, info: Info) -> FileUpload:
    """A link as clients use it; also for the other files that come in by one."""
    settings = info.context.settings
    return FileUpload(
        url=f"{settings.public_url}{uploads.PATH}",
        method="PUT",
        headers=[HttpHeader(name=uploads.HEADER, value=ticket.token)],
        expires_at=ticket.expires_at,
        max_bytes=settings.max_upload_bytes,
    )


async def read_evidence(session: Session, actor: access.Actor, selected: reading.Selected, id: Any) -> Any:
    found = await reading.read_one(session, actor, EVIDENCE_NOUN, selected, id=id)
    if found is None:
        raise errors.NotFound("There is no such evidence.", path=("evidenceId",))
    return found


def read_place(input: AttachEvidenceInput, actor: access.Actor) -> dict[str, Any]:
    """What attaching and detaching are told; an id of somebody else is one that does not exist."""
    found = nodes.decode_id(input.evidence_id, EVIDENCE, path=("evidenceId",))
    draft = nodes.decode_id(input.assessment_id, ASSESSMENT, path=("assessmentId",))
    if draft.owner != actor.organization:
        raise errors.NotFound("There is no such assessment.", path=("assessmentId",))
    check_owner(found, actor)
    return {
        "assessment_id": draft.id,
        "question": input.question,
        "row_id": input.row_id,
        "evidence_id": found.id,
    }


def check_owner(found: nodes.NodeId, actor: access.Actor, *, path: tuple[str, ...] = ("evidenceId",)) -> None:
    """Raise NotFound for a document of somebody else."""
    if found.owner != actor.organization:
        raise errors.NotFound("There is no such evidence.", path=path)


def read_changes(input: UpdateEvidenceInput) -> dict[str, Any]:
    """What was given of a document; raises InvalidInput for a kind that is null."""
    names = ("kind", "title", "issuer", "issued_on", "valid_until", "language", "period_start", "period_end")
    given = {name: getattr(input, name) for name in names if getattr(input, name) is not strawberry.UNSET}
    if given.get("kind", EvidenceKind.RECORD) is None:
        raise errors.InvalidInput("A document always is of some kind.", code="KIND", path=("kind",))
    return given | ({"kind": str(given["kind"].value)} if "kind" in given else {})


async def change_attachment(
    info: Info, input: AttachEvidenceInput, result: str, change: Callable[..., Awaitable[Problem | None]]
) -> Any:
    """Attach or detach, and give the document as it is then."""
    selected = selection.read(info)
    async with info.context.transaction() as (session, actor):
        place = read_place(input, actor)
        problem = await change(session, actor, **place)

        async def read(part: reading.Selected) -> Any:
            return await read_evidence(session, actor, part, place["evidence_id"])

        told = await answer.tell_problems(info, session, actor, [] if problem is None else [problem])
        members = {"evidence": read, "problem": told[0] if told else None}
        return await reading.compose(result, selected, members)


@nodes.loads(EVIDENCE)
async def load_evidence(info: Info, session: Session, actor: access.Actor, wanted: Sequence[nodes.NodeId]) -> list[Any]:
    return await noun_nodes.read_rows(info, session, actor, EVIDENCE_NOUN, wanted)


@strawberry.type
class EvidenceQuery:
    @rules.query(access.SUPPLIER, description="The documents of the caller's organization, the newest first.")
    async def evidence(
        self,
        info: Info,
        first: paging.First = paging.PAGE,
        after: paging.After = None,
        filter: Annotated[EvidenceFilter | None, strawberry.argument(description="Which.")] = None,
    ) -> EvidenceConnection:
        selected = selection.read(info)
        async with info.context.reading() as (session, actor):
            page: Any = await reading.read_connection(session, actor, EVIDENCES, selected)
            return page  # type: ignore[no-any-return]


@strawberry.type
class EvidenceMutation:
    @rules.mutation(access.SUPPLIER_EDITOR, description="Announce a document and get the link to send its file to.")
    async def create_evidence_upload(
        self, info: Info, input: Annotated[CreateEvidenceUploadInput, strawberry.argument(description="The document.")]
    ) -> EvidenceUploadCreated:
        new = evidence.NewEvidence(
            file_name=input.file_name,
            kind=str(input.kind.value),
            title=input.title,
            issuer=input.issuer,
            issued_on=input.issued_on,
            valid_until=input.valid_until,
            language=input.language,
            period_start=input.period_start,
            period_end=input.period_end,
            redacts=input.redacts,
            upload_size=input.size,
        )
        old = None if input.revises is None else nodes.decode_id(input.revises, EVIDENCE, path=("revises",))
        selected, largest = selection.read(info), info.context.settings.max_upload_bytes
        async with info.context.transaction() as (session, actor):
            if old is not None:
                check_owner(old, actor, path=("revises",))
            made = await evidence.create_upload(
                session,
                actor,
                new=new,
                largest=largest,
                revises=None if old is None else old.id,
                idempotency_key=input.idempotency_key,
            )
            upload = None if made.ticket is None else make_upload(made.ticket, info)

            async def read(part: reading.Selected) -> Any:
                return await read_evidence(session, actor, part, made.evidence_id)

            row: Any = await reading.compose("EvidenceUploadCreated", selected, {"evidence": read, "upload": upload})
            return row  # type: ignore[no-any-return]

    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="Attach a document of a kind that the question takes to an answer of a draft.",
    )
    async def attach_evidence(
        self, info: Info, input: Annotated[AttachEvidenceInput, strawberry.argument(description="What and where.")]
    ) -> EvidenceAttached:
        return await change_attachment(info, input, "EvidenceAttached", evidence.attach_evidence)  # type: ignore[no-any-return]

    @rules.mutation(access.SUPPLIER_EDITOR, description="Take a document off an answer of a draft.")
    async def detach_evidence(
        self, info: Info, input: Annotated[DetachEvidenceInput, strawberry.argument(description="What and where.")]
    ) -> EvidenceDetached:
        return await change_attachment(info, input, "EvidenceDetached", evidence.detach_evidence)  # type: ignore[no-any-return]

    @rules.mutation(access.SUPPLIER_EDITOR, description="Put right what was said of a document, until it is submitted.")
    async def update_evidence(
        self, info: Info, input: Annotated[UpdateEvidenceInput, strawberry.argument(description="The changes.")]
    ) -> EvidenceUpdated:
        selected, wanted = selection.read(info), nodes.decode_id(input.evidence_id, EVIDENCE, path=("evidenceId",))
        async with info.context.transaction() as (session, actor):
            check_owner(wanted, actor)
            await evidence_changing.update_evidence(session, actor, evidence_id=wanted.id, changes=read_changes(input))

            async def read(part: reading.Selected) -> Any:
                return await read_evidence(session, actor, part, wanted.id)

            row: Any = await reading.compose("EvidenceUpdated", selected, {"evidence": read})
            return row  # type: ignore[no-any-return]

    @rules.mutation(access.SUPPLIER_EDITOR, description="Delete a document that nothing stands on.")
    async def delete_evidence(
        self, info: Info, input: Annotated[DeleteEvidenceInput, strawberry.argument(description="Which.")]
    ) -> EvidenceDeleted:
        wanted = nodes.decode_id(input.evidence_id, EVIDENCE, path=("evidenceId",))
        async with info.context.transaction() as (session, actor):
            check_owner(wanted, actor)
            await evidence_changing.delete_evidence(session, actor, evidence_id=wanted.id)
        return EvidenceDeleted(evidence_id=input.evidence_id)

    @rules.mutation(access.CALLER, description="Get a link to the file of a document, own or shared, for five minutes.")
    async def create_evidence_download(
        self, info: Info, input: Annotated[CreateEvidenceDownloadInput, strawberry.argument(description="Which.")]
    ) -> EvidenceDownloadCreated:
        wanted = nodes.decode_id(input.evidence_id, EVIDENCE, path=("evidenceId",))
        settings = info.context.settings
        async with info.context.transaction() as (session, actor):
            token, expires_at = await downloads.create_download(
                session,
                actor,
                supplier_id=wanted.owner,
                evidence_id=wanted.id,
                secret=settings.secret_key,
                preview=input.preview,
            )
        url = f"{settings.public_url}{downloads.PATH}?token={quote(token)}"
        return EvidenceDownloadCreated(url=url, expires_at=expires_at)
