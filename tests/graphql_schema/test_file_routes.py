"""Routes beside GraphQL keep its promises: wrong credentials count as tries, a busy database is nobody's bad input."""

from pathlib import Path

import obstore
import pytest

from portal import storage
from tests import databases
from tests.graphql_schema import portals
from tests.graphql_schema.sharing import stage as stages

NOWHERE = "00000000-0000-0000-0000-000000000000"
ROUTES = [
    f"/exports/assessments/{NOWHERE}.json",
    f"/exports/submissions/{NOWHERE}.json",
    f"/exports/assessments/{NOWHERE}.xlsx",
    f"/exports/submissions/{NOWHERE}.pdf",
    "/suppliers.csv",
    "/personal-data.json",
    "/v1/benchmarks/1.csv",
]
AWAY = """
CREATE OR REPLACE FUNCTION portal.authenticate(kind text, secret_hash bytea)
    RETURNS TABLE (user_id uuid, api_key_id uuid, organization_id uuid, member_role text, organization_roles text[],
                   scopes text[], is_operator boolean, expires_at timestamptz, session_id uuid, held_role text,
                   suspended_at timestamptz)
    LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'starting' USING ERRCODE = '57P03'; END $$
"""
AWAY_AT_THE_END = """
CREATE OR REPLACE FUNCTION portal.receive_upload(secret_hash bytea, place text, bytes bigint, digest bytea)
    RETURNS TABLE (purpose text, owner_id uuid, id uuid)
    LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'starting' USING ERRCODE = '57P03'; END $$
"""


@pytest.mark.parametrize("path", ROUTES)
async def test_a_wrong_token_counts_as_a_try(database: databases.TestDatabase, path: str) -> None:
    async with portals.run_portal(database) as portal, portal.client() as client:
        headers = {"authorization": "Bearer guessed"}
        refused = await client.get(path, headers=headers)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        await portal.run_sql("UPDATE portal.credential_attempt SET tries = 1000 WHERE kind = 'bearer'")
        limited = await client.get(path, headers=headers)
        assert limited.status_code == 429
        assert int(limited.headers["retry-after"]) > 0


@pytest.mark.parametrize("path", ROUTES)
async def test_a_database_that_is_away_is_told_as_such(database: databases.TestDatabase, path: str) -> None:
    async with portals.run_portal(database) as portal, portal.client() as client:
        await portal.run_sql(AWAY)
        answer = await client.get(path, headers={"authorization": "Bearer anything"})
        assert (answer.status_code, portals.codes(answer.json())) == (503, ["DATABASE_AWAY"])


@pytest.mark.parametrize("path", [*ROUTES, "/v1/benchmarks/dictionary.csv"])
async def test_a_parameter_that_is_not_known_is_refused(database: databases.TestDatabase, path: str) -> None:
    async with portals.run_portal(database) as portal, portal.client() as client:
        answer = await client.get(path, params={"colour": "red"}, headers={"authorization": "Bearer anything"})
        assert (answer.status_code, portals.codes(answer.json())) == (400, ["PARAMETER"])
        assert "There is no parameter 'colour'; allowed: " in answer.json()["errors"][0]["message"]
        assert answer.json()["errors"][0]["extensions"]["problems"][0]["path"] == ["colour"]


async def test_an_upload_that_cannot_be_noted_is_told_and_leaves_nothing(
    database: databases.TestDatabase, tmp_path: Path
) -> None:
    async with stages.set_stage(database, tmp_path) as stage:
        _, token = await stage.announce(stage.weaver)
        await stage.portal.run_sql(AWAY_AT_THE_END)
        answer = await stage.put(token, b"%PDF-1.7")
        assert (answer.status_code, portals.codes(answer.json())) == (503, ["DATABASE_AWAY"])
        listed = obstore.list(storage.open_storage(stage.settings.storage_url))
        assert [one for page in listed for one in page if not one["path"].startswith("audit/")] == []
