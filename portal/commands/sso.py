"""`portal sso ...`: what the operator does about the identity providers of organizations, with the owner's login."""

from typing import Annotated

import typer

from portal.commands import operator
from portal.identity.operators import OWNER_LOGIN
from portal.sso import operating

Domain = Annotated[str, typer.Argument(help="A domain of e-mail addresses, like example.com.")]

app = typer.Typer(
    help="Confirm whose a domain is, where no name server is asked; turn off a provider that fails. Uses the login of "
    "PORTAL_OWNER_DATABASE_URL, or the embedded database.",
    no_args_is_help=True,
)


@app.command("domains")
def list_domains(limit: operator.Limit = operator.MOST_LINES) -> None:
    """List the domains that organizations claim, those that wait first."""
    for one in operator.run_as_owner(lambda session: operating.list_claims(session, OWNER_LOGIN, limit=limit)):
        state = f"by {one.verified_by} on {one.verified_at:%Y-%m-%d}" if one.verified_at else "waits"
        typer.echo(f"{one.organization_id}  {one.domain}  {state}  {one.organization}")


@app.command("confirm-domain")
def confirm_domain(organization: operator.Organization, domain: Domain) -> None:
    """Let a claimed domain count, once you know that it is the organization's own: people sign in by it."""
    operator.run_as_owner(
        lambda session: operating.confirm_domain(session, OWNER_LOGIN, organization=organization, domain=domain)
    )
    typer.echo(f"{domain} counts for the organization.")


@app.command("release-domain")
def release_domain(organization: operator.Organization, domain: Domain) -> None:
    """Take a domain from an organization, as when it was sold; nobody new comes in by it."""
    operator.run_as_owner(
        lambda session: operating.release_domain(session, OWNER_LOGIN, organization=organization, domain=domain)
    )
    typer.echo(f"{domain} counts for the organization no more.")


@app.command("turn-off")
def turn_off(
    organization: operator.Organization,
    reason: Annotated[str, typer.Option(help="Why, and who asked; kept in the organization's audit trail.")],
) -> None:
    """Let an organization sign in with passwords again, as when its provider fails and no owner can sign in."""
    ended = operator.run_as_owner(
        lambda session: operating.turn_off(session, OWNER_LOGIN, organization=organization, reason=reason)
    )
    typer.echo(f"The provider is off, and not required. {ended} sessions ended.")
