"""Every setting of an installation, read from PORTAL_* variables; the README's table is compared with this module."""

import ipaddress
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, AliasChoices, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from portal import errors
from questionnaires.definition import EvidenceKind

LONGEST_RETENTION = 36_500  # days
SECRET_FILE = "secret.key"  # noqa: S105 (its name, not its content)
LEAST_SECRET = 32  # characters; 64 are made


def name_driver(url: str | None) -> str | None:
    """A database address as people and hosting services write it, with the driver SQLAlchemy needs."""
    if url is None:
        return None
    scheme, found, rest = url.partition("://")
    if not found or scheme not in {"postgres", "postgresql", "postgresql+asyncpg"}:
        raise ValueError("not an address like postgresql://login:password@host:5432/portal")
    return f"postgresql+asyncpg://{rest}"


def check_page(url: str) -> str:
    """The address of a page for people, as it is."""
    parts = urlsplit(url)
    if url and not (parts.scheme in {"http", "https"} and parts.hostname and url.isprintable() and " " not in url):
        raise ValueError("not an address like https://suppliers.example")
    return url


def check_scanner(url: str) -> str:
    """The address of a clamd, as it is."""
    parts = urlsplit(url)
    if url and not ((parts.scheme == "tcp" and parts.hostname) or (parts.scheme == "unix" and parts.path)):
        raise ValueError("not an address like tcp://host:3310 or unix:///run/clamav/clamd.ctl")
    return url


def read_networks(given: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Networks of a text like 10.20.0.0/16,fd00:20::/32; raises ValueError for any other text."""
    try:
        return [ipaddress.ip_network(one.strip()) for one in given.split(",") if one.strip()]
    except ValueError:
        raise ValueError("not networks like 10.20.0.0/16,fd00:20::/32") from None


def check_networks(given: str) -> str:
    """Networks, as they are."""
    read_networks(given)
    return given


def read_name_servers(given: str) -> list[tuple[str, int]]:
    """Addresses and ports of a text like 9.9.9.9,127.0.0.1:5353,[fd00::1]:53; raises ValueError for any other text."""
    found = []
    for one in filter(None, (part.strip() for part in given.split(","))):
        parts = urlsplit(f"//{f'[{one}]' if one.count(':') > 1 and '[' not in one else one}")
        found.append((str(ipaddress.ip_address(parts.hostname or "")), parts.port or 53))
    return found


def check_name_servers(given: str) -> str:
    """Name servers, as they are."""
    try:
        read_name_servers(given)
    except ValueError:
        raise ValueError("not addresses like 9.9.9.9,127.0.0.1:5353") from None
    return given


def read_retention(given: str) -> dict[str, int]:
    """Days by kind of document, of a text like photo=365,certificate=1095; raises ValueError for any other text."""
    kept: dict[str, int] = {}
    for part in filter(None, (one.strip() for one in given.split(","))):
        kind, _, days = part.partition("=")
        if kind not in get_args(EvidenceKind) or kind in kept or not days.isascii() or not days.isdigit():
            raise ValueError(
                f"not days by kind like photo=365,certificate=1095; kinds: {', '.join(get_args(EvidenceKind))}"
            )
        if not 1 <= int(days) <= LONGEST_RETENTION:
            raise ValueError(f"documents are kept for 1 to {LONGEST_RETENTION} days beyond their need")
        kept[kind] = int(days)
    return kept


def check_retention(given: str) -> str:
    """How long documents are kept, as it is."""
    read_retention(given)
    return given


def read_place(given: str) -> tuple[str, int] | None:
    """Host and port of a text like 127.0.0.1:9464 or [::1]:9464, none of an empty one; raises ValueError otherwise."""
    if not given:
        return None
    try:
        parts = urlsplit(f"//{given}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port or parts.netloc != given or "@" in given:
        raise ValueError("not a place to listen at like 127.0.0.1:9464")
    return host, port


def check_place(given: str) -> str:
    """A place to listen at, as it is."""
    read_place(given)
    return given


def check_secret(given: str) -> str:
    """A key that seals and signs, as it is; raises ValueError for one that can be guessed from what it signed."""
    if given and len(given.strip()) < LEAST_SECRET:
        raise ValueError(
            f"at least {LEAST_SECRET} random characters are needed. To leave a shorter one, name it in "
            "PORTAL_FORMER_SECRET_KEYS, set a new one, restart, and run `portal credentials reseal`"
        )
    return given


DatabaseUrl = Annotated[str | None, AfterValidator(name_driver)]


class Settings(BaseSettings):
    """One installation; every field has a default that serves a single machine."""

    model_config = SettingsConfigDict(
        env_prefix="PORTAL_",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    environment: Literal["development", "production"] = Field(
        "development", description="development shows the GraphiQL page and prints mail; production does neither."
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(
        8000,
        ge=0,
        le=65535,
        validation_alias=AliasChoices("PORTAL_PORT", "PORT"),
        description="Port to listen on; 0 takes a free one. PORT works as well.",
    )
    public_url: str = Field(
        "", description="Address of this portal, for links with a token in mail. Default: http://HOST:PORT."
    )
    client_url: Annotated[str, AfterValidator(check_page)] = Field(
        "",
        description="Address of the client that people use: letters and the page at / lead there. Default: that page.",
    )
    trusted_proxies: Annotated[str, AfterValidator(check_networks)] = Field(
        "127.0.0.1",
        description="Addresses and networks of proxies whose X-Forwarded-For is believed: 10.0.0.7,172.16.0.0/12.",
    )
    data_dir: Path = Field(
        Path(".data"), description="Folder of the embedded PostgreSQL, of files without S3, and of generated secrets."
    )
    database_url: DatabaseUrl = Field(
        None,
        repr=False,
        description="PostgreSQL 15 to 18 as the login portal_app; without it the embedded one is started.",
    )
    replica_database_url: DatabaseUrl = Field(
        None,
        repr=False,
        description="A streaming replica, as portal_app, for reads; it answers only where it is up to date.",
    )
    owner_database_url: DatabaseUrl = Field(
        None, repr=False, description="The login portal_owner: migrate and operator commands."
    )
    worker_database_url: DatabaseUrl = Field(
        None, repr=False, description="The login portal_worker: jobs, relay and releases."
    )
    backup_database_url: DatabaseUrl = Field(None, repr=False, description="The login portal_backup: backups.")
    admin_database_url: DatabaseUrl = Field(
        None, repr=False, description="An administrator's login, for --create-roles only."
    )
    listen_url: DatabaseUrl = Field(
        None,
        repr=False,
        description="A direct connection for notifications where the others pass a pooler. Default: the worker's.",
    )
    behind_pgbouncer: bool = Field(False, description="Whether PORTAL_DATABASE_URL is a pooler in transaction mode.")
    pool_size: int = Field(10, ge=1, le=200, description="Database connections of one server process.")
    statement_timeout_ms: int = Field(
        15_000, ge=100, description="Longest time of one SQL statement of a request; by a pooler it is 15 seconds."
    )
    worker_in_server: bool = Field(True, description="Whether `serve` also runs the worker.")
    storage_url: str = Field(
        "",
        description="Where files are kept: file:///folder or s3://bucket/prefix. Default: a folder in the data folder.",
    )
    max_upload_bytes: int = Field(25_000_000, ge=1_000, description="Largest file that may be uploaded.")
    clamav_url: Annotated[str, AfterValidator(check_scanner)] = Field(
        "",
        description="A clamd that looks at each document: tcp://host:3310 or unix:///path. Without it none is scanned.",
    )
    evidence_retention: Annotated[str, AfterValidator(check_retention)] = Field(
        "",
        description="Days that documents are kept beyond their last need, by kind: photo=365,certificate=1095. Other "
        "kinds are kept for good.",
    )
    files_at_once: int = Field(
        2,
        ge=1,
        le=64,
        description="Forms and lists that one process reads at once; as many files of each kind it makes.",
    )
    files_waiting: int = Field(
        16, ge=0, le=1_000, description="Calls that wait for one of these; whoever comes on top is told to come again."
    )
    font_folder: Path | None = Field(
        None,
        description="Fonts for scripts that the ones which ship lack (they have Latin, Arabic and Chinese) in PDFs.",
    )
    smtp_url: str | None = Field(
        None,
        repr=False,
        description="smtp://user:password@host:port or smtps://...; without it mail is printed, or kept in production.",
    )
    mail_from: str = Field("portal@localhost", description="Sender of mail.")
    letters_folder: Path | None = Field(
        None, description="Your own texts of letters, in files like es.yaml, over those that ship."
    )
    secret_key: Annotated[str, AfterValidator(check_secret)] = Field(
        "",
        repr=False,
        description="Signs links to files and seals secrets at rest: 32 random characters or more. Default: made once "
        "in the data folder.",
    )
    former_secret_keys: str = Field(
        "",
        repr=False,
        description="Earlier values of PORTAL_SECRET_KEY, by commas: what they sealed still opens, until "
        "`portal credentials reseal` has sealed it anew.",
    )
    signing_key: str = Field(
        "",
        repr=False,
        description="Signs summaries of results: a JWK, or a JWK set with older public keys behind the one that signs. "
        "Default: made once in the data folder.",
    )
    webhook_http: bool = Field(False, description="Whether webhooks may go to http:// addresses, for development.")
    webhook_networks: Annotated[str, AfterValidator(check_networks)] = Field(
        "",
        description="Networks that are not public to which webhooks may go, such as an intranet: "
        "10.20.0.0/16,fd00:20::/32.",
    )
    sso_http: bool = Field(
        False, description="Whether identity providers may be at http:// addresses, for development."
    )
    sso_networks: Annotated[str, AfterValidator(check_networks)] = Field(
        "",
        description="Networks that are not public in which identity providers may be, such as an intranet: "
        "10.20.0.0/16,fd00:20::/32.",
    )
    dns_servers: Annotated[str, AfterValidator(check_name_servers)] = Field(
        "",
        description="Name servers asked for the TXT records that show whose a domain is: 9.9.9.9 or 127.0.0.1:5353, by "
        "commas. Without them the operator confirms domains.",
    )
    feedback_days: int = Field(
        30, ge=1, le=365, description="Days after which a buyer that may read a submission owes its supplier feedback."
    )
    benchmark_release_days: int = Field(
        14,
        ge=0,
        le=89,
        description="Days after a quarter's end when the worker makes its benchmark release; 0 leaves that to you.",
    )
    benchmark_rows_per_day: int = Field(
        500_000, ge=1, le=1_000_000_000, description="Rows of benchmark releases that one partner may read in a day."
    )
    cost_per_minute: int = Field(
        2_000_000,
        ge=0,
        le=1_000_000_000,
        description="What the operations of one session or key may cost in a minute, in each process; more get 429 "
        "with Retry-After. 0 holds nobody back.",
    )
    requests_at_once: int = Field(
        400,
        ge=2,
        le=100_000,
        description="Requests that one process has under way, half of them of one address; more get 503 with "
        "Retry-After.",
    )
    connections_at_once: int = Field(
        4_000,
        ge=2,
        le=1_000_000,
        description="Connections that one process keeps; requests on more get that answer and are hung up on.",
    )
    session_days: int = Field(30, ge=1, le=365, description="How long a session lasts.")
    session_idle_days: int = Field(
        14, ge=1, le=365, description="How long a session lasts that nobody uses; the worker ends it."
    )
    invitation_days: int = Field(30, ge=1, le=365, description="How long an invitation link works.")
    allowed_origins: list[str] = Field(
        default_factory=list, description="Origins, besides the public address, whose pages may open a WebSocket."
    )
    only_trusted_documents: bool = Field(
        False, description="Whether only documents that `portal documents add` stored are run, introspection included."
    )
    compression: bool = Field(
        True, description="Whether large answers go out in gzip; false where a proxy compresses them."
    )
    metrics_address: Annotated[str, AfterValidator(check_place)] = Field(
        "",
        description="Where `serve` and `worker` answer GET /metrics, for Prometheus: 127.0.0.1:9464. Without it nobody "
        "is told.",
    )
    metrics_token: str = Field(
        "", repr=False, description="What whoever asks there must send as a bearer; without it nothing is asked."
    )
    trace_endpoint: Annotated[str, AfterValidator(check_page)] = Field(
        "",
        validation_alias=AliasChoices("PORTAL_TRACE_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"),
        description="An OTLP receiver (HTTP) that gets traces: http://127.0.0.1:4318. Without it none are made. "
        "OTEL_EXPORTER_OTLP_ENDPOINT works as well.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severe log line written."
    )

    @property
    def is_development(self) -> bool:
        """Whether conveniences for developers are on."""
        return self.environment == "development"


def read_settings(**given: object) -> Settings:
    """The settings of this process, with the defaults that depend on others filled in.

    Raises SetupError that names each variable that is wrong.
    """
    try:
        settings = Settings(**given)  # type: ignore[arg-type]  # checked by pydantic itself
    except ValidationError as error:
        faults = "; ".join(
            f"PORTAL_{'_'.join(str(part) for part in fault['loc']).upper().removeprefix('PORTAL_')}: {fault['msg']}"
            for fault in error.errors()
        )
        raise errors.SetupError(f"Settings that cannot be used: {faults}") from error
    folder = settings.data_dir.absolute()
    filled: dict[str, object] = {"data_dir": folder}
    if not settings.public_url:
        filled["public_url"] = f"http://{settings.host}:{settings.port}"
    if not settings.storage_url:
        filled["storage_url"] = (folder / "files").as_uri()
    return settings.model_copy(update=filled)


def ensure_secret_key(settings: Settings) -> Settings:
    """The settings with a key to sign with: the given one, or one made once and kept in the data folder.

    Raises SetupError where the folder cannot be written to, or the kept one is too short.
    """
    if settings.secret_key:
        return settings
    path = settings.data_dir / SECRET_FILE
    with explain_folder(settings):
        if not path.exists():
            write_private(path, secrets.token_urlsafe(48).encode())
    return settings.model_copy(update={"secret_key": find_secret_key(settings)})


def find_secret_key(settings: Settings) -> str:
    """The key that is set, or lies in the data folder; empty where there is none, and none is made.

    Raises SetupError where the file cannot be read, or holds a key that is too short.
    """
    path = settings.data_dir / SECRET_FILE
    with explain_folder(settings):
        if settings.secret_key or not path.exists():
            return settings.secret_key
        kept = path.read_bytes().decode("utf-8", "replace").strip()
    try:
        return check_secret(kept or "-")
    except ValueError as problem:
        raise errors.SetupError(f"{path}: {problem}.") from None


@contextmanager
def explain_folder(settings: Settings) -> Iterator[None]:
    """Turns what the system says about the data folder into a SetupError that says what to do."""
    try:
        yield
    except OSError as error:
        raise errors.SetupError(
            f"The data folder {settings.data_dir} cannot be used ({error.strerror}). Make it writable, or name another "
            "in PORTAL_DATA_DIR."
        ) from error


def write_private(path: Path, content: bytes, *, replaces: bool = False) -> None:
    """Write a file for its owner alone, whole or not at all.

    Of two processes that start together one wins, and both read what it wrote, unless the file replaces another.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    try:
        if replaces:
            draft.replace(path)
        else:
            path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)
