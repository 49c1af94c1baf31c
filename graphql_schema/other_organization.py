"""Another organization, as one that is linked with it sees it."""

import enum

import strawberry

from graphql_schema import rules
from graphql_schema.scalars import CountryCode


@rules.type(rules.AS_PARENT, description="Another organization, as far as a link between the two shows it.")
class OtherOrganization:
    id: strawberry.ID = rules.field(description="Its id.")
    name: str = rules.field(description="Its name.")
    country: CountryCode | None = rules.field(description="Where it has its seat.")


@strawberry.enum(description="In which role the reader acted; who it was is not told.")
class ReaderRole(enum.Enum):
    OWNER = strawberry.enum_value("owner", description="An owner of the organization.")
    EDITOR = strawberry.enum_value("editor", description="An editor.")
    REVIEWER = strawberry.enum_value("reviewer", description="A reviewer.")
    VIEWER = strawberry.enum_value("viewer", description="A viewer.")
    API_KEY = strawberry.enum_value("api_key", description="A machine.")
