"""Storage, folders and their rights, free disk, the mail server and the scanner."""

import resource
import secrets
import shutil
import stat
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiosmtplib
import obstore
import obstore.exceptions

from portal import settings as configuration
from portal import signing, storage
from portal.assessments import virus_scanning
from portal.commands import listening
from portal.commands.doctoring.findings import Finding, fail, ok, warn
from portal.errors import SetupError
from portal.settings import Settings

LOW_BYTES, EMPTY_BYTES = 2_000_000_000, 200_000_000
SMTP_SECONDS = 15


async def check_storage(settings: Settings) -> list[Finding]:
    """Whether a file that is written comes back, and goes."""
    if (missing := _find_missing_folder(settings)) is not None:
        return [_judge_missing(missing, settings)]
    key, content = f"health/doctor-{secrets.token_hex(4)}", secrets.token_bytes(16)
    advice = "Make it writable for the account that runs the portal, or name another place in PORTAL_STORAGE_URL."
    try:
        store = storage.open_storage(settings.storage_url, makes=False)
        await storage.write(store, key, content)
        read = b"".join([part async for part in storage.read_stream(store, key)])
        await storage.delete(store, key)
    except (SetupError, OSError, obstore.exceptions.BaseError) as error:
        return [fail("storage", f"{_name_storage(settings)} keeps no file ({type(error).__name__}).", advice)]
    if read != content:
        return [fail("storage", f"{_name_storage(settings)} gives back other bytes than it was given.", advice)]
    return [ok("storage", f"{_name_storage(settings)} keeps files and gives them back.")]


def _find_missing_folder(settings: Settings) -> Path | None:
    parts = urlsplit(settings.storage_url)
    folder = Path(unquote(parts.path))
    return folder if parts.scheme == "file" and not folder.exists() else None


def _judge_missing(folder: Path, settings: Settings) -> Finding:
    """A folder that was named should be there; that of the data folder comes with the first server."""
    message = f"There is no folder {folder}."
    if folder == settings.data_dir / "files":
        advice = "The first `portal serve` makes it. Where there is a portal already: is PORTAL_DATA_DIR right?"
        return warn("storage", message, advice)
    advice = f"Is its volume mounted, and PORTAL_STORAGE_URL right? For a new portal make it: mkdir -m 700 {folder}"
    return fail("storage", message, advice)


def _name_storage(settings: Settings) -> str:
    parts = urlsplit(settings.storage_url)
    return f"{parts.scheme}://{parts.hostname or ''}{unquote(parts.path)}"


def list_folders(settings: Settings) -> list[Path]:
    """Folders of this machine in which the portal keeps what is private."""
    parts = urlsplit(settings.storage_url)
    files = [Path(unquote(parts.path))] if parts.scheme == "file" else []
    return [one for one in (settings.data_dir, *files) if one.exists()]


async def check_files(settings: Settings) -> list[Finding]:
    """Whether others on this machine can read keys, or write where the portal reads."""
    found = []
    for name in (configuration.SECRET_FILE, signing.KEY_FILE):
        path = settings.data_dir / name
        if path.exists() and (mode := stat.S_IMODE(path.stat().st_mode)) & 0o077:
            advice = f"chmod 600 {path}; whoever read it can make links to files or sign results: change the key."
            found.append(fail("files", f"{path} is open to others on this machine ({mode:03o}).", advice))
    for folder in list_folders(settings):
        mode = stat.S_IMODE(folder.stat().st_mode)
        if mode & stat.S_IWOTH:
            message = f"Everybody on this machine may write to {folder} ({mode:03o})."
            found.append(fail("files", message, f"chmod o-w {folder}"))
    return found or [ok("files", "Keys and folders are closed to others.")]


async def check_disk(settings: Settings) -> list[Finding]:
    """Whether there is room for what comes."""
    found = []
    for folder in list_folders(settings):
        free = shutil.disk_usage(folder).free
        if free < LOW_BYTES:
            advice = "Make room, or move the folder: a full disk stops the database and every upload."
            message = f"{free // 1_000_000} MB are free at {folder}."
            found.append((fail if free < EMPTY_BYTES else warn)("disk", message, advice))
    return found or [ok("disk", "There is room on the disks.")]


async def check_open_files(settings: Settings) -> list[Finding]:
    """Whether the system lets a process have the connections that the settings allow."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < settings.connections_at_once + listening.OTHER_FILES:
        advice = "Raise it (LimitNOFILE= of systemd, `ulimit -Hn`), or lower PORTAL_CONNECTIONS_AT_ONCE."
        return [warn("open_files", f"A process may have {most} files and connections open.", advice)]
    return [ok("open_files", "A process may open as many connections as it is allowed to.")]


async def check_mail(settings: Settings) -> list[Finding]:
    """Whether the mail server talks to us, and takes our sign-in."""
    if settings.smtp_url is None:
        if settings.is_development:
            return [ok("mail", "Letters are printed, for want of PORTAL_SMTP_URL.")]
        advice = "Name your mail server in PORTAL_SMTP_URL: nobody can confirm an address until then."
        return [fail("mail", "Letters are kept and not sent: there is no PORTAL_SMTP_URL.", advice)]
    parts = urlsplit(settings.smtp_url)
    client = aiosmtplib.SMTP(
        hostname=parts.hostname,
        port=parts.port,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        use_tls=parts.scheme == "smtps",
        timeout=SMTP_SECONDS,
    )
    where = f"{parts.hostname}:{parts.port or 'its usual port'}"
    try:
        await client.connect()
        await client.quit()
    except (aiosmtplib.SMTPException, OSError) as error:
        advice = "Are address, port, user and password of PORTAL_SMTP_URL right, and does a firewall let us out?"
        return [fail("mail", f"The mail server at {where} cannot be used ({type(error).__name__}).", advice)]
    finally:
        client.close()
    return [ok("mail", f"The mail server at {where} answers.")]


async def check_scanner(settings: Settings) -> list[Finding]:
    """Whether the scanner answers, where there is one."""
    if not settings.clamav_url:
        return [ok("scanner", "No scanner is set (PORTAL_CLAMAV_URL): documents are kept without.")]
    try:
        await virus_scanning.ping(settings.clamav_url)
    except virus_scanning.ScannerAway as away:
        advice = "Start clamd, or correct PORTAL_CLAMAV_URL; documents wait in quarantine until it answers."
        return [fail("scanner", f"The scanner does not answer ({away}).", advice)]
    return [ok("scanner", "The scanner answers.")]
