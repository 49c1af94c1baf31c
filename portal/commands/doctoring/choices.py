"""Settings that do not fit each other or the place, and what an operator still has to do."""

import difflib
import ipaddress
import os
from urllib.parse import urlsplit

from portal import settings as configuration
from portal.commands.doctoring.databases import connect
from portal.commands.doctoring.findings import Finding, fail, ok, warn
from portal.delivery import letter_texts
from portal.errors import SetupError
from portal.settings import Settings

PREFIX = "PORTAL_"
BESIDES = {f"{PREFIX}PG_BIN"}  # is no field of the settings: it is looked up where programs of PostgreSQL are
OPERATORS = "SELECT count(*) FROM portal.user_account WHERE is_operator"


async def check_address(settings: Settings) -> list[Finding]:
    """Whether links in letters lead where people are, and over TLS."""
    parts = urlsplit(settings.public_url)
    local = is_local(parts.hostname or "")
    if settings.is_development:
        if local:
            return [ok("address", f"{settings.public_url}, in development.")]
        advice = "Set PORTAL_ENVIRONMENT=production: development shows a page for trying queries and prints letters."
        return [warn("address", f"{settings.public_url} runs as in development.", advice)]
    if local:
        advice = "Set PORTAL_PUBLIC_URL to the address that people use."
        return [fail("address", f"Links in letters lead to {settings.public_url}.", advice)]
    if parts.scheme != "https":
        advice = "Put a proxy with TLS in front, and set PORTAL_PUBLIC_URL to its https:// address."
        return [fail("address", f"{settings.public_url} is not encrypted: tokens can be read on the way.", advice)]
    return [ok("address", f"{settings.public_url}, in production.")]


def is_local(host: str) -> bool:
    """Whether a host is this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in ("", "localhost") or host.endswith(".localhost")


async def check_choices(settings: Settings) -> list[Finding]:
    """Settings that are allowed, and that somebody may regret."""
    found = []
    place = configuration.read_place(settings.metrics_address)
    if place and not is_local(place[0]) and not settings.metrics_token:
        advice = "Set PORTAL_METRICS_TOKEN, or listen where only your Prometheus comes."
        found.append(warn("metrics", f"Whoever reaches {settings.metrics_address} may read the metrics.", advice))
    if settings.webhook_http and not settings.is_development:
        advice = "Unset PORTAL_WEBHOOK_HTTP."
        found.append(warn("webhooks.http", "Webhooks may go out unencrypted.", advice))
    try:
        letter_texts.read_texts(settings.letters_folder)
    except SetupError as problem:
        found.append(fail("letters", str(problem), "`portal letters check` names each place."))
    if settings.font_folder is not None and not settings.font_folder.is_dir():
        message = f"There is no folder {settings.font_folder}."
        found.append(fail("fonts", message, "Correct PORTAL_FONT_FOLDER: servers do not start."))
    return found or [ok("choices", "Settings fit each other.")]


async def check_names(settings: Settings) -> list[Finding]:
    """Whether each PORTAL_* variable is a setting: what is misspelt is read by nobody."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | BESIDES
    found = []
    for name in sorted(one for one in os.environ if one.upper().startswith(PREFIX) and one.upper() not in known):
        near = difflib.get_close_matches(name.upper(), sorted(known), 1)
        advice = f"Did you mean {near[0]}?" if near else "Unset it; the README has a table of all settings."
        found.append(warn("settings.names", f"{name} is no setting: nothing reads it.", advice))
    return found or [ok("settings.names", "Each PORTAL_* variable is a setting.")]


async def check_operators(settings: Settings) -> list[Finding]:
    """Whether somebody can decide on who may be buyer."""
    if settings.worker_database_url is None:
        return []
    async with connect(settings.worker_database_url) as connection:
        number = await connection.fetchval(OPERATORS)
    if number:
        return [ok("operators", f"{number} operators.")]
    advice = "`portal operator create-operator you@example.com` names the first one."
    return [warn("operators", "Nobody has the operator's rights.", advice)]
