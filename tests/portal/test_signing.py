"""Keys to sign with: made once, rotated without losing older ones, given by a setting, refused where they are none."""

import base64
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from portal import errors, settings, signing
from portal.__main__ import app
from portal.settings import Settings


def ensure(folder: Path, key: str = "") -> signing.KeyRing:
    made = signing.ensure_signing_key(Settings(data_dir=folder, signing_key=key))
    found = signing.open_keys(made)
    assert found is not None
    return found


def run(folder: Path, *arguments: str, key: str = "") -> str:
    result = CliRunner().invoke(
        app, ["keys", *arguments], env={"PORTAL_DATA_DIR": str(folder), "PORTAL_SIGNING_KEY": key}
    )
    if result.exception is not None:
        raise result.exception
    return result.output


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    first = ensure(tmp_path)
    assert ensure(tmp_path).public.keys() == first.public.keys()
    assert [path.name for path in tmp_path.iterdir()] == [signing.KEY_FILE]
    assert (tmp_path / signing.KEY_FILE).stat().st_mode & 0o077 == 0


def test_rotation_signs_with_a_new_key_and_publishes_the_older_ones(tmp_path: Path) -> None:
    first = ensure(tmp_path)
    old = first.sign(b'{"format":"old"}')
    assert "older ones that stay published: 1" in run(tmp_path, "rotate")
    run(tmp_path, "rotate")
    now = ensure(tmp_path)
    assert len(now.public) == 3
    assert now.private.thumbprint() not in first.public
    published = signing.read_public_keys(run(tmp_path, "show"), "shown")
    assert list(published) == list(now.public)
    assert signing.check_signature(old, published).key_id == first.private.thumbprint()
    assert signing.check_signature(now.sign(b"{}"), published).content == {}
    kept = json.loads((tmp_path / signing.KEY_FILE).read_text())["keys"]
    assert ["d" in key for key in kept] == [True, False, False]
    assert '"d"' not in run(tmp_path, "show")


def test_keys_of_a_setting_are_rotated_by_hand(tmp_path: Path) -> None:
    given = signing.make_keys().decode()
    before = ensure(tmp_path, given)
    with pytest.raises(errors.SetupError, match="set by PORTAL_SIGNING_KEY"):
        run(tmp_path, "rotate", key=given)
    made = ensure(tmp_path, run(tmp_path, "rotate", "--print", key=given))
    assert [*made.public][1:] == [*before.public]
    single = json.dumps(json.loads(given)["keys"][0])
    assert ensure(tmp_path, single).public.keys() == before.public.keys()
    assert list(tmp_path.iterdir()) == []


OTHER = json.loads(signing.make_keys())["keys"][0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nonsense", "this is no JWK or JWK set"),
        ("[]", "this is no JWK or JWK set"),
        ('{"keys": []}', "this is no JWK or JWK set"),
        ('{"kty": "oct", "k": "c2VjcmV0"}', "this is no JWK or JWK set"),
        (json.dumps(OTHER | {"crv": "X25519"}), "this is no JWK or JWK set"),
        (json.dumps(OTHER | {"x": base64.urlsafe_b64encode(b"1" * 32).rstrip(b"=").decode()}), "this is no JWK"),
        (json.dumps({name: value for name, value in OTHER.items() if name != "d"}), "has no private part"),
    ],
)
def test_what_is_no_key_is_refused_without_being_repeated(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(errors.SetupError, match=words) as caught:
        ensure(tmp_path, text)
    assert str(caught.value).startswith("PORTAL_SIGNING_KEY: ")
    assert OTHER["d"] not in str(caught.value)


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(errors.SetupError, match="cannot be used"):
        ensure(tmp_path / "file")
    with pytest.raises(errors.SetupError, match="cannot be used"):
        settings.ensure_secret_key(Settings(data_dir=tmp_path / "file"))


def test_the_secret_key_is_made_once(tmp_path: Path) -> None:
    first = settings.ensure_secret_key(Settings(data_dir=tmp_path)).secret_key
    assert len(first) == 64
    assert settings.ensure_secret_key(Settings(data_dir=tmp_path)).secret_key == first


@pytest.mark.parametrize("key", ["abc", "x" * 31, " " * 40, "  " + "x" * 31 + "  "])
def test_a_secret_key_that_can_be_guessed_is_refused_wherever_it_is(key: str, tmp_path: Path) -> None:
    with pytest.raises(errors.SetupError, match=r"PORTAL_SECRET_KEY: .*32 random characters.*PORTAL_FORMER") as caught:
        settings.read_settings(data_dir=tmp_path, secret_key=key)
    assert "xxx" not in str(caught.value)
    (tmp_path / "secret.key").write_text(key)
    with pytest.raises(errors.SetupError, match=r"secret\.key: at least 32 random characters"):
        settings.ensure_secret_key(Settings(data_dir=tmp_path))
    assert settings.read_settings(data_dir=tmp_path, secret_key="x" * 32, former_secret_keys=key).secret_key


def test_an_empty_or_broken_file_of_the_secret_key_is_no_key(tmp_path: Path) -> None:
    for content in (b"", b"\n", b"\xff\xfe"):
        (tmp_path / "secret.key").write_bytes(content)
        with pytest.raises(errors.SetupError, match="32 random characters"):
            settings.find_secret_key(Settings(data_dir=tmp_path))


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "x" * 200_001, "é.b.c", "e30.e30."])
def test_what_is_no_signed_summary(text: str) -> None:
    with pytest.raises(errors.InvalidInput):
        signing.check_signature(text, {})
