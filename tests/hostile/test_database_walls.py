"""Row-level security by itself: raw SQL with the application's login, in each party's name and in nobody's."""

import itertools
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import text

from portal import access
from portal.database import engine, ids, tables  # noqa: F401  (it fills the metadata)
from portal.database.tables.model import Model
from tests import databases
from tests.hostile import house as houses
from tests.hostile import probes, rules, walls
from tests.hostile.probes import COMMANDS, Table, Who

pytestmark = pytest.mark.slow  # every wall of the database, one after the other

TABLES = sorted(table.name for table in Model.metadata.tables.values())
# Policies that nothing is left to while others are as they are: a row must be seen to be changed, and a request is seen
# by its two parties alone, who may both change it; a standing rule by its supplier alone, a suggestion by its buyer.
SAME = {("request", "buyer_update"), ("request", "supplier_update"), ("standing_rule", "own_update")}
SAME |= {("contact_suggestion", "buyer_update")}
SAME |= {("clarification", "supplier_update"), ("clarification", "asker_update")}  # likewise
# A policy that only saves a look-up: what it opens, another one opens too.
SHORTCUTS = {("dispute_comment", "supplier_read")}
KEYS_OF_OTHERS = ("private", "b1--code", "b1--linked")
PREDICATES = {
    "share_is_live(item portal.share)": ("submission", "share"),
    "share_covers(item portal.share, subject portal.submission)": ("submission", "result"),
    "may_read_submission(supplier uuid, submission uuid)": ("submission", "result"),
    "may_read_section(supplier uuid, submission uuid, wanted text)": ("submission_section", "result_section"),
    "may_read_document(supplier uuid, submission uuid, wanted text)": ("submission_evidence",),
    "is_engaged(supplier uuid, submission uuid)": ("assurance_statement", "assurance_finding"),
    "may_read_evidence(supplier uuid, document uuid)": ("evidence",),
    "glass_is_live(item portal.glass)": ("organization", "member", "request", "webhook_delivery"),
    "is_related(other uuid)": ("organization",),
    "is_linked_buyer(buyer uuid)": ("questionnaire",),
    "was_asked(wanted text)": ("questionnaire", "questionnaire_version", "scoring_profile"),
    "answers_version(wanted text, wanted_version text)": ("questionnaire_version", "scoring_profile"),
}
MORE = """
INSERT INTO portal.questionnaire (key, owner_id, title, purpose, visibility)
VALUES ('private', '{s1}', 'zqs1privateqz', 'self_assessment', 'private');
INSERT INTO portal.questionnaire_version (questionnaire, version, content_hash, locale, document)
VALUES ('private', '1.0.0', 'private', 'en', '{{}}');
INSERT INTO portal.scoring_profile (questionnaire, version, number, content_hash, document)
VALUES ('private', '1.0.0', 1, 'private', '{{}}');
INSERT INTO portal.questionnaire (key, owner_id, title, purpose, visibility)
VALUES ('b1--linked', '{b1}', 'x', 'self_assessment', 'connected'),
       ('b1--public', '{b1}', 'x', 'self_assessment', 'public'),
       ('b1--asked', '{b1}', 'x', 'self_assessment', 'private'),
       ('b2--stolen', '{b1}', 'x', 'self_assessment', 'private');
INSERT INTO portal.questionnaire_version (questionnaire, version, content_hash, locale, document, approval)
VALUES ('b1--linked', '1.0.0', 'linked', 'en', '{{}}', NULL),
       ('b1--public', '1.0.0', 'public 1', 'en', '{{}}', 'approved'),
       ('b1--public', '1.1.0', 'public 2', 'en', '{{}}', 'asked'), ('b1--asked', '1.0.0', 'asked', 'en', '{{}}', NULL);
INSERT INTO portal.scoring_profile (questionnaire, version, number, content_hash, document)
SELECT questionnaire, version, 1, 'profile of ' || content_hash, '{{}}' FROM portal.questionnaire_version
 WHERE questionnaire LIKE 'b1--%' AND questionnaire <> 'b1--code';
INSERT INTO portal.request (buyer_id, id, supplier_record_id, supplier_id, questionnaire, minimum_tier, period_start,
                            period_end, purpose, due_on, state)
SELECT buyer_id, gen_random_uuid(), id, supplier_id, asked.key, 'micro', '2020-01-01', '2020-12-31', 'x',
       '2021-01-01', 'withdrawn' FROM portal.supplier_record, (VALUES ('b1--asked'), ('b1--public')) AS asked (key)
 WHERE buyer_id = '{b1}' AND supplier_id = '{s1}';
INSERT INTO portal.questionnaire_translation (content_hash, questionnaire, locale, file_hash, document, is_packaged,
                                               is_current)
SELECT key, key, 'es', key, '{{}}', false, true FROM portal.questionnaire;
INSERT INTO portal.result_section (supplier_id, submission_id, profile_number, section, trace)
SELECT supplier_id, submission_id, 2, section, trace FROM portal.submission_section;
INSERT INTO portal.questionnaire_translation (content_hash, questionnaire, locale, document, is_packaged, is_current,
                                               approval, was_shown)
SELECT locale || key, key, locale, '{{}}', false, state = 'approved', state, shown FROM portal.questionnaire,
       (VALUES ('asked', 'fr', false), ('refused', 'ar', false), ('approved', 'vi', true), ('asked', 'tr', true))
       AS held (state, locale, shown)
 WHERE key LIKE 'b1--%';
INSERT INTO portal.corporate_group (id, name) VALUES ('{group}', 'zqs1privateqz');
INSERT INTO portal.group_member (organization_id, group_id) VALUES ('{s1}', '{group}');
INSERT INTO portal.idempotency_key (organization_id, actor_id, key, operation, body_hash)
SELECT id, gen_random_uuid(), 'only-for-tests', 'x', '\\x00' FROM portal.organization;
INSERT INTO portal.share (supplier_id, buyer_id, id, questionnaire, subject_key, submission_id, follows_from, mode,
                          purpose, until)
SELECT supplier_id, '{b2}', gen_random_uuid(), questionnaire, subject_key, id, now(), 'snapshot', 'x',
       now() - interval '1 day' FROM portal.submission WHERE supplier_id = '{s1}';
INSERT INTO portal.assignment (supplier_id, assessment_id, section, changed_at_number)
SELECT supplier_id, id, 'facts', 1 FROM portal.assessment;
INSERT INTO portal.answer_comment (supplier_id, id, assessment_id, question, thread_id, author_id, body,
                                   changed_at_number)
SELECT supplier_id, gen_random_uuid(), id, 'remark', gen_random_uuid(), gen_random_uuid(), 'zqs1privateqz', 1
  FROM portal.assessment;
INSERT INTO portal.sign_off (supplier_id, assessment_id, member_id, demanded_by, changed_at_number)
SELECT supplier_id, id, gen_random_uuid(), gen_random_uuid(), 1 FROM portal.assessment;
INSERT INTO portal.campaign_act (buyer_id, id, campaign_id, kind)
SELECT c.buyer_id, gen_random_uuid(), c.id, 'withdraw' FROM portal.campaign c;
INSERT INTO portal.supplier_tag (buyer_id, tag, supplier_record_id)
SELECT buyer_id, 'dyes', id FROM portal.supplier_record;
INSERT INTO portal.supplier_segment (buyer_id, supplier_record_id, segment, reason)
SELECT buyer_id, id, 'critical', 'x' FROM portal.supplier_record;
INSERT INTO portal.answer_push (supplier_id, id, source_id, mode, note)
SELECT organization_id, id, gen_random_uuid(), 'locked', 'zqs1privateqz' FROM portal.site;
INSERT INTO portal.pushed_answer (supplier_id, questionnaire, period_start, period_end, site_id, question, push_id,
                                  content_hash, state, source_revision)
SELECT organization_id, 'sample', '2026-01-01', '2026-12-31', id, 'remark', id, 'x', 'unknown', 1 FROM portal.site;
INSERT INTO portal.discarded_assessment (supplier_id, id, questionnaire, version, subject_key, period_start,
                                         period_end, revision)
SELECT supplier_id, gen_random_uuid(), questionnaire, version, subject_key, period_start, period_end, revision
  FROM portal.assessment;
INSERT INTO portal.access_request (supplier_id, buyer_id, id, supplier_record_id, questionnaire, subject_key, purpose,
                                   state)
SELECT r.supplier_id, r.buyer_id, gen_random_uuid(), r.id, 'sample', r.supplier_id, 'x', known.state
  FROM portal.supplier_record r, (VALUES ('open'), ('refused'), ('granted')) AS known (state)
 WHERE r.supplier_id IS NOT NULL
    ON CONFLICT DO NOTHING;
INSERT INTO portal.standing_rule (supplier_id, buyer_id, id, questionnaire, subject_key, version, purpose, until,
                                  statement, created_by)
SELECT r.supplier_id, known.id, gen_random_uuid(), 'sample', r.supplier_id, 'x', 'x', now() + interval '1 day', 'x',
       gen_random_uuid()
  FROM (SELECT DISTINCT supplier_id FROM portal.supplier_record WHERE supplier_id IS NOT NULL) r,
       (VALUES ('{b1}'::uuid), ('{s1}')) AS known (id);
INSERT INTO portal.wrong_contact (buyer_id, request_id, user_id, supplier_id)
SELECT r.buyer_id, r.id, m.user_id, r.supplier_id FROM portal.request r
  JOIN portal.member m ON m.organization_id = r.supplier_id;
INSERT INTO portal.operator_limit (name, value) VALUES ('gap_grace_days', 90);
INSERT INTO portal.result_feedback (supplier_id, buyer_id, submission_id, due_at)
SELECT supplier_id, '{b2}', id, now() FROM portal.submission WHERE supplier_id = '{s2}';
INSERT INTO portal.buyer_news (buyer_id, kind, thing_id, day)
SELECT buyer_id, 'declined', id, '2026-12-01' FROM portal.request ON CONFLICT DO NOTHING;
INSERT INTO portal.redaction_request (supplier_id, id, buyer_id, evidence_id, reason, state)
SELECT e.supplier_id, gen_random_uuid(), b.id, e.id, 'x', 'declined'
  FROM portal.evidence e CROSS JOIN (VALUES ('{b1}'::uuid), ('{b2}')) AS b (id);
INSERT INTO portal.engagement (supplier_id, id, submission_id, reviewer_id, proposer_id, questionnaire, period_start,
                               period_end, sections, purpose, until)
SELECT supplier_id, gen_random_uuid(), id, '{p1}', '{b1}', questionnaire, period_start, period_end, '{{facts}}', 'x',
       '2099-01-01' FROM portal.submission WHERE supplier_id = '{s1}';
INSERT INTO portal.assurance_statement (supplier_id, id, submission_id, reviewer_id, is_third_party, as_of, remark)
SELECT supplier_id, gen_random_uuid(), s.id, b.id, false, '2026-12-01', 'made up'
  FROM portal.submission s CROSS JOIN (VALUES ('{b1}'::uuid), ('{b2}')) AS b (id);
INSERT INTO portal.assurance_finding (supplier_id, statement_id, submission_id, reviewer_id, is_third_party, section,
                                      question, level, basis, as_of)
SELECT a.supplier_id, a.id, a.submission_id, a.reviewer_id, false, c.section, 'in_' || c.section, 'verified', 'x',
       a.as_of
  FROM portal.assurance_statement a
  JOIN portal.submission_section c ON c.supplier_id = a.supplier_id AND c.submission_id = a.submission_id
 WHERE a.remark = 'made up';
INSERT INTO portal.dispute (supplier_id, id, submission_id, reviewer_id, statement_id, section, question, reason, state)
SELECT supplier_id, gen_random_uuid(), submission_id, reviewer_id, statement_id, section, question, 'x', one.state
  FROM portal.assurance_finding CROSS JOIN (VALUES ('open'), ('withdrawn')) AS one (state) WHERE basis = 'x'
    ON CONFLICT DO NOTHING;
INSERT INTO portal.dispute_comment (supplier_id, id, dispute_id, author_id, body)
SELECT d.supplier_id, gen_random_uuid(), d.id, author, 'x'
  FROM portal.dispute d CROSS JOIN unnest(ARRAY[d.supplier_id, d.reviewer_id, '{b2}']) AS author;
INSERT INTO portal.clarification (supplier_id, id, submission_id, asker_id, round, due_on)
SELECT supplier_id, gen_random_uuid(), s.id, b.id, 9, '2027-01-01'
  FROM portal.submission s CROSS JOIN (VALUES ('{b1}'::uuid), ('{b2}')) AS b (id);
INSERT INTO portal.clarification_item (supplier_id, clarification_id, submission_id, section, question, text)
SELECT a.supplier_id, a.id, a.submission_id, c.section, 'in_' || c.section, 'x' FROM portal.clarification a
  JOIN portal.submission_section c ON c.supplier_id = a.supplier_id AND c.submission_id = a.submission_id
 WHERE a.round = 9;
INSERT INTO portal.assurance_summary (supplier_id, submission_id, from_day, declared, documented, verified,
                                      contradicted, conflicts, profile_number)
SELECT supplier_id, id, '2020-01-01', 10000, 0, 0, 0, 0, 1 FROM portal.submission;
INSERT INTO portal.assurance_section (supplier_id, submission_id, section, from_day, standings)
SELECT supplier_id, submission_id, section, '2020-01-01', '[]' FROM portal.submission_section;
"""


class Stage:
    """A house, one connection past every policy, and what should be so."""

    def __init__(self, house: houses.House, connection: asyncpg.Connection, application: asyncpg.Connection) -> None:
        self.house = house
        self.connection = connection
        self.application = application  # the application's own login
        self.tables: dict[str, Table] = {}
        self.who = [Who("nothing")]
        self.rules: dict[str, dict[str, rules.Test]] = {}

    async def check(self, table: str, each: int = 5, most: int | None = None) -> list[str]:
        """Where a table's walls are not as they should be, both ways; `most` ends the search once so many are found."""
        found, declared = self.tables[table], self.rules[table]
        rows = await probes.sample_rows(self.connection, table, each)
        rows += [row | {"relayed_at": None} for row in rows[:1] if "relayed_at" in row]
        if table in ("assessment", "cadence", "campaign", "request", "share"):
            rows += [row | {"questionnaire": key} for row in rows for key in KEYS_OF_OTHERS]
            rows = [row | {"version": "1.0.0"} if "version" in row else row for row in rows]
        wrong = []
        for who in self.who:
            async with probes.act_as(self.connection, who):
                for row, command in itertools.product(rows, COMMANDS):
                    if not found.grants(command):
                        continue
                    expected = declared.get(command, rules.nobody)(row, who)
                    if await probes.probe(self.connection, found, command, row) != expected:
                        wrong.append(f"{who.name} {'cannot' if expected else 'can'} {command} {table} {row}"[:300])
                        if len(wrong) == most:
                            return wrong
        return wrong


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(
    database_server: databases.Server, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    with databases.copy_template(database_server, database_template) as made:
        async with open_stage(made, tmp_path_factory.mktemp("files")) as opened:
            yield opened


@houses.asynccontextmanager
async def open_stage(database: databases.TestDatabase, folder: Path) -> AsyncIterator[Stage]:
    async with houses.open_house(database, folder, everything=False) as house:
        for name in ("b1", "s1"):  # the buyer's reading leaves receipts
            await house.read_all(name)
        connection = await walls.connect(database.superuser_url)
        organizations = {name: party.organization for name, party in house.parties.items()}
        await connection.execute(MORE.format(**organizations, group=ids.new_id()))
        application = await walls.connect(database.app_url)
        stage = Stage(house, connection, application)
        stage.tables = await probes.read_tables(connection)
        stage.who += [Who(name, one.organization, one.person.id) for name, one in house.parties.items()]
        stage.who += [Who(f"operator by the view into {one}", **await find_view(house, one)) for one in ("s1", "b1")]
        stage.rules = rules.make_rules(await learn_facts(stage, organizations))
        yield stage
        await application.close()
        await connection.close()


async def find_view(house: houses.House, name: str) -> dict[str, Any]:
    """The operator's view into a party's data; the one into the first supplier's is open, the others have ended."""
    organization = house.parties[name].organization
    (row,) = await house.fetch("SELECT id, operator_id FROM portal.glass WHERE organization_id = $1", organization)
    is_open = name == houses.LOOKED_AT
    return {"user": row["operator_id"], "glass": row["id"], "looks_into": organization if is_open else None}


def opens_document(share: Any, row: Any) -> bool:
    return bool(share["include_evidence"] and (not share["sections_only"] or row["section"] in share["sections"]))


async def learn_facts(stage: Stage, organizations: dict[str, Any]) -> rules.Facts:
    async def read(statement: str) -> list[dict[str, Any]]:
        return [json.loads(row["row"]) for row in await stage.connection.fetch(statement)]

    colleagues: dict[str, set[str]] = {}
    for row in await read("SELECT to_jsonb(m)::text AS row FROM portal.member m"):
        colleagues.setdefault(row["organization_id"], set()).add(row["user_id"])
    shares = await read("SELECT to_jsonb(s)::text AS row FROM portal.share s WHERE portal.share_is_live(s)")
    facts = rules.Facts({str(one): name for name, one in organizations.items()}, colleagues, shares)
    for row in await read("SELECT to_jsonb(m)::text AS row FROM portal.group_member m"):
        facts.groups.setdefault(row["group_id"], set()).add(row["organization_id"])
    for row in await read("SELECT to_jsonb(q)::text AS row FROM portal.questionnaire q"):
        facts.questionnaires[row["key"]] = row
    for row in await read("SELECT (to_jsonb(v) - 'document')::text AS row FROM portal.questionnaire_version v"):
        facts.versions[row["questionnaire"], row["version"]] = row
    for row in await read("SELECT to_jsonb(p)::text AS row FROM portal.publisher p"):
        facts.publishers[row["organization_id"]] = row["name"]
    for table in ("request", "assessment"):
        for row in await read(f"SELECT to_jsonb(t)::text AS row FROM portal.{table} t"):
            facts.asked.add((row["questionnaire"], row["supplier_id"]))
            facts.answered.add((row["questionnaire"], row.get("version"), row["supplier_id"]))
    for row in await read("SELECT to_jsonb(c)::text AS row FROM portal.clarification c"):
        facts.askers[row["id"]] = row["asker_id"]
        facts.open_rounds |= {row["id"]} if row["state"] == "open" else set()
    for row in await read("SELECT to_jsonb(d)::text AS row FROM portal.dispute d"):
        facts.disputes[row["id"]] = row
    facts.findings = await read("SELECT to_jsonb(f)::text AS row FROM portal.assurance_finding f")
    files = await read("SELECT to_jsonb(e)::text AS row FROM portal.submission_evidence e")
    names_section = facts.covers("submission_id", lambda share, row: row["section"] in share["sections"])
    facts.shared = {
        "submission": facts.covers("id"),
        "result": facts.covers("submission_id"),
        "submission_section": names_section,
        "result_section": names_section,
        "assurance_summary": facts.covers("submission_id"),
        "assurance_section": names_section,
        "submission_evidence": facts.covers("submission_id", opens_document),
        "evidence": lambda row, who: any(
            facts.shared["submission_evidence"](one, who) for one in files if one["evidence_id"] == row["id"]
        ),
    }
    return facts


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("table", TABLES)
async def test_a_table_is_open_to_its_owners_and_closed_to_all_others(stage: Stage, table: str) -> None:
    assert table in stage.rules, f"{table} is new: say in tests/hostile/rules.py whose its rows are"
    assert await stage.check(table) == []


@pytest.mark.asyncio(loop_scope="module")
async def test_every_owned_table_has_rows_of_more_than_one_owner(stage: Stage) -> None:
    """Or the test above would show nothing."""
    for table in set(TABLES) - set(rules.CLOSED) - set(rules.PUBLIC) - {"outbox"}:
        rows = await probes.sample_rows(stage.connection, table, 1)
        assert len(rows) > (table != "read_receipt"), table


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("table", sorted(set(TABLES) - set(rules.CLOSED) - set(rules.PUBLIC)))
async def test_without_row_level_security_a_table_is_seen_to_be_open(stage: Stage, table: str) -> None:
    async with changed(stage, f"ALTER TABLE portal.{table} DISABLE ROW LEVEL SECURITY"):
        assert await stage.check(table, most=1) != []


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("table", TABLES)
async def test_each_policy_that_is_dropped_or_widened_is_missed(stage: Stage, table: str) -> None:
    policies = await stage.connection.fetch(
        "SELECT policyname::text AS name, cmd FROM pg_policies"
        " WHERE schemaname = 'portal' AND tablename = $1 AND 'portal_app' = ANY (roles)",
        table,
    )
    assert policies or table in rules.CLOSED
    for policy in policies:
        async with changed(stage, f"DROP POLICY {policy['name']} ON portal.{table}"):
            is_shortcut = (table, policy["name"]) in SHORTCUTS
            assert (await stage.check(table, most=1) == []) == is_shortcut, f"without {policy['name']}"
        if table in rules.PUBLIC or (table, policy["name"]) in SAME:
            continue
        parts = {"SELECT": ("USING",), "DELETE": ("USING",), "INSERT": ("WITH CHECK",)}
        wide = " ".join(f"{part} (true)" for part in parts.get(policy["cmd"], ("USING", "WITH CHECK")))
        async with changed(stage, f"ALTER POLICY {policy['name']} ON portal.{table} {wide}"):
            assert await stage.check(table, most=1) != [], f"with {policy['name']} for all"


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("predicate", PREDICATES)
async def test_a_predicate_that_says_yes_to_all_is_seen(stage: Stage, predicate: str) -> None:
    secured = "" if predicate.startswith("share_") else "SECURITY DEFINER SET search_path = ''"
    body = (
        f"CREATE OR REPLACE FUNCTION portal.{predicate} RETURNS boolean LANGUAGE sql STABLE {secured} AS 'SELECT true'"
    )
    async with changed(stage, body):
        for table in PREDICATES[predicate]:
            assert await stage.check(table, most=1) != [], table


@pytest.mark.asyncio(loop_scope="module")
async def test_a_session_without_a_person_or_with_a_wrong_setting_sees_nothing(stage: Stage) -> None:
    application = await walls.connect(stage.house.database.app_url)
    try:
        for setting in (None, "", str(ids.new_id()), str(UUID(int=0))):
            if setting is not None:
                await application.execute("SELECT set_config('portal.organization', $1, false)", setting)
            for table in stage.tables.values():
                if table.select and table.name not in (
                    *rules.PUBLIC,
                    "questionnaire",
                    "questionnaire_version",
                    "questionnaire_translation",
                    "scoring_profile",
                ):
                    columns = ", ".join(table.select)
                    assert await application.fetch(f"SELECT {columns} FROM portal.{table.name}") == [], table.name
        for broken in ("x", "*", "1 OR true"):
            await application.execute("SELECT set_config('portal.organization', $1, false)", broken)
            with pytest.raises(asyncpg.InvalidTextRepresentationError):
                await application.fetch("SELECT id FROM portal.site")
    finally:
        await application.close()


KEYS = """
SELECT c.conname::text AS name, c.conrelid::regclass::text AS table, c.confrelid::regclass::text AS target,
       array(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY k(n, p)
              JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n ORDER BY p) AS columns,
       array(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY k(n, p)
              JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.n ORDER BY p) AS wanted
  FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace WHERE n.nspname = 'portal' AND c.contype = 'f'
"""


@pytest.mark.asyncio(loop_scope="module")
async def test_a_foreign_key_tells_nobody_whether_a_row_of_somebody_else_exists(stage: Stage) -> None:
    probed, telling = 0, []
    for key in await stage.connection.fetch(KEYS):
        table = stage.tables[key["table"].removeprefix("portal.")]
        victims = await probes.sample_rows(stage.connection, key["target"].removeprefix("portal."), 1)
        for who in stage.who[1:]:
            for row, command in itertools.product(await list_own_rows(stage, table, who), ("insert", "update")):
                for victim in victims:
                    aim = {
                        c: victim[w]
                        for c, w in zip(key["columns"], key["wanted"], strict=True)
                        if row[c] != str(who.organization)
                    }
                    aim = {column: value for column, value in aim.items() if value != row[column]}
                    may = {column for column in aim if column in getattr(table, command)}
                    known = await is_visible(stage, who, key["target"].removeprefix("portal."), victim)
                    if not may or known:
                        continue
                    ghost = {column: str(ids.new_id()) if is_uuid(value) else "ghost" for column, value in aim.items()}
                    said = [await try_to(stage, who, table, command, row, may, values) for values in (aim, ghost)]
                    probed += 1
                    if said[0] != said[1]:
                        telling.append(f"{key['name']} {command} by {who.name}: {said}")
    assert probed > 40
    assert sorted(set(telling)) == []


async def list_own_rows(stage: Stage, table: Table, who: Who) -> list[dict[str, Any]]:
    rows = await probes.sample_rows(stage.connection, table.name, 2)
    return [row for row in rows if str(who.organization) in row.values()][:2]


async def is_visible(stage: Stage, who: Who, table: str, row: dict[str, Any]) -> bool:
    async with probes.act_as(stage.connection, who):
        return stage.tables[table].grants("select") and await probes.probe(
            stage.connection, stage.tables[table], "select", row
        )


def is_uuid(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 36 and value.count("-") == 4


async def try_to(
    stage: Stage, who: Who, table: Table, command: str, row: dict[str, Any], may: set[str], values: dict[str, str]
) -> str:
    """The state that the database ends a write with: an own row, pointed at something else."""
    async with probes.act_as(stage.connection, who):
        inner = stage.connection.transaction()
        await inner.start()
        try:
            await stage.connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
            if command == "insert":
                await stage.connection.execute(probes.write_insert(table), json.dumps(probes.renew(row) | values))
            else:
                change = json.dumps({column: values[column] for column in may})
                here = " AND ".join(
                    f"to_jsonb({column}) = ${place}::jsonb" for place, column in enumerate(table.key, 2)
                )
                columns = ", ".join(
                    f"{c} = (jsonb_populate_record(NULL::portal.{table.name}, $1)).{c}" for c in sorted(may)
                )
                own = [json.dumps(row[column]) for column in table.key]
                await stage.connection.execute(f"UPDATE portal.{table.name} SET {columns} WHERE {here}", change, *own)
        except asyncpg.PostgresError as error:
            return error.sqlstate
        finally:
            await inner.rollback()
    return "done"


UNIQUE = """
SELECT i.indexrelid::regclass::text AS name, i.indrelid::regclass::text AS table,
       array(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey))
       AS columns
  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = 'portal' AND i.indisunique
"""
# Unique over all organizations, and why that tells nothing worth knowing.
GLOBAL = {
    "audit_event.id": "made anew for each event and shown to nobody",
    "outbox.id": "made anew for each event and shown to nobody",
    "evidence.upload_hash": "SHA-256 of 256 random bits that only its supplier was given",
    "supplier_import.upload_hash": "SHA-256 of 256 random bits that only its buyer was given",
    "publisher.name": "the name before every key; whether it is taken is told, by whom is not",
    "sso_connection.id": "made anew for each connection, and public as its start",
    "sso_domain.domain": "of domains that were shown to be one's own alone, and of these it is told where to sign in",
    "questionnaire.key": "begins with the publisher's own name",
    "questionnaire_draft.owner_id,questionnaire": "holds its owner",
    "questionnaire_version.questionnaire,version": "of a key that begins with the publisher's own name",
    "questionnaire_version.content_hash": "of a document that holds its key",
    "scoring_profile.number,questionnaire,version": "of a key that begins with the publisher's own name",
}


@pytest.mark.asyncio(loop_scope="module")
async def test_what_must_be_unique_is_unique_for_one_organization_only(stage: Stage) -> None:
    found = set()
    for index in await stage.connection.fetch(UNIQUE):
        table = stage.tables[index["table"].removeprefix("portal.")]
        owned = {"organization_id", "buyer_id", "supplier_id", "reader_id"} & set(index["columns"])
        if not owned and set(index["columns"]) & (set(table.insert) | set(table.update)):
            found.add(f"{table.name}.{','.join(index['columns'])}")
    assert found == set(GLOBAL)


FUNCTIONS = """
SELECT p.proname::text AS name, p.proargnames[1:p.pronargs]::text[] AS names,
       array(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) WITH ORDINALITY a(t, n) ORDER BY n) AS types
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname = 'portal' AND p.prosecdef AND has_function_privilege('portal_app', p.oid, 'EXECUTE') ORDER BY 1
"""
VALUES: dict[str, Callable[[], Any]] = {
    "text": lambda: "x", "text[]": lambda: ["x"], "bytea": lambda: ids.new_id().bytes * 2, "integer": lambda: 1,
    "bigint": lambda: 1, "boolean": lambda: True, "jsonb": lambda: "{}", "uuid[]": lambda: [ids.new_id()],
    "interval": lambda: walls.HOUR, "date": walls.FAR.date, "timestamp with time zone": lambda: walls.FAR,
    "uuid": ids.new_id,
}  # fmt: skip
# Functions that act for whom the caller names, and what the application has checked before it calls them.
TRUSTED = {
    "open_session": "the person's password",
    "find_second_factor": "the person's password; what it gives is sealed",
    "use_factor_step": "the person's password",
    "use_recovery_code": "the person's password",
    "find_sso_connection": "nothing: its id is public as the start of a sign-in, and the client's secret is sealed",
    "start_sso": "nothing: anybody may begin to sign in",
    "enter_sso": "the provider's signature, and the state of this browser",
    "open_download": "the signature of the link, which names the reader",
    "stop_request_letters": "the signature of the link in a letter, which names the person",
    "stop_result_letters": "the signature of the link in a letter, which names the person",
}


@pytest.mark.asyncio(loop_scope="module")
async def test_functions_with_the_owners_rights_tell_nothing_of_somebody_else(stage: Stage) -> None:
    functions = await stage.connection.fetch(FUNCTIONS)
    assert len(functions) > 35
    aims = await find_aims(stage)
    telling, called = set(), 0
    for function in functions:
        takes = [
            name
            for name, kind in zip(function["names"] or [], function["types"], strict=True)
            if kind in ("uuid", "uuid[]")
        ]
        if function["name"] in TRUSTED or not takes:
            continue
        for who in stage.who:
            # Both suppliers are linked with both buyers, and whoever stated something is known to itself.
            own = {("s2", "is_linked_buyer"), ("p1", "is_related")}
            if who.name not in ("nothing", "s2", "b2", "p1") or (who.name, function["name"]) in own:
                continue
            for aim in aims:
                given = {name: aim[name] for name in takes if name in aim}
                assert given or takes == ["id"] or set(takes) <= {"event", "farewell", "id", "suggestion"}, (
                    f"{function['name']}{takes} has nothing to aim at"
                )
                said = [await call(stage, who, function, values) for values in (given, {})]
                called += 1
                if said[0] != said[1]:
                    telling.add(f"{function['name']} tells {who.name}: {said[0]} / {said[1]}"[:300])
    assert called > 100
    assert sorted(telling) == []


async def find_aims(stage: Stage) -> list[dict[str, Any]]:
    """Ids of the first supplier, and of the first buyer, by the names that functions give their arguments."""
    first = {name: stage.house.parties[name].organization for name in ("s1", "b1", "p1")}

    async def find(table: str, column: str, value: Any) -> Any:
        return await stage.connection.fetchval(f"SELECT id FROM portal.{table} WHERE {column} = $1 LIMIT 1", value)

    shared = {
        "buyer": first["b1"],
        "supplier": first["s1"],
        "other": first["p1"],
        "share": await find("share", "supplier_id", first["s1"]),
        "submission": await stage.connection.fetchval(  # the one that was shown to nobody
            "SELECT id FROM portal.submission WHERE supplier_id = $1 ORDER BY period_end LIMIT 1", first["s1"]
        ),
        "document": await find("evidence", "supplier_id", first["s1"]),
        "target": await find("corporate_group", "name", "zqgroupqz"),
        "letter": await stage.connection.fetchval("SELECT id FROM portal.mail ORDER BY id LIMIT 1"),
    }
    shared |= dict.fromkeys(("before", "after"), UUID(int=2**128 - 1))
    aims = []
    for name, column in (("s1", "supplier_id"), ("b1", "buyer_id")):
        party = stage.house.parties[name]
        record = await find("supplier_record", column, party.organization)
        session = await find("session", "user_id", party.person.id)
        own = {"organization": party.organization, "wanted": party.organization, "person": party.person.id}
        own |= {"people": [party.person.id]}
        own |= {
            "record": record,
            "records": [record],
            "key": await find("api_key", "organization_id", party.organization),
        }
        aims.append(shared | own | dict.fromkeys(("chosen_session", "ended", "kept"), session))
    return aims


async def call(stage: Stage, who: Who, function: Any, given: dict[str, Any]) -> str:
    """What a function says and how many rows it touched; what is not given is made up."""
    values = [
        given.get(name, VALUES[kind]()) for name, kind in zip(function["names"] or [], function["types"], strict=True)
    ]
    places = ", ".join(f"${place}::{kind}" for place, kind in enumerate(function["types"], 1))
    if function["name"] == "create_invitation":
        values = [None if kind == "text" else value for kind, value in zip(function["types"], values, strict=True)]
    async with probes.act_as(stage.application, who):
        inner = stage.application.transaction()
        await inner.start()
        try:
            before = await count_touched(stage)
            rows = await stage.application.fetch(f"SELECT * FROM portal.{function['name']}({places})", *values)
            said = json.dumps([[str(one) for one in row.values() if not isinstance(one, walls.MOMENT)] for row in rows])
            return f"{said} {await count_touched(stage) - before}"
        except asyncpg.PostgresError as error:
            return str(error.sqlstate)
        finally:
            await inner.rollback()


async def count_touched(stage: Stage) -> int:
    return int(await stage.application.fetchval(
        "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_xact_all_tables"
        " WHERE schemaname = 'portal'"
    ))  # fmt: skip


@pytest.mark.asyncio(loop_scope="module")
async def test_nobody_inherits_an_organization_from_the_connection(stage: Stage) -> None:
    database = engine.Database(engine.create_engine(stage.house.database.app_url, pool_size=1))
    credential = access.Credential("session", stage.house.parties["s1"].person.token)
    asks = text(
        "SELECT concat(current_setting('portal.organization', true), current_setting('portal.user', true)),"
        " (SELECT count(*) FROM portal.assessment), pg_backend_pid()"
    )
    try:
        pids = set()
        for fails in (False, True, False):
            with pytest.raises(ZeroDivisionError) if fails else walls.nothing():
                async with database.transaction(credential) as (session, actor):
                    _, count, pid = (await session.execute(asks)).one()
                    assert (actor.organization_id, count) == (
                        stage.house.parties["s1"].organization,
                        len(houses.PERIODS),
                    )
                    _ = 1 // (not fails)
            async with database.transaction() as (session, _):
                said = (await session.execute(asks)).one()
                assert tuple(said)[:2] == ("", 0)
                pids |= {pid, said[2]}
        assert len(pids) == 1
    finally:
        await database.close()


@houses.asynccontextmanager
async def changed(stage: Stage, statement: str) -> AsyncIterator[None]:
    """The database with one change, which is taken back."""
    outer = stage.connection.transaction()
    await outer.start()
    try:
        await stage.connection.execute(statement)
        yield
    finally:
        await outer.rollback()
