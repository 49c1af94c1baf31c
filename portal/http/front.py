"""GET /: a small page that says what this address is and does what the links in letters promise, by the public API."""

import html
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

FOLDER = Path(__file__).parent / "front"
PARTS = {
    "/front/front.css": ("front.css", "text/css"),
    "/front/front.js": ("front.js", "text/javascript"),
    # Browsers ask for it whatever they show, health/ready too, and report it as an error where there is none.
    "/favicon.ico": ("icon.svg", "image/svg+xml"),
}
DOCUMENT = re.compile(r"^const [A-Z_]+ = `([^`]+)`;$", re.MULTILINE)
EXPLORER = "<!-- explorer -->"
EXPLORER_LINK = '<li><a href="graphiql">A page for trying queries</a></li>'
CLIENT = "<!-- client -->"
NO_CLIENT = "Everything else is done with programs that use its API; it has no web client yet."
CLIENT_LINK = 'To sign in, to answer and to read, go to <a href="{url}">{url}</a>.'
# Asked for anew each time, so that a page never meets the script of an earlier version.
HEADERS = {"Cache-Control": "no-cache"}


def list_routes(*, with_explorer: bool, client_url: str = "") -> list[Route]:
    """The page and its parts; it leads to the client that people use, and in development to the explorer."""
    page = (FOLDER / "index.html").read_text(encoding="utf-8")
    page = page.replace(EXPLORER, EXPLORER_LINK if with_explorer else "")
    page = page.replace(CLIENT, CLIENT_LINK.format(url=html.escape(client_url)) if client_url else NO_CLIENT)
    parts = [Route(path, make_sender((FOLDER / name).read_text("utf-8"), kind)) for path, (name, kind) in PARTS.items()]
    return [Route("/", make_sender(page, "text/html")), *parts]


def list_documents() -> list[str]:
    """The operations of the page as they stand in its script; whoever serves the page trusts them."""
    return DOCUMENT.findall((FOLDER / "front.js").read_text(encoding="utf-8"))


def make_sender(content: str, kind: str) -> Callable[[Request], Awaitable[Response]]:
    """The answer to GET: 200 with a text that stays in memory."""

    async def send(request: Request) -> Response:
        return Response(content, 200, HEADERS, kind)

    return send
