"""What a head office has set for its sites: as the sites see it, and as the organization's own assessment lists it."""

import enum
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from graphql_schema import answer, nodes, paging, rules
from graphql_schema.answer import ASSESSMENT, SITE, AnswerContent, AnswerProvenance
from graphql_schema.colleague import Colleague, make_colleague
from portal.assessments.writes import Content
from questionnaires.definition import Definition

BY_QUESTION = paging.Order("answers.pushed", (str,))


@strawberry.enum(description="How an answer is set for sites.")
class PushMode(enum.Enum):
    LOCKED = strawberry.enum_value(
        "locked",
        description="It stands: the site cannot change it. An answer of the site's own gives way, and stays in the"
        " history.",
    )
    SUGGESTED = strawberry.enum_value(
        "suggested",
        description="The site confirms or changes it, and cannot submit it before. It never takes the place of an"
        " answer that the site has given or confirmed: that is a conflict, with both values.",
    )


@rules.type(rules.AS_PARENT, description="An answer that the head office has set for a site, in the period.")
class PushedAnswer:
    site_id: strawberry.ID = rules.field(description="The site, which may be archived.")
    question: str = rules.field(description="The question's key, as the head office was asked.")
    mode: PushMode = rules.field(description="Whether it is locked, or a suggestion.")
    content: AnswerContent | None = rules.field(description="What it says.")
    note: str | None = rules.field(description="Why it was set, in the words of who set it.")
    pushed_by: Colleague | None = rules.field(description="Who set it; null for a machine.")
    pushed_at: datetime = rules.field(description="When it was set last.")
    source_id: strawberry.ID = rules.field(description="The assessment of the organization that it was taken from.")
    is_outdated: bool = rules.field(
        description="Whether the organization's newest assessment says something else by now; push it again to let the"
        " sites know."
    )
    assessment_id: strawberry.ID | None = rules.field(
        description="The newest assessment of the site in the period; null where none was started."
    )
    provenance: AnswerProvenance | None = rules.field(
        description="Where the answer that stands there comes from: LOCKED, TO_CONFIRM while nobody has looked at it,"
        " CONFIRMED, or ANSWERED where the site has its own. Null where there is none under this key."
    )


@rules.type(rules.AS_PARENT, description="A page of answers that are set for sites, by question and site.")
class PushedAnswerPage:
    answers: list[PushedAnswer] = rules.field(description="The answers.", list_size=1)
    has_more: bool = rules.field(description="Whether more follow.")
    end_cursor: str | None = rules.field(description="The place of the last one, for `after`; null on an empty page.")


def read_place(page: paging.Page) -> tuple[str, UUID] | None:
    """The question and site behind which a page starts."""
    return None if page.after is None else (str(page.after.keys[0]), page.after.id)


def make_page(
    definitions: Mapping[str, Definition],
    found: Sequence[Any],
    names: Mapping[UUID, str],
    owner: UUID,
    page: paging.Page,
) -> PushedAnswerPage:
    shown = found[: page.first]
    end = paging.write_cursor(BY_QUESTION, [shown[-1].question], shown[-1].site_id) if shown else None
    return PushedAnswerPage(
        answers=[_make_pushed(definitions[row.content_hash], row, names, owner) for row in shown],
        has_more=len(found) > page.first,
        end_cursor=end,
    )


def _make_pushed(definition: Definition, row: Any, names: Mapping[UUID, str], owner: UUID) -> PushedAnswer:
    content = Content(state=row.state, value=row.value, reason=row.reason)
    is_there = row.provenance is not None and not row.deleted
    return PushedAnswer(
        site_id=nodes.encode_id(SITE, row.site_id, owner),
        question=row.question,
        mode=PushMode(row.mode),
        content=answer.make_content(definition, row.question, content),
        note=row.note,
        pushed_by=make_colleague(row.pushed_by, names, owner),
        pushed_at=row.pushed_at,
        source_id=nodes.encode_id(ASSESSMENT, row.source_id, owner),
        is_outdated=row.is_outdated,
        assessment_id=None if row.assessment_id is None else nodes.encode_id(ASSESSMENT, row.assessment_id, owner),
        provenance=AnswerProvenance(row.provenance) if is_there else None,
    )
