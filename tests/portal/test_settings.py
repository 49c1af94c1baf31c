"""Defaults that depend on other settings."""

from pathlib import Path

import obstore
import pytest

from portal import settings, storage


@pytest.mark.parametrize("name", ["plain", "50% a#b ?c", "%41"])
def test_files_are_kept_in_the_data_folder_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    store = storage.open_storage(settings.read_settings(data_dir=folder).storage_url)
    obstore.put(store, "some/key", b"content")
    assert (folder / "files" / "some" / "key").read_bytes() == b"content"
    assert [one.name for one in tmp_path.iterdir()] == [name]
