"""Whom a buyer writes to at a supplier, and whom somebody there names instead."""

from sqlalchemy import case

from portal.database.tables.directory import SupplierContact
from portal.database.tables.suggestions import ContactSuggestion
from portal.reading import outputs
from portal.reading.declarations import Expression, Field, Noun

CONTACT = SupplierContact.__table__
SUGGESTION = ContactSuggestion.__table__
CONTACT_TAG = "cont"
SUGGESTION_TAG = "csug"


def while_bounced(name: str) -> Expression:
    """A column of a contact that stays behind when it is written to again."""
    return lambda row, viewer: case((row.c.bounced_at.is_not(None), row.c[name]))


CONTACTS = Noun(
    "SupplierContact",
    source=CONTACT,
    scope=lambda row, viewer: row.c.buyer_id == viewer.organization_id,
    fields={
        "id": Field(lambda row, viewer: outputs.write_node_id(CONTACT_TAG, row.c.buyer_id, row.c.id), required=True),
        "name": Field(lambda row, viewer: row.c.name),
        "email": Field(lambda row, viewer: row.c.email),
        "locale": Field(lambda row, viewer: row.c.locale),
        "bounced_at": Field(lambda row, viewer: row.c.bounced_at, outputs.MOMENT),
        "bounce_reason": Field(while_bounced("bounce_reason"), outputs.CODE),
        "bounce_code": Field(while_bounced("bounce_code")),
    },
)


CONTACT_SUGGESTION = Noun(
    "ContactSuggestion",
    source=SUGGESTION,
    scope=lambda row, viewer: row.c.buyer_id == viewer.organization_id,
    fields={
        "id": Field(lambda row, viewer: outputs.write_node_id(SUGGESTION_TAG, row.c.buyer_id, row.c.id), required=True),
        "name": Field(lambda row, viewer: row.c.name),
        "email": Field(lambda row, viewer: row.c.email),
        "remark": Field(lambda row, viewer: row.c.remark),
        "state": Field(lambda row, viewer: row.c.state, outputs.CODE),
        "is_from_member": Field(lambda row, viewer: row.c.supplier_id.is_not(None), required=True),
        "suggested_at": Field(lambda row, viewer: row.c.created_at, outputs.MOMENT),
    },
)
