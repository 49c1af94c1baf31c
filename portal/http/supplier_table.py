"""GET /suppliers.csv: a buyer's list as a table for a spreadsheet, page by page as it is read."""

import base64
import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from portal import access, errors, reading
from portal.assessments import receipts, supplier_filters
from portal.database import audit
from portal.database.engine import Database
from portal.directory import countries
from portal.http import compression, parameters, refusals
from portal.identity import attempts
from portal.reading.selections import Selected, Shape
from portal.reading.suppliers import LEAD, SUPPLIERS
from questionnaires import answer_table

PATH = "/suppliers.csv"
PAGE = 100
# Headers that an import of the same file understands come first.
COLUMNS = {
    "Vendor number": "vendor_number",
    "Name": "name",
    "Local name": "local_name",
    "Country": "country",
    "Address": "address",
    "Sector": "sector_text",
    "E-mail": "email",
    "External reference": "external_reference",
    "ISIC Rev.4": "sector",
    "State": "state",
    "Questionnaire": "questionnaire",
    "Tier": "tier",
    "Band": "band",
    "Total": "total",
    "Coverage": "coverage",
    "Period end": "period_end",
    "Submitted at": "submitted_at",
    "Valid until": "valid_until",
    "Shared until": "shared_until",
    "Expired": "is_expired",
    "Request state": "request_state",
    "Due on": "due_on",
    "Access": "access_state",
    "Id": "id",
}
LISTS = ("country", "sector", "tier", "band", "state", "tag", "segment", "request_state")
ONCE = ("sort", "search", "questionnaire", "archived", "expired")
COUNTRIES = 'codes of ISO 3166-1 in two capital letters, like "VN"'
Page = dict[str, Any]


def make_selection() -> Shape:
    """What is read of each supplier."""
    leaves = [Shape(name, name, name, "Supplier") for name in COLUMNS.values() if name != "email"]
    email = Shape("email", "email", "email", "SupplierContact")
    contacts = Shape("contacts", "contacts", "contacts", "Supplier", below=(("SupplierContact", (email,)),))
    node = Shape("node", "node", "node", "SupplierEdge", below=(("Supplier", (*leaves, contacts)),))
    cursor = Shape("cursor", "cursor", "cursor", "SupplierEdge")
    edges = Shape("edges", "edges", "edges", "SupplierConnection", below=(("SupplierEdge", (cursor, node)),))
    more = Shape("has_next_page", "has_next_page", "hasNextPage", "PageInfo")
    info = Shape("page_info", "page_info", "pageInfo", "SupplierConnection", below=(("PageInfo", (more,)),))
    return Shape("suppliers", "suppliers", "suppliers", "Query", slot=0, below=(("SupplierConnection", (edges, info)),))


SELECTION = make_selection()


def make_route(database: Database) -> Route:
    return Route(PATH, make_writer(database), methods=["GET"])


def make_writer(database: Database) -> Callable[[Request], Awaitable[Response]]:
    """The answer to GET: 200 with the table, or why there is none, in JSON.

    The query takes each of ONCE at most once, and any number of each of LISTS.
    """

    async def write(request: Request) -> Response:
        try:
            credential = access.read_bearer(request.headers.get("authorization"))
            wanted = read_query(request)
            address = request.client.host if request.client else ""
            pages = read_pages(database, credential, address, wanted)
            first = await anext(pages)
        except errors.PortalError as error:
            return refusals.refuse(error)
        headers = {
            "Cache-Control": "private, no-store",
            "Content-Disposition": 'attachment; filename="suppliers.csv"',
            "X-Content-Type-Options": "nosniff",
        }
        compression.mark_compressible(request)
        return StreamingResponse(write_table(first, pages), 200, headers, "text/csv; charset=utf-8")

    return write


def read_query(request: Request) -> dict[str, Any]:
    """The arguments of the list; raises InvalidInput that names a parameter and what it takes."""
    given = request.query_params
    parameters.check_names(given, once=ONCE, lists=LISTS)
    parameters.check_values("sort", given.getlist("sort"), SUPPLIERS.sorts, code="BAD_SORT")
    for flag in ("archived", "expired"):
        parameters.check_values(flag, given.getlist(flag), ("true", "false"))
    codes = {one.iso2 for one in countries.list_countries()}
    parameters.check_values("country", given.getlist("country"), codes, told=COUNTRIES)
    for name, allowed in supplier_filters.VALUES.items():
        parameters.check_values(name, given.getlist(name), allowed)
    wanted: dict[str, Any] = {name: given.getlist(name) for name in LISTS if name in given}
    if given.get("search", "").strip():
        wanted["words"] = supplier_filters.read_search(given["search"])
    if "expired" in given:
        wanted["expired"] = given["expired"] == "true"
    wanted |= {"questionnaire": given.get("questionnaire", LEAD), "archived": given.get("archived") == "true"}
    return wanted | {"sort": given.get("sort", SUPPLIERS.default_sort), "first": PAGE}


async def read_pages(
    database: Database, credential: access.Credential, address: str, wanted: dict[str, Any]
) -> AsyncIterator[Page]:
    """The pages, each under the caller's rights at its moment, so that what ends meanwhile is missing from then on."""
    after = None
    while True:
        async with attempts.open_transaction(database, credential, address=address) as (session, actor):
            access.require(actor, access.BUYER)
            settled = await supplier_filters.settle(session, wanted)
            selected = Selected(SELECTION, [{**settled, "after": after}])
            page: Page = await reading.read_connection(session, actor, SUPPLIERS, selected)
            records = [read_record(edge["node"]["id"]) for edge in page["edges"]]
            await receipts.note_cards(session, actor, questionnaire=settled["questionnaire"], records=records)
            if after is None:
                await audit.add_audit(session, actor, "export.made", "supplier_record", detail={"file": "csv"})
        yield page
        if not page["page_info"]["has_next_page"]:
            return
        after = page["edges"][-1]["cursor"]


def read_record(id: str) -> UUID:
    """The record that a supplier's opaque id names."""
    return UUID(bytes=base64.urlsafe_b64decode(id)[-16:])


async def write_table(first: Page, rest: AsyncIterator[Page]) -> AsyncIterator[str]:
    yield "\ufeff" + write_lines([COLUMNS])  # without the mark a spreadsheet reads letters of other scripts wrong
    yield write_page(first)
    async for page in rest:
        yield write_page(page)


def write_page(page: Page) -> str:
    return write_lines(write_row(edge["node"]) for edge in page["edges"])


def write_row(supplier: dict[str, Any]) -> list[str]:
    """The cells of one supplier."""
    emails = "; ".join(one["email"] for one in supplier["contacts"])
    values = {**supplier, "email": emails}
    return [write_cell(values[name]) for name in COLUMNS.values()]


def write_cell(value: Any) -> str:
    """A value that no spreadsheet runs."""
    return answer_table.guard("" if value is None else str(value))


def write_lines(rows: Iterable[Iterable[str]]) -> str:
    target = io.StringIO()
    csv.writer(target).writerows(rows)
    return target.getvalue()
