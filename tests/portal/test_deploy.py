"""The samples for systemd and containers: they say what the code knows, give no more rights than needed, and work."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import typer.main
import yaml

from portal import signing
from portal.__main__ import app
from portal.database import embedded, migrating
from portal.settings import Settings
from questionnaires import catalogue
from tests import databases
from tests.absences import needs_systemd
from tests.clients import NOBODY
from tests.portal.commands.processes import run_portal, serve
from tests.portal.database.launching import make_reachable_folder, wait_until

FOLDER = databases.ROOT / "portal" / "deploy"
README = (databases.ROOT / "README.md").read_text(encoding="utf-8")
UNITS = ("portal.service", "portal-worker.service")
BACKUP, TIMER = "portal-backup.service", "portal-backup.timer"
ENVIRONMENTS = ("portal.env", "worker.env", "backup.env", "compose.env")
SETTINGS = {f"PORTAL_{name.upper()}" for name in Settings.model_fields}
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: one for name, one in SERVICES.items() if name != "database"}
# Of the Compose Specification what these files may use; a word that is not among them is a mistake.
OF_FILE = {"name", "services", "networks", "volumes"}
OF_SERVICE = {
    *("build", "cap_drop", "command", "depends_on", "environment", "healthcheck", "image", "init", "networks", "ports"),
    *("profiles", "read_only", "restart", "security_opt", "shm_size", "stop_grace_period", "tmpfs", "volumes"),
}
OF_HEALTHCHECK = {"test", "interval", "timeout", "retries", "start_period", "disable"}
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}
INSTRUCTIONS = {
    *("FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"),
}


def read_unit(name: str) -> dict[str, list[str]]:
    """What a unit says, by section and name; systemd's own program looks at the rest."""
    found: dict[str, list[str]] = {}
    section = ""
    for line in (FOLDER / name).read_text().splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(f"{section}.{key}", []).append(value)
    return found


def read_environment_file(name: str) -> dict[str, str]:
    lines = (FOLDER / name).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def read_dockerfile() -> list[tuple[str, str]]:
    """Its instructions with their arguments, lines put together."""
    text = re.sub(r"^#.*\n", "", (FOLDER / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]  # type: ignore[misc]


def read_image_environment() -> dict[str, str]:
    (given,) = [rest for name, rest in read_dockerfile() if name == "ENV"]
    return dict(part.split("=", 1) for part in shlex.split(given))


def check_command(arguments: list[str]) -> None:
    """Fail unless the command line takes these arguments."""
    group = typer.main.get_group(app)
    command = group.get_command(None, arguments[0])  # type: ignore[arg-type]
    assert command is not None, arguments
    command.make_context(arguments[0], list(arguments[1:]), resilient_parsing=False)


@pytest.mark.parametrize("name", UNITS)
def test_units_start_what_there_is_with_settings_that_there_are(name: str) -> None:
    unit = read_unit(name)
    program, *arguments = shlex.split(unit["Service.ExecStart"][0])
    assert program == "/opt/portal/bin/portal"
    check_command(arguments)
    given = {one.partition("=")[0] for one in unit["Service.Environment"]}
    files = [Path(one).name for one in unit["Service.EnvironmentFile"]]
    for file in files:
        assert (FOLDER / file).exists()
        given |= set(read_environment_file(file))
    assert given <= SETTINGS
    assert {"PORTAL_DATABASE_URL", "PORTAL_SECRET_KEY", "PORTAL_SIGNING_KEY", "PORTAL_PUBLIC_URL"} <= given
    assert ("PORTAL_WORKER_DATABASE_URL" in given) == (name == "portal-worker.service")
    assert not given & {"PORTAL_OWNER_DATABASE_URL", "PORTAL_ADMIN_DATABASE_URL"}
    assert unit["Service.User"] == ["portal"]
    assert unit["Service.InaccessiblePaths"] == ["-" + str(Path(read_unit(BACKUP)["Service.ReadWritePaths"][0]))]


def test_the_unit_that_backs_up_calls_what_there_is_with_the_one_login_more() -> None:
    unit, worker = read_unit(BACKUP), read_unit("portal-worker.service")
    shell, flag, line = shlex.split(unit["Service.ExecStart"][0])
    assert (shell, flag) == ("/bin/sh", "-c")
    date = re.search(r"\$\$\((date [^)]*)\)", line)  # systemd makes $ of $$, and % of %%
    assert date is not None
    called = shlex.split(line.replace(date[0], "2026-12-01T023000"))
    assert called[:2] == ["exec", "/opt/portal/bin/portal"]
    check_command(called[2:])
    named = subprocess.run(shlex.split(date[1].replace("%%", "%")), capture_output=True, text=True, check=True).stdout
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d{6}\n", named)
    assert unit["Service.ReadWritePaths"] == [str(Path(called[-1]).parent)]
    assert unit["Service.EnvironmentFile"] == ["/etc/portal/portal.env", "/etc/portal/backup.env"]
    assert list(read_environment_file("backup.env")) == ["PORTAL_BACKUP_DATABASE_URL"]
    confined = {name for name in worker if name.startswith("Service.") and worker[name] == unit.get(name)}
    assert {"Service.ProtectSystem", "Service.CapabilityBoundingSet", "Service.SystemCallFilter"} <= confined
    assert read_unit(TIMER)["Timer.Persistent"] == ["true"]


def test_old_backups_go_and_new_ones_stay(tmp_path: Path) -> None:
    """The very line of the unit, in another folder."""
    (line,) = read_unit(BACKUP)["Service.ExecStartPost"]
    for name, days in (("old", 40), ("new", 3)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "backup.json").touch()
        moment = time.time() - days * 86_400
        os.utime(tmp_path / name, (moment, moment))
    subprocess.run(shlex.split(line.replace("/var/backups/portal", str(tmp_path))), check=True)
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_units_differ_where_they_mean_to() -> None:
    web, worker = map(read_unit, UNITS)
    apart = {name for name in {*web, *worker} if web.get(name) != worker.get(name)}
    assert apart == {
        "Unit.Description",
        "Service.Environment",
        "Service.EnvironmentFile",
        "Service.ExecStart",
    }


@pytest.mark.parametrize("name", [*UNITS, BACKUP])
@needs_systemd
def test_systemd_finds_no_fault_with_units_and_little_exposure(name: str, tmp_path: Path) -> None:
    copy = tmp_path / name
    copy.write_text((FOLDER / name).read_text().replace("/opt/portal/bin/portal", sys.executable))
    environment = {**os.environ, "SYSTEMD_COLORS": "0"}
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True, env=environment
    )
    assert name not in done.stderr, done.stderr
    exposed = ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(copy)]
    judged = subprocess.run(exposed, capture_output=True, text=True, env=environment)
    assert judged.returncode == 0, judged.stdout
    copy.write_text(copy.read_text().replace("UMask=", "UMasc="))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True, env=environment
    )
    assert "UMasc" in done.stderr  # it does look


@needs_systemd
def test_systemd_knows_when_backups_are_made() -> None:
    (moment,) = read_unit(TIMER)["Timer.OnCalendar"]
    subprocess.run(["systemd-analyze", "calendar", moment], check=True, capture_output=True)
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(FOLDER / TIMER)], capture_output=True, text=True
    )
    assert TIMER not in told.stderr, told.stderr


def test_the_image_runs_as_nobody_of_note_and_holds_what_it_needs() -> None:
    instructions = read_dockerfile()
    assert {name for name, _ in instructions} <= INSTRUCTIONS
    images = [rest.split()[0] for name, rest in instructions if name == "FROM"]
    assert set(images) == {"python:3.13-slim"}
    last = instructions[max(at for at, (name, _) in enumerate(instructions) if name == "FROM") :]
    (user,) = [rest for name, rest in last if name == "USER"]
    assert user == "10001:10001"
    assert [name for name, _ in last].index("USER") > max(at for at, (name, _) in enumerate(last) if name == "RUN")
    assert "--require-hashes" in str(instructions)
    copied = {one for name, rest in instructions if name == "COPY" for one in rest.split()[:-1] if one[0] != "-"}
    for one in copied - {"/opt/portal"}:
        assert (databases.ROOT / one).exists(), one
        assert f"!{one}" in (FOLDER / "Dockerfile.dockerignore").read_text().splitlines(), one
    packaged = re.search(r"packages = (\[.*?\])", (databases.ROOT / "pyproject.toml").read_text())
    assert packaged is not None
    assert set(json.loads(packaged[1])) <= copied
    known = {name for name in read_image_environment() if name.startswith("PORTAL_")}
    assert known <= SETTINGS
    (entry,) = [json.loads(rest) for name, rest in last if name == "ENTRYPOINT"]
    (command,) = [json.loads(rest) for name, rest in last if name == "CMD"]
    assert entry == ["portal"]
    check_command(command)


@pytest.mark.slow  # builds the wheel
def test_what_the_image_copies_makes_a_portal_that_finds_all_its_files(tmp_path: Path) -> None:
    source, made, unpacked = tmp_path / "source", tmp_path / "made", tmp_path / "unpacked"
    source.mkdir()
    for name, rest in read_dockerfile():
        if name == "COPY" and not rest.startswith("--"):
            *copied, target = rest.split()
            for one in copied:
                place = source / target if target != "./" else source / one
                place.parent.mkdir(exist_ok=True)
                origin = databases.ROOT / one
                shutil.copytree(origin, place) if origin.is_dir() else shutil.copy(origin, place)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(made)]
    subprocess.run(build, cwd=source, check=True, capture_output=True)
    (wheel,) = made.iterdir()
    zipfile.ZipFile(wheel).extractall(unpacked)
    program = (
        "import portal.__main__, portal.app, portal.database.migrating as m; from questionnaires import catalogue;"
        " print(portal.__file__, m.head_revision(), len(catalogue.list_packaged()))"
    )
    environment = {**os.environ, "PYTHONPATH": str(unpacked)}
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    place, revision, questionnaires = done.stdout.split()
    assert Path(place).is_relative_to(unpacked)
    assert revision == migrating.head_revision()
    assert int(questionnaires) == len(catalogue.list_packaged())
    for path in FOLDER.iterdir():
        assert (unpacked / "portal" / "deploy" / path.name).read_bytes() == path.read_bytes()


def test_compose_says_only_what_the_specification_knows() -> None:
    assert {one for one in COMPOSE if not one.startswith("x-")} == OF_FILE
    for name, service in SERVICES.items():
        assert set(service) <= OF_SERVICE, name
        assert set(service.get("healthcheck", {})) <= OF_HEALTHCHECK, name
        assert set(service["networks"]) <= set(COMPOSE["networks"])
        for other, how in service.get("depends_on", {}).items():
            assert other in SERVICES
            assert how["condition"] in CONDITIONS
        for volume in service.get("volumes", []):
            assert volume.partition(":")[0] in COMPOSE["volumes"], volume
    assert COMPOSE["networks"]["inside"] == {"internal": True}


def test_compose_gives_no_more_rights_than_needed() -> None:
    for name, service in SERVICES.items():
        assert service["read_only"] is True, name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "user" not in service  # the image's own, which is nobody of note
        assert "healthcheck" in service or name == "portal", name  # that one has the image's
    for name, service in OURS.items():
        assert service["cap_drop"] == ["ALL"], name
        assert set(service["environment"]) <= SETTINGS, name
        check_command(service["command"])
    with_login = {name: set(one["environment"]) for name, one in OURS.items()}
    assert {name for name, given in with_login.items() if "PORTAL_OWNER_DATABASE_URL" in given} == {"migrate"}
    assert {name for name, given in with_login.items() if "PORTAL_WORKER_DATABASE_URL" in given} == {
        "migrate",
        "worker",
    }
    assert SERVICES["portal"]["ports"] == ["127.0.0.1:8000:8000"]
    assert "ports" not in SERVICES["database"]


def test_each_value_that_compose_asks_for_is_in_the_sample() -> None:
    asked = set(re.findall(r"\$\{(\w+):\?", (FOLDER / "compose.yaml").read_text()))
    assert re.findall(r"\$\{?\w+", (FOLDER / "compose.yaml").read_text()) != []
    assert asked == set(read_environment_file("compose.env"))
    assert not re.search(r"\$\{\w+[^:\w]", (FOLDER / "compose.yaml").read_text())  # none has an empty default


def test_no_file_names_a_registry_or_holds_a_secret() -> None:
    for path in FOLDER.iterdir():
        text = path.read_text()
        assert not re.search(r"(?:^|[\s\"'=])[\w.-]+\.(?:io|com|org|dev|net)/", text), path
        assert not re.search(r"/(?:root|home|tmp/\w)", text), path
    for file in ENVIRONMENTS:
        for name, value in read_environment_file(file).items():
            assert not (name.endswith(("_KEY", "PASSWORD")) and value), name


def test_the_readme_says_how_to_use_each() -> None:
    for name in (*UNITS, BACKUP, TIMER, "Dockerfile", "compose.yaml", *ENVIRONMENTS):
        assert f"portal/deploy/{name}" in README, name


def fill_in(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\$\{(\w+):\?[^}]*\}", lambda found: values[found[1]], text)


@pytest.fixture
def empty(database_server: databases.Server) -> Iterator[str]:
    """The name of a database with nothing in it."""
    name = f"{databases.COPY}deploy_{os.getpid()}"

    async def execute(admin: asyncpg.Connection, statement: str) -> None:
        await admin.execute(statement)

    url = database_server.superuser_url()
    databases.administer(url, lambda admin: execute(admin, f"CREATE DATABASE {name}"))
    yield name
    databases.administer(url, lambda admin: execute(admin, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.mark.slow  # migrates, and starts servers
def test_what_compose_starts_works_with_just_these_settings(database_server: databases.Server, empty: str) -> None:
    """Each service as the file says it, but for the container around it: commands, logins, probes."""
    admin = databases.make_url(database_server.superuser_url())
    values = read_environment_file("compose.env") | {
        "ADMIN_PASSWORD": str(admin.password),
        "SECRET_KEY": "only-for-tests-" + "0123456789" * 2,
        "SIGNING_KEY": signing.make_keys().decode(),
        "SMTP_URL": "smtp://127.0.0.1:9",
    }
    for role, password in database_server.passwords.items():
        values[f"{role.removeprefix('portal_').upper()}_PASSWORD"] = password
    port, metrics = (embedded._find_free_port() for _ in range(2))

    def settle(name: str) -> dict[str, str]:
        given = {key: fill_in(value, values) for key, value in OURS[name]["environment"].items()}
        moved = {
            key: value.replace("@database:5432/portal", f"@{admin.host}:{admin.port}/{empty}")
            for key, value in given.items()
        }
        image = {key: value for key, value in read_image_environment().items() if key.startswith("PORTAL_")}
        own = (
            {"PORTAL_METRICS_ADDRESS": f"127.0.0.1:{port + 1 if name == 'portal' else metrics}"}
            if "PORTAL_METRICS_ADDRESS" in given
            else {}
        )
        return image | moved | own | {"PORTAL_PORT": str(port)}

    def act(folder: Path, name: str) -> dict[str, str]:
        return settle(name) | {"PORTAL_DATA_DIR": str(folder)}

    with make_reachable_folder() as made:
        folder = made / "data"
        migrated = run_portal(folder, *OURS["migrate"]["command"], **act(folder, "migrate"))
        assert migrated.returncode == 0, migrated.stderr
        assert not folder.exists()  # its root file system is read-only
        with (
            serve(folder, *OURS["portal"]["command"], **act(folder, "portal")) as web,
            serve(folder, *OURS["worker"]["command"], **act(folder, "worker")) as worker,
        ):
            (probe,) = [rest for name, rest in read_dockerfile() if name == "HEALTHCHECK"]
            healthy = json.loads(probe.partition("CMD ")[2])
            assert (healthy[0], healthy[1]) == ("python", "-c")
            wait_until(lambda: run_probe(healthy[2].replace(":8000", f":{port}")), 180)
            at_work = OURS["worker"]["healthcheck"]["test"]
            wait_until(lambda: run_probe(at_work[3].replace(":9464", f":{metrics}")), 180)
            jobs = httpx.get(f"http://127.0.0.1:{port}/health/ready", timeout=20, verify=NOBODY).json()["jobs"]
            assert jobs["status"] == "ok"
            made = f"{folder.parent}/backup"
            took = run_portal(folder, *OURS["backup"]["command"][:-1], made, **act(folder, "backup"))
            assert (took.returncode, "It is not signed" in took.stdout) == (0, False), took.stderr
            assert worker.interrupt() == 0, worker.read_log()
            assert web.interrupt() == 0, web.read_log()


def run_probe(program: str) -> bool:
    return subprocess.run([sys.executable, "-c", program], stderr=subprocess.DEVNULL, timeout=30).returncode == 0
