"""What a supplier has agreed to once for submissions to come."""

from typing import Any

from sqlalchemy import Boolean, Text, and_, case, literal_column

from portal.database.tables.consent import StandingRule
from portal.database.tables.directory import Site
from portal.reading import outputs
from portal.reading.answers import SITE_TAG
from portal.reading.assessments import newest_first, node_id, supplier_scope
from portal.reading.declarations import Connection, Field, Filter, Noun, One, plain
from portal.reading.other_organizations import OTHER_ORGANIZATION
from portal.reading.shares import RULE_TAG
from portal.reading.sources import Condition, Join, Source, Viewer


def is_standing(row: Source, viewer: Viewer) -> Condition:
    return and_(row.c.ended_at.is_(None), row.c.until > viewer.now)


def tell_state(row: Source, viewer: Viewer) -> Any:
    """Whether a rule stands, or what ended it."""
    return case(
        (row.c.ended_at.is_not(None), row.c.end_reason),
        (row.c.until <= viewer.now, literal_column("'ended'", Text)),
        else_=literal_column("'standing'", Text),
    )


STANDING_RULE = Noun(
    "StandingRule",
    source=StandingRule.__table__,
    scope=supplier_scope,
    key=("supplier_id", "id"),
    joins={
        "site": Join(
            Site.__table__,
            lambda row, site: and_(site.c.organization_id == row.c.supplier_id, site.c.id == row.c.subject_key),
        )
    },
    fields={
        "id": node_id(RULE_TAG, "supplier_id"),
        "questionnaire": plain("questionnaire"),
        "site_id": Field(
            lambda row, viewer: case(
                (
                    row.c.subject_key != row.c.supplier_id,
                    outputs.write_node_id(SITE_TAG, row.c.supplier_id, row.c.subject_key),
                )
            )
        ),
        "sections": plain("sections"),
        "include_evidence": plain("include_evidence"),
        "purpose": plain("purpose"),
        "until": plain("until", outputs.MOMENT),
        "statement": plain("statement"),
        "state": Field(tell_state, outputs.CODE, required=True),
        "created_at": plain("created_at", outputs.MOMENT),
        "ended_at": plain("ended_at", outputs.MOMENT),
        "use_count": plain("use_count", outputs.INTEGER),
        "used_at": plain("used_at", outputs.MOMENT),
    },
    links={"buyer": One(OTHER_ORGANIZATION, on=lambda row, other: other.c.id == row.c.buyer_id)},
)
STANDING_RULES = Connection(
    STANDING_RULE,
    sorts={"newest": newest_first()},
    default_sort="newest",
    filters={"standing": Filter(lambda row, viewer, value: is_standing(row, viewer) == value, Boolean())},
)
