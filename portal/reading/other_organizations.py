"""Another organization, as far as a link between the two shows it: the database shows no other."""

from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, literal_column

from portal.database.tables.identity import Organization
from portal.reading import outputs
from portal.reading.declarations import Field, Noun, plain

ORGANIZATION_TAG = "orga"
NOBODY: ColumnElement[UUID] = literal_column("'00000000-0000-0000-0000-000000000000'::uuid", Uuid())
OTHER_ORGANIZATION = Noun(
    "OtherOrganization",
    source=Organization.__table__,
    scope=None,
    fields={
        "id": Field(lambda row, viewer: outputs.write_node_id(ORGANIZATION_TAG, NOBODY, row.c.id), required=True),
        "name": plain("name"),
        "country": plain("country"),
    },
)
