"""A person of the supplier's own organization, as the work on an assessment names them."""

from collections.abc import Mapping
from uuid import UUID

import strawberry

from graphql_schema import nodes, rules
from graphql_schema.member import MEMBER


@rules.type(rules.AS_PARENT, description="Somebody of the organization; other organizations never see this.")
class Colleague:
    member_id: strawberry.ID = rules.field(description="The id as one of `members`.")
    name: str | None = rules.field(
        description="The person's name, also after they left; null once their account is erased."
    )


def make_colleague(person: UUID | None, names: Mapping[UUID, str], organization: UUID) -> Colleague | None:
    """Somebody by id; none where nobody did it, or a machine."""
    if person is None:
        return None
    return Colleague(member_id=nodes.encode_id(MEMBER, person, organization), name=names.get(person))
