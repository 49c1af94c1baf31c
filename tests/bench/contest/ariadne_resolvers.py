"""The schema of the Ariadne server, and its resolvers over rows as the driver gives them."""

import base64
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import orjson
from ariadne import ObjectType, QueryType, ScalarType

LEAD = "responsible-sourcing"
TYPES = """
scalar Decimal
scalar Date
scalar DateTime
enum SupplierSort { NAME TOTAL_HIGHEST }
type Query {
  suppliers(first: Int!, after: String, sort: SupplierSort!): SupplierConnection!
  supplier(id: ID!): SupplierProfile
  benchmarkCells(release: Int!, first: Int!, after: String): CellConnection!
  assessment(id: ID!): Assessment
  questionnaireVersion(questionnaire: String!): QuestionnaireVersion!
}
type PageInfo { hasNextPage: Boolean! endCursor: String }
type SupplierConnection { nodes: [Supplier!]! pageInfo: PageInfo! }
type Supplier {
  id: ID! name: String! country: String sector: String state: String! tier: String band: String total: Decimal
  coverage: Decimal submittedAt: DateTime validUntil: Date requestState: String dueOn: Date pillars: [Pillar!]
}
type Pillar { key: String! score: Decimal }
type SupplierProfile {
  id: ID! name: String! country: String address: String vendorNumber: String state: String! linkedAt: DateTime
  contacts: [Contact!]! latestResult: SharedResult history: [SharedResult!]! requests: [Request!]!
}
type Contact { name: String email: String! }
type Request { state: String! dueOn: Date! minimumTier: String! purpose: String! }
type SharedResult {
  tier: String! periodStart: Date! periodEnd: Date! state: String! submittedAt: DateTime! total: Decimal band: String
  coverage: Decimal! validUntil: Date! pillars: [Pillar!]!
}
type CellConnection { edges: [CellEdge!]! pageInfo: PageInfo! }
type CellEdge { node: Cell! }
type Cell {
  measure: String! status: String! countBand: String mean: Int p10: Int p25: Int p50: Int p75: Int p90: Int
  figuresFromRelease: Int cohort: Cohort!
}
type Cohort { tier: String! sector: String region: String size: String }
type Assessment {
  id: ID! questionnaire: String! version: String! tier: String! state: String! periodStart: Date! periodEnd: Date!
  changeNumber: Int! answers(changedAfter: Int!, first: Int!): AnswerChanges!
}
type AnswerChanges { answers: [Answer!]! }
type Answer { question: String! revision: Int! changeNumber: Int! content: AnswerContent! }
type AnswerContent { state: String! comment: String value: AnswerValue! }
type AnswerValue {
  boolean: Boolean choice: String choices: [String!] number: Decimal date: Date text: String
}
type QuestionnaireVersion { version: String! title: String! sections: [Section!]! }
type Section { key: String! title: String! questions: [Question!]! }
type Question {
  key: String! type: String! title: String! help: String! required: Boolean! options: [Option!]!
}
type Option { key: String! title: String! }
"""
CARDS = """
    SELECT * FROM portal.relationship_card
     WHERE buyer_id = $1 AND questionnaire = 'responsible-sourcing' AND NOT archived AND {after} ORDER BY {order} LIMIT $2
"""
BY_NAME = CARDS.format(after="(name_key, supplier_record_id) > ($3, $4)", order="name_key, supplier_record_id")
BY_TOTAL = CARDS.format(
    after="NOT total_missing AND ranked_total <= $3 AND (ranked_total < $3 OR supplier_record_id > $4)",
    order="ranked_total DESC, supplier_record_id",
)
RECORD = "SELECT * FROM portal.supplier_record WHERE buyer_id = $1 AND id = $2"
CELLS = """
    SELECT id, measure, status, count_band, mean, p10, p25, p50, p75, p90, figures_from, tier, sector, region, size_band
      FROM portal.release_cell WHERE release_number = $1 AND ($3::uuid IS NULL OR id > $3) ORDER BY id LIMIT $2
"""
ASSESSMENT = "SELECT * FROM portal.assessment WHERE supplier_id = $1 AND id = $2"
VALUES = {"boolean": "boolean", "choice": "choice", "multi_choice": "choices", "integer": "number"}

query, supplier, profile, shared = (
    QueryType(),
    ObjectType("Supplier"),
    ObjectType("SupplierProfile"),
    ObjectType("SharedResult"),
)
pillar, cell, assessment, request = (
    ObjectType("Pillar"),
    ObjectType("Cell"),
    ObjectType("Assessment"),
    ObjectType("Request"),
)
number = ScalarType("Decimal", serializer=str)
day = ScalarType("Date", serializer=date.isoformat)
moment = ScalarType("DateTime", serializer=datetime.isoformat)
BINDABLES = (query, supplier, profile, shared, pillar, cell, assessment, request, number, day, moment)


def write_id(tag: str, owner: UUID, own: UUID) -> str:
    return base64.urlsafe_b64encode(tag.encode() + owner.bytes + own.bytes).rstrip(b"=").decode()


def read_id(id: str) -> UUID:
    return UUID(bytes=base64.urlsafe_b64decode(id + "=" * (-len(id) % 4))[20:36])


def read_cursor(cursor: str) -> list[Any]:
    content: list[Any] = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return content


def write_cursor(content: list[Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(content)).rstrip(b"=").decode()


def points(hundredths: int | None) -> str | None:
    return None if hundredths is None else f"{hundredths / 100:.2f}"


def code(value: str | None) -> str | None:
    return None if value is None else value.upper()


def require(info: Any, role: str) -> UUID:
    caller = info.context["caller"]
    if caller is None or role not in caller["organization_roles"]:
        raise PermissionError(f"Requires: {role}.")
    organization: UUID = caller["organization_id"]
    return organization


@query.field("suppliers")
async def list_suppliers(_: Any, info: Any, first: int, after: str, sort: str) -> dict[str, Any]:
    organization, by_name = require(info, "buyer"), sort == "NAME"
    name, key, record = read_cursor(after)
    rows = await info.context["loaders"].fetch(
        BY_NAME if by_name else BY_TOTAL, organization, first + 1, key, UUID(record)
    )
    shown, now = rows[:first], datetime.now(UTC)
    last = shown[-1] if shown else None
    key = last and last["name_key" if by_name else "total"]
    cursor = None if last is None else write_cursor([name, key, str(last["supplier_record_id"])])
    page_info = {"has_next_page": len(rows) > first, "end_cursor": cursor}
    return {"nodes": [make_supplier(row, now) for row in shown], "page_info": page_info}


def make_supplier(row: Any, now: datetime) -> dict[str, Any]:
    until = row["shared_until"]
    live = row["share_id"] is not None and (until is None or until > now)
    own = {name: row[name] for name in ("buyer_id", "supplier_record_id", "country", "sector", "due_on")}
    own |= {"state": code(row["record_state"]), "request_state": code(row["request_state"])}
    if live:
        own |= {name: row[name] for name in ("band", "submitted_at", "valid_until", "pillars")}
        own |= {"tier": code(row["tier"]), "total": points(row["total"]), "coverage": points(row["coverage"])}
    return own


@supplier.field("id")
def find_supplier_id(row: Any, _: Any) -> str:
    return write_id("supp", row["buyer_id"], row["supplier_record_id"])


@supplier.field("name")
async def find_supplier_name(row: Any, info: Any) -> str:
    name: str = (await info.context["loaders"].records.load(row["supplier_record_id"]))["name"]
    return name


@pillar.field("score")
def find_score(row: Any, _: Any) -> str | None:
    return points(row["score"])


@query.field("supplier")
async def find_supplier(_: Any, info: Any, id: str) -> dict[str, Any] | None:
    organization = require(info, "buyer")
    rows = await info.context["loaders"].fetch(RECORD, organization, read_id(id))
    return rows[0] | {"state": code(rows[0]["state"])} if rows else None


@profile.field("id")
def find_profile_id(row: Any, _: Any) -> str:
    return write_id("supp", row["buyer_id"], row["id"])


@profile.field("contacts")
async def list_contacts(row: Any, info: Any) -> Any:
    return await info.context["loaders"].contacts.load(row["id"])


@profile.field("requests")
async def list_requests(row: Any, info: Any) -> Any:
    return await info.context["loaders"].requests.load(row["id"])


@profile.field("history")
async def list_history(row: Any, info: Any) -> Any:
    return await info.context["loaders"].submissions.load(row["supplier_id"])


@profile.field("latestResult")
async def find_latest(row: Any, info: Any) -> Any:
    found = await info.context["loaders"].submissions.load(row["supplier_id"])
    return next((one for one in found if one["subject"] == "organization"), None)


@shared.field("tier")
@shared.field("state")
@request.field("state")
@request.field("minimumTier")
def find_code(row: Any, info: Any) -> str | None:
    return code(row["minimum_tier" if info.field_name == "minimumTier" else info.field_name])


async def load_result(row: Any, info: Any) -> Any:
    return await info.context["loaders"].results.load((row["supplier_id"], row["id"]))


@shared.field("total")
@shared.field("coverage")
async def find_points(row: Any, info: Any) -> str | None:
    return points((await load_result(row, info))[info.field_name])


@shared.field("band")
@shared.field("pillars")
async def find_of_result(row: Any, info: Any) -> Any:
    return (await load_result(row, info))[info.field_name]


@shared.field("validUntil")
async def find_valid_until(row: Any, info: Any) -> date:
    day: date = (await load_result(row, info))["valid_until"]
    return day


@query.field("benchmarkCells")
async def list_cells(_: Any, info: Any, release: int, first: int, after: str | None = None) -> dict[str, Any]:
    require(info, "partner")
    last = None if after is None else UUID(read_cursor(after)[2])
    rows = await info.context["loaders"].fetch(CELLS, release, first + 1, last)
    shown = rows[:first]
    cursor = write_cursor(["written", *[str(shown[-1]["id"])] * 2]) if shown else None
    return {
        "edges": [{"node": row} for row in shown],
        "page_info": {"has_next_page": len(rows) > first, "end_cursor": cursor},
    }


@cell.field("status")
def find_status(row: Any, _: Any) -> str | None:
    return code(row["status"])


@cell.field("figuresFromRelease")
def find_figures_from(row: Any, _: Any) -> int | None:
    release: int | None = row["figures_from"]
    return release


def find_percentile(row: Any, info: Any) -> int | None:
    points: int | None = row[info.field_name]
    return points


for percentile in ("p10", "p25", "p50", "p75", "p90"):
    cell.set_field(percentile, find_percentile)  # the converted name would be `p_10`


@cell.field("cohort")
def find_cohort(row: Any, _: Any) -> dict[str, Any]:
    sector, region, size = (None if row[name] == "*" else row[name] for name in ("sector", "region", "size_band"))
    return {"tier": code(row["tier"]), "sector": sector, "region": code(region), "size": code(size)}


@query.field("assessment")
async def find_assessment(_: Any, info: Any, id: str) -> dict[str, Any] | None:
    organization = require(info, "supplier")
    rows = await info.context["loaders"].fetch(ASSESSMENT, organization, read_id(id))
    return rows[0] | {"tier": code(rows[0]["tier"]), "state": code(rows[0]["state"])} if rows else None


@assessment.field("id")
def find_assessment_id(row: Any, _: Any) -> str:
    return write_id("asmt", row["supplier_id"], row["id"])


@assessment.field("answers")
async def list_answers(row: Any, info: Any, changed_after: int, first: int) -> dict[str, Any]:
    _, types = await info.context["loaders"].find_version(row["questionnaire"])
    found = await info.context["loaders"].answers.load((row["supplier_id"], row["id"]))
    shown = [one for one in found if one["changed_at_number"] > changed_after][:first]
    return {"answers": [make_answer(one, types[one["question"]]) for one in shown]}


def make_answer(row: Any, type_name: str) -> dict[str, Any]:
    content = {
        "state": code(row["state"]),
        "comment": row["comment"],
        "value": {VALUES[type_name]: row["value"]},
    }
    return {
        "question": row["question"],
        "revision": row["revision"],
        "change_number": row["changed_at_number"],
        "content": content,
    }


@query.field("questionnaireVersion")
async def find_version(_: Any, info: Any, questionnaire: str) -> Any:
    return (await info.context["loaders"].find_version(questionnaire))[0]
