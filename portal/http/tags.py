"""Entity tags: by which a client asks whether what it has is still what there is."""

import hashlib


def write_tag(tag: str) -> str:
    """The value of ETag; weak, since the same content goes out plain and in gzip."""
    return f'W/"{tag}"'


def hash_content(content: bytes) -> str:
    """A tag for content that has no name of its own."""
    return hashlib.sha256(content).hexdigest()[:32]


def is_known(given: str, tag: str) -> bool:
    """Whether If-None-Match names the tag, among others, weakly or with the star."""
    tags = {one.strip().removeprefix("W/").strip('"') for one in given.split(",")}
    return tag in tags or "*" in tags
