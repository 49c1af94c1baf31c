"""The two statements of saving answers: what is known already, and what is kept, however many writes there are."""

from sqlalchemy import text

# What came before under these ids; what stands at these places; and what is open there: writes that wait, and conflicts
# of devices with a name, whose later writes may rest on a revision that was never made.
KNOWN = text(
    """
    SELECT 'write' AS part, w.write_id, w.body_hash, w.assessment_id,
           (was.questionnaire, was.subject_key, was.period_start, was.period_end)
         = (now.questionnaire, now.subject_key, now.period_start, now.period_end) AS is_here,
           w.question, w.row_id, w.outcome, w.revision, w.problem, w.state, w.value, w.reason, w.comment, w.deleted,
           w.site_id, w.plan, NULL::bigint AS changed_at_number, NULL::timestamptz AS changed_at,
           NULL::uuid AS changed_by, NULL AS provenance, NULL::uuid AS carried_from, NULL AS carried_question,
           NULL AS device
      FROM portal.answer_write w
      JOIN portal.assessment was ON was.supplier_id = w.supplier_id AND was.id = w.assessment_id
      JOIN portal.assessment now ON now.supplier_id = w.supplier_id AND now.id = :assessment
     WHERE w.supplier_id = :supplier AND w.write_id = ANY (CAST(:ids AS uuid[]))
     UNION ALL
    SELECT 'answer', NULL, NULL, NULL, NULL, a.question, a.row_id, NULL, a.revision, NULL, a.state, a.value, a.reason,
           a.comment, a.deleted, a.site_id, a.plan, a.changed_at_number, a.changed_at, a.changed_by, a.provenance,
           a.carried_from, a.carried_question, NULL
      FROM unnest(CAST(:questions AS text[]), CAST(:rows AS text[])) AS wanted (question, row_id)
      JOIN portal.answer a ON a.question = wanted.question AND a.row_id = wanted.row_id
     WHERE a.supplier_id = :supplier AND a.assessment_id = :assessment
     UNION ALL
    SELECT 'open', NULL, NULL, NULL, NULL, w.question, w.row_id, w.outcome, w.base_revision, NULL, NULL, NULL, NULL,
           NULL, NULL, NULL, NULL, NULL, NULL, w.member_id, NULL, NULL, NULL, w.device
      FROM unnest(CAST(:questions AS text[]), CAST(:rows AS text[])) AS wanted (question, row_id)
      JOIN portal.answer_write w ON w.question = wanted.question AND w.row_id = wanted.row_id
     WHERE w.supplier_id = :supplier AND w.outcome IN ('pending', 'conflict')
       AND w.assessment_id = ANY (ARRAY(
           SELECT was.id FROM portal.assessment now
             JOIN portal.assessment was
               ON was.supplier_id = now.supplier_id AND was.questionnaire = now.questionnaire
              AND was.subject_key = now.subject_key AND was.period_start = now.period_start
              AND was.period_end = now.period_end
            WHERE now.supplier_id = :supplier AND now.id = :assessment))
       AND CASE w.outcome WHEN 'pending' THEN NOT EXISTS (
               SELECT FROM portal.assessment was
                 JOIN portal.assessment took
                   ON took.supplier_id = was.supplier_id AND took.questionnaire = was.questionnaire
                  AND took.subject_key = was.subject_key AND took.period_start = was.period_start
                  AND took.period_end = was.period_end AND took.revision > was.revision
                WHERE was.supplier_id = w.supplier_id AND was.id = w.assessment_id
                  AND portal.is_reopened(took.reopened, w.question, w.row_id))
                ELSE w.device IS NOT NULL AND w.decides IS NULL END
       AND NOT EXISTS (SELECT FROM portal.answer_write d
                        WHERE d.supplier_id = w.supplier_id AND d.decides = w.write_id
                          AND d.outcome IN ('saved', 'unchanged', 'dismissed'))
       AND NOT (w.outcome = 'conflict' AND EXISTS (
               SELECT FROM portal.answer_write l
                WHERE l.supplier_id = w.supplier_id AND l.assessment_id = w.assessment_id AND l.question = w.question
                  AND l.row_id = w.row_id AND l.outcome = 'saved' AND l.member_id = w.member_id
                  AND (l.received_at > w.received_at OR (l.device = w.device AND l.revision > w.base_revision))))
    """
)
# One statement however many writes there are: the answers, their history, the cursor of the sync, and the event. The
# history keeps the order in which one call sent them: the last one came now, and each before it a microsecond earlier.
STORE = text(
    """
    WITH item AS (
        SELECT * FROM jsonb_to_recordset(CAST(:items AS jsonb)) AS x (
            write_id uuid, question text, row_id text, base_revision integer, revision integer, outcome text,
            problem jsonb, state text, value jsonb, reason text, comment text, deleted boolean, number bigint,
            body_hash text, stands boolean, later integer, provenance text, carried_from uuid, carried_question text,
            source text, device text, was jsonb, decides uuid, site_id uuid, plan jsonb, sender uuid,
            assessment_id uuid)
    ), kept AS (
        INSERT INTO portal.answer AS a (supplier_id, assessment_id, question, row_id, state, value, reason, comment,
                                        deleted, revision, changed_at_number, changed_by, changed_at, provenance,
                                        carried_from, carried_question, site_id, plan)
        SELECT CAST(:supplier AS uuid), CAST(:assessment AS uuid), question, row_id, state, value, reason, comment,
               deleted, revision, number, CAST(:member AS uuid), portal.clock(), provenance, carried_from,
               carried_question, site_id, plan
          FROM item WHERE stands
        ON CONFLICT (supplier_id, assessment_id, question, row_id) DO UPDATE SET
            state = excluded.state, value = excluded.value, reason = excluded.reason, comment = excluded.comment,
            deleted = excluded.deleted, revision = excluded.revision, changed_at_number = excluded.changed_at_number,
            changed_by = excluded.changed_by, changed_at = excluded.changed_at, provenance = excluded.provenance,
            carried_from = excluded.carried_from, carried_question = excluded.carried_question,
            site_id = excluded.site_id, plan = excluded.plan
    ), counted AS (
        UPDATE portal.assessment
           SET change_number = :change_number, team_number = team_number + CAST(:opened AS integer),
               updated_at = portal.clock()
         WHERE supplier_id = :supplier AND id = :assessment
           AND (change_number <> :change_number OR CAST(:opened AS integer) > 0)
    ), told AS (
        INSERT INTO portal.outbox (id, topic, ids)
        SELECT id, topic, ids FROM jsonb_to_recordset(CAST(:events AS jsonb)) AS x (id uuid, topic text, ids jsonb)
    )
    INSERT INTO portal.answer_write (supplier_id, write_id, assessment_id, question, row_id, base_revision, revision,
                                     outcome, problem, state, value, reason, comment, deleted, body_hash, member_id,
                                     received_at, source, device, was, decides, site_id, plan)
    SELECT CAST(:supplier AS uuid), write_id, assessment_id, question, row_id, base_revision, revision,
           outcome, problem, state, value, reason, comment, deleted, decode(body_hash, 'hex'),
           coalesce(sender, CAST(:member AS uuid)), portal.clock() - later * interval '1 microsecond', source, device,
           was, decides, site_id, plan
      FROM item
    """
)
