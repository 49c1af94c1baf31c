"""`portal demo`: the whole portal on this machine with one command."""

from typing import Annotated

import typer

from portal import settings as configuration
from portal.commands import installation, logs, server
from portal.settings import Settings

WELCOME = """
The portal runs at {url}
  Ready?     curl -s {url}/health/ready
  GraphQL    curl -s {url}/graphql -H 'content-type: application/json' -d '{{"query":"{{ service {{ version }} }}"}}'
Ctrl-C stops it; its data stay in {folder}.
"""


def demo(
    port: Annotated[int | None, typer.Option(help="The port to listen on instead of PORTAL_PORT or PORT.")] = None,
) -> None:
    """Start the portal with an embedded database; a second start keeps the data."""
    settings = configuration.read_settings(**({} if port is None else {"port": port}))
    logs.configure_logs(settings)
    with installation.open_installation(settings, migrate=True) as complete:
        typer.echo(describe(complete))
        server.run_server(complete)


def describe(settings: Settings) -> str:
    """What somebody needs to begin."""
    return WELCOME.format(url=settings.public_url, folder=settings.data_dir)
