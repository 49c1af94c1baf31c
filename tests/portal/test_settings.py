"""Defaults that depend on other settings."""

from pathlib import Path

import obstore
import pytest

from portal import errors, settings, storage


@pytest.mark.parametrize("name", ["plain", "50% a#b ?c", "%41"])
def test_files_are_kept_in_the_data_folder_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    store = storage.open_storage(settings.read_settings(data_dir=folder).storage_url)
    obstore.put(store, "some/key", b"content")
    assert (folder / "files" / "some" / "key").read_bytes() == b"content"
    assert [one.name for one in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("url", ["app.example", "javascript:alert(1)", "https://", "https://app.example/a b"])
def test_the_client_that_letters_lead_to_is_a_page(url: str) -> None:
    with pytest.raises(errors.SetupError, match=r"PORTAL_CLIENT_URL.*https://suppliers\.example"):
        settings.read_settings(client_url=url)
    assert settings.read_settings(client_url="https://app.example/#/").client_url == "https://app.example/#/"
