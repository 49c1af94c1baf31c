"""Whether a backup is as it was made: each of its files by size and SHA-256, and none that it does not know."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portal.backups import contents
from portal.backups.contents import Manifest, Part
from portal.backups.steps import Progress


@dataclass(frozen=True)
class Fault:
    """What is wrong with a file of a backup: MISSING, SIZE, CHANGED (another hash) or UNKNOWN (in no list)."""

    code: str
    path: str

    def __str__(self) -> str:
        return f"{self.code} {self.path}"


def check_folder(folder: Path, manifest: Manifest, progress: Progress) -> Iterator[Fault]:
    """Every difference; a list that differs is not followed. Raises OSError where something cannot be read."""
    faults = [fault for name, part in manifest.parts.items() if (fault := _look(folder, name, part))]
    yield from faults
    if contents.FILES in {fault.path for fault in faults}:
        return
    progress.begin("Checking files", manifest.files)
    present = 0
    for file in contents.read_files(folder):
        progress.advance()
        if file.is_missing:
            continue
        present += 1
        fault = _look(folder, f"{contents.STORED}/{file.key}", Part(file.size, file.sha256))
        if fault is not None:
            present -= fault.code == "MISSING"
            yield fault
    yield from _find_unknown(folder, manifest, present)


def _find_unknown(folder: Path, manifest: Manifest, present: int) -> Iterator[Fault]:
    """Files beside those of the manifest; of the many below `files` only whether there are more than listed."""
    known = {contents.MANIFEST, contents.SIGNATURE, *manifest.parts}
    stored = 0
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_dir():
            continue
        if name.startswith(f"{contents.STORED}/"):
            stored += 1
        elif name not in known:
            yield Fault("UNKNOWN", name)
    if stored > present:
        yield Fault("UNKNOWN", f"{stored - present} files below {contents.STORED}/")


def _look(folder: Path, name: str, part: Part) -> Fault | None:
    path = folder / name
    if ".." in path.parts or not path.is_file() or path.is_symlink():
        return Fault("MISSING", name)
    if path.stat().st_size != part.size:
        return Fault("SIZE", name)
    return None if contents.hash_file(path) == part else Fault("CHANGED", name)
