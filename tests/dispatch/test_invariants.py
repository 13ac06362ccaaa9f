"""Each invariant finds its own kind of damage, and nothing else is called broken."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from tortoise import connections

from dispatch import invariants
from dispatch.agenda import phases
from dispatch.invariants import INVARIANTS
from dispatch.models import Assignment, Event, Shift
from dispatch.roster import assignments, attendance
from tests.dispatch import world
from tests.dispatch.world import coordinator
from volunteer.act import Act, Actor, Grant
from volunteer.models import ServiceRecord
from volunteer.records import locking, signing


async def _lively() -> None:
    """A world where one person has accepted and another is asked, with the entries that tell so."""
    tiny = await world.make()
    boss, one, other = [await tiny.person() for _ in range(3)]
    need = await tiny.need(seats=3)
    first = await assignments.offer(coordinator(boss), need.id, one.id)
    await assignments.accept(world.by(one), first.id)
    await assignments.offer(coordinator(boss), need.id, other.id)
    await phases.supervise(coordinator(boss), (await Shift.get(id=need.shift_id)).event_id, "supervised")


async def _recorded() -> None:
    """Somebody served, and the hours are locked."""
    tiny = await world.make()
    boss, recorder, one = [await tiny.person() for _ in range(3)]
    need = await tiny.need(after=world.starting(10))
    line = await tiny.offered(need, one, expires=datetime.now(UTC) + timedelta(hours=1))
    await assignments.accept(world.by(one), line.id)
    begins = datetime.now(UTC) - timedelta(hours=3)
    span = {"starts_at": begins, "ends_at": begins + timedelta(hours=2)}
    await Shift.filter(id=need.shift_id).update(**span)
    await Event.all().update(**span)
    await Assignment.all().update(occupies_from=begins, occupies_until=begins + timedelta(hours=2))
    await attendance.check_in(coordinator(boss), line.id, at=begins)
    await attendance.complete(coordinator(boss), line.id)
    record = await ServiceRecord.get(cause=line.id)
    await signing.confirm(coordinator(boss), [signing.Line(record.id)])
    act = Act(Actor(recorder.id, (Grant("recorder", "350502"),)), datetime.now(UTC))
    await signing.sign(act, [record.id])
    ago = datetime.now(UTC) - timedelta(days=9)
    await ServiceRecord.all().update(notice_from=ago, notice_until=ago + timedelta(days=5))
    assert await locking.lock_due(world.itself()) == 1


async def _run(statements: Sequence[str]) -> None:
    connection = connections.get("default")
    for statement in statements:
        await connection.execute_script(statement)


async def test_nothing_is_broken_where_only_verbs_wrote(db: str) -> None:
    await _lively()
    found = await invariants.findings()
    assert [f.invariant.name for f in found] == [i.name for i in INVARIANTS]
    assert {f.count for f in found} == {0}


async def test_names_are_told_once() -> None:
    assert len({i.name for i in INVARIANTS}) == len(INVARIANTS)


ACCEPTED = "status = 'accepted'"
DRAFT = """INSERT INTO draft (id, region_id, window_from, window_until, state, created_at, progress, summary)
    SELECT {id}, '350502', now(), now() + interval '1 day', '{state}', now(), '{{}}', '{{}}'"""
ONE = "'00000000-0000-7000-8000-000000000001'::uuid"
SWAP = f"""INSERT INTO swap (id, kind, state, proposer_id, given_id, proposed_at, expires_at, ended_at)
    SELECT {ONE}, 'handover', '{{state}}', volunteer_id, id, now(), now(), {{ended}} FROM assignment
    WHERE status = '{{given}}'"""
SIDE = f"""INSERT INTO swap_side (id, swap_id, place, volunteer_id, line_id, need_id, agreed_at)
    SELECT gen_random_uuid(), {ONE}, 0, volunteer_id, {{line}}, {{need}}, now() FROM assignment
    WHERE status = '{{of}}'"""

# Statements that break something, and the names that must be called broken after them.
DAMAGE = {
    "too many taken": (
        ["ALTER TABLE need DROP CONSTRAINT need_capacity", "UPDATE need SET taken = max + 1"], "I1 I2 I4 I5",
    ),
    "miscounted": (["UPDATE need SET taken = taken + 1"], "I2"),
    "accepted too late": ([f"UPDATE assignment SET answered_at = expires_at WHERE {ACCEPTED}"], "I3"),
    "more asked than fit": (["UPDATE need SET min = 1, desired = 1, max = 1"], "I4 I5"),
    "asked for what is over": (["UPDATE event SET state = 'finished'"], "I5 E1 E3"),
    "twice in one place": (
        [
            "ALTER TABLE assignment DROP CONSTRAINT nobody_twice_at_once",
            "DROP INDEX one_live_claim",
            f"""UPDATE assignment SET volunteer_id = (SELECT volunteer_id FROM assignment WHERE {ACCEPTED}),
                status = 'accepted', answered_at = offered_at WHERE status = 'offered'""",
        ],
        "I2 I7 I10",
    ),
    "bound to what is cancelled": (["UPDATE event SET state = 'cancelled'"], "I5 I8 E3"),
    "a gap": (["DELETE FROM entry WHERE seq = 1"], "I11"),
    "a head too far": (["UPDATE topic SET seq = seq + 1"], "I11"),
    "a topic lost": (["DELETE FROM topic"], "I11"),
    "an unknown state": (
        ["ALTER TABLE event DROP CONSTRAINT event_state", "UPDATE event SET state = 'odd'"], "I5 I12 E3",
    ),
    "an answer without its hour": ([f"UPDATE assignment SET answered_at = NULL WHERE {ACCEPTED}"], "I12a"),
    "a move untold": ([f"UPDATE assignment SET version = version + 1 WHERE {ACCEPTED}"], "I11a"),
    "a move told twice": (
        [
            """INSERT INTO entry (topic, seq, at, kind, ref, actor, body) SELECT topic, 3, at, kind, ref, actor, body
                FROM entry WHERE seq = 2 AND topic IN (SELECT 'volunteer:' || volunteer_id FROM assignment)""",
            """UPDATE topic SET seq = 3 WHERE name LIKE 'volunteer:%'
                AND name IN (SELECT topic FROM entry WHERE seq = 3)""",
        ],
        "I11b I12b",
    ),
    "an illegal step": (
        [
            """UPDATE entry SET body = jsonb_set(body, '{assignment,status}', '"expired"') WHERE seq = 1
                AND kind = 'assignment.offered' AND ref IN (SELECT id FROM assignment WHERE status = 'accepted')""",
        ],
        "I12b",
    ),
    "confirmed by oneself": (["UPDATE assignment SET marked_by = volunteer_id"], "A1"),
    "an absence uncounted": (
        [
            "UPDATE need SET taken = 0, min = 0",
            f"UPDATE assignment SET status = 'no_show' WHERE {ACCEPTED}",
        ],
        "I11a A2",
    ),
    "a message twice": (
        [
            "ALTER TABLE notice DROP CONSTRAINT notice_once",
            f"UPDATE notice SET kind = 'k', ref = {ONE}, volunteer_id = (SELECT id FROM volunteer LIMIT 1)",
        ],
        "I15",
    ),
    "asked after leaving": (["UPDATE volunteer SET state = 'exited'"], "I16"),
    "another call time": (["UPDATE shift SET call = 15"], "S1"),
    "a shift beyond its event": (["UPDATE event SET ends_at = ends_at - interval '1 minute'"], "S2"),
    "no risks named": (["UPDATE event SET risk_notice = ''"], "S3"),
    "learners without mentors": (["UPDATE need SET mentor_role = '带教'"], "S3a"),
    "locked too soon": (["UPDATE event SET state = 'locked', locks_at = starts_at"], "E1 E3"),
    "waiting for what is over": (
        ["UPDATE event SET state = 'closed'", "UPDATE assignment SET status = 'standby' WHERE status = 'offered'"],
        "I11a E1 E2 E3",
    ),
    "an event's change untold": (["UPDATE event SET version = version + 1"], "E3"),
    "two runs at once": (
        ["DROP INDEX one_running_draft", *[DRAFT.format(id="gen_random_uuid()", state="running")] * 2], "S4",
    ),
    "a change without outcome": (
        [
            DRAFT.format(id=ONE, state="published"),
            f"""INSERT INTO draft_change (id, draft_id, need_id, volunteer_id, kind, why)
                SELECT gen_random_uuid(), {ONE}, need_id, volunteer_id, 'offer', '[]' FROM assignment""",
        ],
        "S5",
    ),
    "a swap of a seat that nobody holds": (
        [
            SWAP.format(state="proposed", ended="NULL", given="offered"),
            SIDE.format(line="id", need="NULL", of="offered"),
        ],
        "W1",
    ),
    "a seat given and kept": (
        [
            SWAP.format(state="done", ended="now()", given="accepted"),
            SIDE.format(line="id", need="NULL", of="accepted"),
        ],
        "W2",
    ),
    "a team that is asked without anybody": (
        [
            f"""INSERT INTO team (id, name, region_id, created_at, skills) VALUES ({ONE}, 't', '350502', now(), '[]');
                INSERT INTO team_offer (id, need_id, team_id, offered_at, expires_at)
                SELECT {ONE}, id, {ONE}, now(), now() FROM need""",
        ],
        "T1",
    ),
    "a seat that nobody got": (
        [
            SWAP.format(state="done", ended="now()", given="accepted"),
            SIDE.format(line="NULL", need="need_id", of="accepted"),
            "UPDATE swap SET proposed_at = now() + interval '1 hour'",
        ],
        "W3",
    ),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE)
async def test_damage_is_found(db: str, damage: str) -> None:
    await _lively()
    statements, expected = DAMAGE[damage]
    await _run(statements)
    broken = [found for found in await invariants.findings() if not found.holds]
    assert [found.invariant.name for found in broken] == expected.split()
    for found in broken:
        assert found.sample
        assert found.line().startswith(found.invariant.name)
        assert f"{found.count} broken" in found.line()


# The same for a world where hours were recorded.
RECORDED = {
    "a credit that is not the record's": (
        ["ALTER TABLE credit DISABLE TRIGGER only_added", "UPDATE credit SET minutes = minutes + 30"], "R1",
    ),
    "a credit lost": (["ALTER TABLE credit DISABLE TRIGGER only_added", "DELETE FROM credit"], "R1"),
    "another's credit": (
        [
            "ALTER TABLE credit DISABLE TRIGGER only_added",
            """UPDATE credit SET volunteer_id = (SELECT id FROM volunteer v WHERE NOT EXISTS
                (SELECT 1 FROM service_record r WHERE r.volunteer_id = v.id) LIMIT 1)""",
        ],
        "R2",
    ),
    "signed for oneself": (
        [
            "ALTER TABLE service_record DROP CONSTRAINT record_signed_by_a_third",
            "UPDATE service_record SET signed_by = volunteer_id",
        ],
        "R3",
    ),
    "signed twice by one": (
        [
            "ALTER TABLE service_record DROP CONSTRAINT record_signed_by_a_third",
            "UPDATE service_record SET signed_by = confirmed_by",
        ],
        "R3",
    ),
    "served without a record": (
        [
            "ALTER TABLE credit DISABLE TRIGGER only_added", "DELETE FROM credit", "DELETE FROM service_record",
        ],
        "R4",
    ),
    "a record of nothing served": (["UPDATE service_record SET cause = (SELECT id FROM assignment LIMIT 1)",
        "UPDATE assignment SET status = 'cancelled'", "UPDATE need SET taken = 0, min = 0"], "I11a R4"),
    "a record's step untold": (["UPDATE service_record SET version = version + 1"], "R5"),
}  # fmt: skip


@pytest.mark.parametrize("damage", RECORDED)
async def test_damage_to_records_is_found(db: str, damage: str) -> None:
    await _recorded()
    assert {f.count for f in await invariants.findings()} == {0}
    statements, expected = RECORDED[damage]
    await _run(statements)
    assert [f.invariant.name for f in await invariants.findings() if not f.holds] == expected.split()


async def test_every_invariant_can_be_broken() -> None:
    """No query stands here that was never seen to find anything."""
    damage = [*DAMAGE.values(), *RECORDED.values()]
    assert {name for _, names in damage for name in names.split()} == {i.name for i in INVARIANTS}
