"""A server that speaks S3, for tests of storage that is no folder."""

import contextlib
from collections.abc import Iterator

import httpx
from moto.server import ThreadedMotoServer

from tests.clients import NOBODY

BUCKET = "files"


@contextlib.contextmanager
def run_s3() -> Iterator[str]:
    """Its address, with a bucket; what is in it is gone afterwards."""
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    try:
        host, port = running.get_host_and_port()
        httpx.put(f"http://{host}:{port}/{BUCKET}", verify=NOBODY)
        yield f"http://{host}:{port}"
    finally:
        running.stop()


def list_settings(address: str) -> dict[str, str]:
    """How a portal reaches it: what stands in its environment."""
    return {
        "AWS_ENDPOINT": address,
        "AWS_REGION": "us-east-1",
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
