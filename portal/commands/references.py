"""What names a row on the command line: its UUID, or the opaque id that the API gives it."""

from uuid import UUID

import typer

from portal.trail import blocks

OWN = "portal"  # the chain of what is of no organization


def read_organization(value: str) -> UUID:
    """The organization that is meant. Raises BadParameter."""
    return _read(value, "ORGANIZATION")


def read_chain(value: str) -> UUID:
    """Whose trail is meant: an organization's, or the portal's own. Raises BadParameter."""
    return blocks.PORTAL if value == OWN else read_organization(value)


def read_group(value: str) -> UUID:
    """The corporate group that is meant. Raises BadParameter."""
    return _read(value, "GROUP")


def read_glass(value: str) -> UUID:
    """The operator's view that is meant. Raises BadParameter."""
    return _read(value, "GLASS")


def _read(value: str, kind: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        return _decode(value, kind)


def _decode(value: str, kind: str) -> UUID:
    # Imported here because it loads the surface, which a UUID does without.
    from graphql_schema import glass, nodes, operator, organization
    from portal import errors

    kinds = {"ORGANIZATION": organization.ORGANIZATION, "GROUP": operator.GROUP, "GLASS": glass.GLASS}
    try:
        return nodes.decode_id(value, kinds[kind], path=()).id
    except errors.InvalidInput as problem:
        raise typer.BadParameter(f"{problem.message} A UUID is taken too.") from None
