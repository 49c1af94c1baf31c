"""A supplier that is linked to a buyer and shares one submission with it, made past every policy."""

from dataclasses import dataclass
from uuid import UUID

from portal.database import ids
from tests import people
from tests.graphql_schema.portals import Caller, Portal
from tests.graphql_schema.suppliers import documents as docs
from tests.graphql_schema.suppliers.documents import add

LEAD = "responsible-sourcing"
VERSION = """
INSERT INTO portal.questionnaire_version (questionnaire, version, content_hash, locale, document)
VALUES ('responsible-sourcing', '1.0.0', 'hash', 'en', '{}') ON CONFLICT DO NOTHING
"""
ASSESSMENT = """
INSERT INTO portal.assessment (supplier_id, id, questionnaire, version, tier, subject_key, period_start, period_end,
                               state)
VALUES ($1, $2, 'responsible-sourcing', '1.0.0', 'basic', $1, '2026-01-01', '2026-12-31', 'submitted')
"""
SUBMISSION = """
INSERT INTO portal.submission (supplier_id, id, assessment_id, revision, questionnaire, version, content_hash, tier,
                               subject, subject_key, period_start, period_end, header, root_hash)
VALUES ($1, $2, $3, 1, 'responsible-sourcing', '1.0.0', 'hash', 'basic', 'organization', $1, '2026-01-01',
        '2026-12-31', '{}', '\\x00')
"""
RESULT = """
INSERT INTO portal.result (supplier_id, submission_id, profile_number, tier_scored, is_own_tier, total, band,
                           band_reason, coverage, pillars, critical, valid_until)
VALUES ($1, $2, 1, 'basic', true, $3, $4, 'total', 10000, '[{"key": "people", "title": "People", "score": 7000}]',
        '{}', '2100-01-01')
"""
SHARE = """
INSERT INTO portal.share (supplier_id, buyer_id, id, questionnaire, subject_key, submission_id, follows_from, mode,
                          purpose, until)
VALUES ($1, $2, $3, 'responsible-sourcing', $1, $4, portal.clock(), 'snapshot', 'Choosing',
        portal.clock() + make_interval(hours => $5))
"""
LINK = "UPDATE portal.supplier_record SET supplier_id = $1, state = 'linked', linked_at = portal.clock() WHERE id = $2"


@dataclass(frozen=True)
class Shared:
    """The two sides and what is between them."""

    supplier: Caller
    record_id: str
    record: UUID
    share: UUID


async def share(
    house: Portal, buyer: Caller, name: str, *, total: int = 7_000, band: str = "b", hours: int = 24
) -> Shared:
    """A linked supplier whose result the buyer may read for some hours."""
    made = (await add(house, buyer, name))["id"]
    record = docs.decode(made)
    supplier = await house.sign_up("supplier")
    own, assessment, submission, shared = supplier.organization, ids.new_id(), ids.new_id(), ids.new_id()
    for statement, values in (
        (VERSION, ()),
        (ASSESSMENT, (own, assessment)),
        (SUBMISSION, (own, submission, assessment)),
        (RESULT, (own, submission, total, band)),
        (SHARE, (own, buyer.organization, shared, submission, hours)),
        (LINK, (own, record)),
        ("SELECT portal.refresh_cards($1, $2)", (buyer.organization, record)),
    ):
        await people.run_sql(house.database, statement, *values)
    return Shared(supplier, made, record, shared)
