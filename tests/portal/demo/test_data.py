"""What the demo holds: its size and shape, states and dates, and that it comes out the same each time."""

import hashlib
import io
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from portal import storage
from portal.access import API_KEY_PREFIX
from portal.assessments import file_checks, publishing
from portal.database.tables import Model
from portal.demo import cast, loading, naming, sign_ins, story, timeline
from portal.demo.assessing import Published
from portal.demo.people import Secrets
from portal.errors import SetupError
from portal.identity import passwords, tokens
from questionnaires import canonical, catalogue, document
from tests import databases
from tests.portal.demo.conftest import Demo, load

pytestmark = pytest.mark.slow  # makes the whole demo

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)
DRAWN = sign_ins.draw_sign_ins()
SECRETS = Secrets({part: f"hash of {part}" for part in sign_ins.ADDRESSES}, "no password", DRAWN.keys)


def count(demo: Demo, query: str) -> dict[Any, int]:
    """Rows of (value, count)."""
    return {row[0]: row[1] for row in demo.fetch(query)}


def find_published(key: str = "responsible-sourcing") -> Published:
    packaged = [one for one in catalogue.list_packaged() if one.definition.key == key][-1]
    profile = packaged.profiles[-1]
    return Published(
        definition=packaged.definition,
        content_hash=canonical.hash_document(document.write_document(packaged.definition)),
        profile=profile,
        profile_hash=canonical.hash_document(document.write_document(profile)),
    )


def tell(now: datetime) -> story.Story:
    return story.tell_story(find_published(), find_published("purchasing-practice"), now, SECRETS)


def hash_story(told: story.Story) -> str:
    """Everything in it, in order."""
    rows = {table.name: told.rows.get(mapper.class_) for mapper in Model.registry.mappers for table in mapper.tables}
    files = [(file.key, file.content) for file in told.files]
    return hashlib.sha256(repr((sorted(rows.items()), files)).encode()).hexdigest()


def test_240_suppliers_of_200_groups_and_two_buyers(demo: Demo) -> None:
    roles = count(demo, "SELECT role, count(*) FROM portal.organization_role WHERE status = 'active' GROUP BY role")
    assert roles == {"supplier": 242, "buyer": 2, "partner": 1}  # buyers answer for themselves, too
    assert count(demo, "SELECT is_demo, count(*) FROM portal.organization GROUP BY is_demo") == {True: 243}
    waiting = demo.fetch("SELECT role FROM portal.organization_role WHERE status = 'pending'")
    assert [row["role"] for row in waiting] == ["buyer"]
    groups = count(demo, "SELECT status, count(*) FROM portal.corporate_group GROUP BY status")
    assert groups == {"confirmed": 196, "proposed": 4}
    assert demo.fetch("SELECT count(DISTINCT group_id) FROM portal.group_member")[0][0] == 200
    assert demo.fetch("SELECT count(*) FROM portal.user_account WHERE is_operator")[0][0] == 1
    sectors, countries, sizes = demo.fetch(
        "SELECT count(DISTINCT o.sector), count(DISTINCT o.country), count(DISTINCT o.size_band)"
        " FROM portal.organization o JOIN portal.organization_role r ON r.organization_id = o.id"
        " WHERE r.role = 'supplier' AND o.id IN (SELECT organization_id FROM portal.group_member)"
    )[0]
    assert (sectors, sizes) == (13, 4)
    assert countries > 25
    per_buyer = demo.fetch(
        "SELECT count(*) FROM portal.supplier_record WHERE supplier_id IS NOT NULL GROUP BY buyer_id"
    )
    assert [row[0] for row in per_buyer] == [144, 144]


def test_every_company_says_that_it_is_made_up(demo: Demo) -> None:
    names = [
        row[0]
        for table in ("organization", "corporate_group")
        for row in demo.fetch(f"SELECT name FROM portal.{table}")
    ]
    assert all(name.endswith(naming.MARK) for name in names)
    assert len(set(names)) == len(names)
    emails = [
        row[0]
        for row in demo.fetch("SELECT email FROM portal.user_account UNION SELECT email FROM portal.supplier_contact")
    ]
    assert all(email.endswith(".example") for email in emails)


def test_every_state_occurs(demo: Demo) -> None:
    requests = count(demo, "SELECT state, count(*) FROM portal.request GROUP BY state")
    assert set(requests) == {"open", "accepted", "fulfilled", "declined", "not_us", "withdrawn"}
    records = count(demo, "SELECT state, count(*) FROM portal.supplier_record GROUP BY state")
    assert set(records) == {"needs_contact", "has_contact", "invited", "linked", "refused"}
    assessments = count(demo, "SELECT state, count(*) FROM portal.assessment GROUP BY state")
    assert assessments["draft"] == 6
    assert assessments["submitted"] > 400
    answers = count(demo, "SELECT state, count(*) FROM portal.answer GROUP BY state")
    assert set(answers) == {"value", "unknown", "declined", "not_applicable"}
    bands = count(demo, "SELECT band, count(*) FROM portal.result WHERE is_own_tier GROUP BY band")
    assert set(bands) == {"a", "b", "c", "d", None}
    kept_back = (
        "SELECT count(*) FROM portal.request r JOIN portal.assessment a ON a.id = r.assessment_id"
        " WHERE r.state = 'accepted' AND a.state = 'submitted'"
    )
    assert demo.fetch(kept_back)[0][0] >= 4


def test_shares_of_every_scope_and_end(demo: Demo) -> None:
    scopes = demo.fetch(
        "SELECT DISTINCT mode, sections = '{}' AS summary, include_evidence FROM portal.share ORDER BY 1, 2, 3"
    )
    assert [tuple(row) for row in scopes] == [
        (mode, *scope) for mode in ("following", "snapshot") for scope in ((False, False), (False, True), (True, False))
    ]
    ended = "SELECT count(*) FROM portal.share WHERE until < portal.clock()"
    revoked = "SELECT count(*) FROM portal.share WHERE revoked_at < portal.clock()"
    assert demo.fetch(ended)[0][0] >= 4
    assert demo.fetch(revoked)[0][0] >= 4
    kinds = count(demo, "SELECT kind, count(*) FROM portal.read_receipt GROUP BY kind")
    assert set(kinds) == {"summary", "answers", "evidence"}
    stale = (
        "SELECT count(*) FROM portal.relationship_card c JOIN portal.share s ON s.id = c.share_id"
        " WHERE NOT portal.share_is_live(s)"
    )
    assert demo.fetch(stale)[0][0] == 0


def test_nothing_was_read_after_its_share_was_over(demo: Demo) -> None:
    read = (
        "SELECT count(*) FROM portal.read_receipt x WHERE NOT EXISTS (SELECT FROM portal.share s"
        " WHERE s.supplier_id = x.supplier_id AND s.buyer_id = x.reader_id AND s.submission_id = x.submission_id"
        " AND s.starts_at < x.read_at AND x.read_at < least(s.until, s.revoked_at, portal.clock()))"
    )
    assert demo.fetch(read)[0][0] == 0


def test_two_years_up_to_some_days_ago(demo: Demo) -> None:
    oldest, newest, now, quarters = demo.fetch(
        "SELECT min(submitted_at), max(submitted_at), portal.clock(),"
        " count(DISTINCT date_trunc('quarter', submitted_at)) FROM portal.submission"
    )[0]
    assert timedelta(days=700) < now - oldest < timedelta(days=731)
    assert timedelta(days=5) < now - newest < timedelta(days=40)
    assert quarters >= 8
    open_periods = "SELECT count(*) FROM portal.submission WHERE period_end >= submitted_at::date"
    assert demo.fetch(open_periods)[0][0] == 0
    again = "SELECT count(*) FROM (SELECT supplier_id FROM portal.submission GROUP BY 1 HAVING count(*) > 1) repeated"
    assert demo.fetch(again)[0][0] > 150


def test_documents_are_real_files_in_the_storage(demo: Demo) -> None:
    found = demo.fetch("SELECT file_name, storage_key, sha256, size, media_type FROM portal.evidence")
    assert {row["media_type"] for row in found} == {"image/png", "text/csv", "application/pdf"}
    for row in found:
        content = (demo.folder / "files" / row["storage_key"]).read_bytes()
        assert (hashlib.sha256(content).digest(), len(content)) == (row["sha256"], row["size"])
    sample = found[0]
    content = (demo.folder / "files" / sample["storage_key"]).read_bytes()
    assert file_checks.check_file(io.BytesIO(content), sample["file_name"]).media_type == sample["media_type"]


def test_benchmarks_show_cells_and_every_usual_reason(demo: Demo) -> None:
    published = (
        "SELECT count(*) FROM portal.release_cell"
        " WHERE release_number = 2 AND measure = 'total' AND status = 'published'"
    )
    assert demo.fetch(published)[0][0] >= 6
    reasons = count(demo, "SELECT reason, count(*) FROM portal.release_ledger GROUP BY reason")
    assert {"TOO_FEW", "TOO_RECENT", "WOULD_DISCLOSE"} <= set(reasons)
    quartiles = "SELECT count(*) FROM portal.release_cell WHERE measure = 'total' AND p50 IS NOT NULL"
    assert demo.fetch(quartiles)[0][0] >= 4
    assert demo.fetch("SELECT count(*) FROM portal.release")[0][0] == 2


async def test_the_sign_ins_fit(demo: Demo) -> None:
    drawn = demo.prepared.sign_ins
    for part, email in sign_ins.ADDRESSES.items():
        kept = demo.fetch("SELECT password_hash FROM portal.user_account WHERE email = $1", email)[0][0]
        assert await passwords.verify_password(drawn.passwords[part], kept)
    hashes = {row[0] for row in demo.fetch("SELECT key_hash FROM portal.api_key")}
    assert hashes == {tokens.hash_token(key) for key in drawn.keys.values()}
    assert all(key.startswith(API_KEY_PREFIX) for key in drawn.keys.values())


def test_a_second_load_changes_nothing(demo: Demo) -> None:
    tables = [row[0] for row in demo.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'portal' ORDER BY 1")]

    def measure() -> list[Any]:
        return [
            demo.fetch(f"SELECT count(*), md5(string_agg(t::text, '' ORDER BY t::text)) FROM portal.{one} t")
            for one in tables
        ]

    before = measure()
    again = demo.load()
    assert (again.suppliers, again.sign_ins) == (0, demo.prepared.sign_ins)
    assert measure() == before


def test_the_file_of_sign_ins_is_for_its_owner_alone(demo: Demo) -> None:
    assert stat.S_IMODE((demo.folder / sign_ins.FILE).stat().st_mode) == 0o600


@pytest.mark.parametrize("left", [b"", b"{}", b'{"passwords": {"operator": "x"}, "keys": {}}', b"[1]", b"\xff"])
async def test_a_lost_or_damaged_file_of_sign_ins_gives_new_ones_that_fit(demo: Demo, left: bytes) -> None:
    (demo.folder / sign_ins.FILE).write_bytes(left)
    renewed = demo.load().sign_ins
    assert renewed != demo.prepared.sign_ins
    await test_the_sign_ins_fit(Demo(demo.database, demo.folder, demo.load()))


def test_the_same_moment_tells_the_same_story() -> None:
    assert hash_story(tell(NOW)) == hash_story(tell(NOW))


def test_another_day_moves_the_dates_and_little_else() -> None:
    first, later = tell(NOW), tell(NOW + timedelta(days=1))
    names = [row["name"] for row in first.rows.get(_find_model("organization"))]
    assert names == [row["name"] for row in later.rows.get(_find_model("organization"))]
    submissions = [len(told.rows.get(_find_model("submission"))) for told in (first, later)]
    assert abs(submissions[0] - submissions[1]) < 10


@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("day", [1, 28])
def test_on_any_day_enough_groups_count_in_six_cohorts(month: int, day: int) -> None:
    now = datetime(2027, month, day, 0, 30, tzinfo=UTC)
    ended = timeline.find_quarter_end(now.date())
    counted: dict[str, set[int]] = {}
    for firm in cast.list_firms():
        rounds = timeline.plan_rounds(firm, now)
        assert all(one.submitted is None or one.submitted < now - timedelta(days=5) for one in rounds)
        assert all(one.asked < one.accepted <= (one.submitted or now) for one in rounds)
        assert len({one.period_end for one in rounds}) == len(rounds)
        ages = [(ended - one.submitted.date()).days for one in rounds if one.submitted]
        if any(90 < age <= 365 for age in ages):
            counted.setdefault(firm.cohort.key, set()).add(firm.group)
    assert sum(len(groups) >= 20 for groups in counted.values()) >= 6


def test_other_organizations_in_the_database_stop_it(
    database_server: databases.Server, database_template: str, demo: Demo
) -> None:
    with databases.copy_template(database_server, database_template) as database:
        organization = "INSERT INTO portal.organization (id, name) VALUES (gen_random_uuid(), 'Somebody')"
        databases.administer(database.superuser_url, lambda connection: connection.execute(organization))
        with pytest.raises(Exception, match="holds 1 organizations that are not made up"):
            load(database, demo.folder)


def test_releases_that_an_interrupted_start_left_out_are_made(
    database_server: databases.Server, database_template: str, tmp_path: Path
) -> None:
    with databases.copy_template(database_server, database_template) as database:
        store = storage.open_storage(f"file://{tmp_path / 'files'}")
        databases.run(lambda: publishing.publish_packaged(database.owner_url))
        databases.run(lambda: loading.load_demo(database.owner_url, store, tmp_path))
        assert databases.run(lambda: loading.publish_benchmarks(database.worker_url)) == 2
        assert databases.run(lambda: loading.publish_benchmarks(database.worker_url)) == 0


def test_a_storage_that_takes_no_files_stops_it_and_leaves_nothing(
    database_server: databases.Server, database_template: str, tmp_path: Path
) -> None:
    store = storage.open_storage("s3://nowhere/demo?endpoint=http://127.0.0.1:9")
    with databases.copy_template(database_server, database_template) as database:
        databases.run(lambda: publishing.publish_packaged(database.owner_url))
        with pytest.raises(SetupError, match="PORTAL_STORAGE_URL"):
            databases.run(lambda: loading.load_demo(database.owner_url, store, tmp_path))
        assert not (tmp_path / sign_ins.FILE).exists()


def _find_model(table: str) -> Any:
    return next(mapper.class_ for mapper in Model.registry.mappers if mapper.local_table.name == table)
