"""The process that reads a picture from standard input and writes a small JPEG of it, with nothing else from it.

A damaged or hostile picture can make a decoder abort, or ask for all memory there is; here it takes down this process
alone, whose memory and time are limited.
"""

from __future__ import annotations

import io
import sys
import warnings

from PIL import Image, ImageOps

MEMORY = 1_024 * 1024 * 1024  # bytes
SECONDS = 20
MAX_PIXELS = 50_000_000  # of what is unpacked; larger pictures go without a preview
SIDE = 480  # points


def run() -> int:
    """Writes the preview; an exit status other than 0 means that there is none."""
    limit_process()
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    with Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=("JPEG", "PNG")) as picture:
        picture.draft("RGB", (2 * SIDE, 2 * SIDE))
        turned = ImageOps.exif_transpose(picture)
        turned.thumbnail((SIDE, SIDE))
        made = io.BytesIO()
        # A new picture, so that no place, date, name or profile comes along.
        flat = Image.new("RGB", turned.size, "white")
        alpha = turned.convert("RGBA")
        flat.paste(alpha, mask=alpha)
        flat.save(made, "JPEG", quality=80)
    sys.stdout.buffer.write(made.getvalue())
    return 0


def limit_process() -> None:
    try:
        import resource
    except ImportError:  # not on Windows: there the caller's time limit alone holds
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(run())
