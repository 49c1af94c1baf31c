"""This installation of the portal: what a client may ask before it has signed in."""

import strawberry

import portal
from graphql_schema import limits, rules
from graphql_schema.context import Info
from portal import access


@rules.type(access.PUBLIC, description="The limits that every operation keeps.")
class OperationLimits:
    cost: int = rules.field(description="The most that an operation may cost, in fields x page sizes.")
    depth: int = rules.field(description="The deepest nesting of fields, in levels.")
    page_size: int = rules.field(description="The most items of one page.")
    body_size: int = rules.field(description="The largest request body, in bytes.")


@rules.type(access.PUBLIC, description="The service that answers.")
class Service:
    version: str = rules.field(description="The version of the portal, as in its change log.")
    limits: OperationLimits = rules.field(description="The limits that every operation keeps.")


@strawberry.type
class InstallationQuery:
    @rules.query(access.PUBLIC, description="The service that answers: its version and its limits.")
    async def service(self, info: Info) -> Service:
        allowed = OperationLimits(
            cost=limits.COST, depth=limits.DEPTH, page_size=limits.LARGEST_PAGE, body_size=limits.BODY_BYTES
        )
        return Service(version=portal.VERSION, limits=allowed)
