"""What must hold in the database at every moment, each a named query that finds the rows that break it.

Asked by ``citong check``, after every step of the state-machine tests and at the end of load and fault runs. The
numbers are those of the papers on reliability; letters were added. Read-only, one snapshot, no locks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tortoise.transactions import in_transaction

from dispatch import turns
from dispatch.lifecycle import (
    ASSIGNMENT,
    BORN,
    CLAIMS,
    DRAFT,
    EVENT,
    LIVE,
    OPEN,
    PENDING,
    SEATED,
    SWAP,
    TEAM_OFFER,
    Table,
)

PATIENCE_SECONDS: Final = 1800
_COUNTED: Final = "(SELECT {place} AS place, count(*) OVER ()::int AS n, what FROM ({broken}) b LIMIT 3)"


@dataclass(frozen=True, slots=True)
class Invariant:
    """``says``: what holds. ``broken``: a query for the offenders, one text column ``what``, with
    the groups of statuses in braces."""

    name: str
    says: str
    broken: str


@dataclass(frozen=True, slots=True)
class Finding:
    """``count`` offenders, 0 = holds; ``sample``: the first few, by id."""

    invariant: Invariant
    count: int
    sample: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return self.count == 0

    def line(self) -> str:
        head = f"{self.invariant.name:4} {self.invariant.says}"
        return head if self.holds else f"{head}: {self.count} broken, such as {', '.join(self.sample)}"


async def findings() -> tuple[Finding, ...]:
    """Every invariant, judged on one snapshot and in one statement, in the order of ``INVARIANTS``."""
    counted = [
        _COUNTED.format(place=place, broken=one.broken.format_map(_WORDS)) for place, one in enumerate(INVARIANTS)
    ]
    async with in_transaction() as db:
        await db.execute_query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        await db.execute_query(f"SET LOCAL statement_timeout = {PATIENCE_SECONDS * 1000}")
        rows = await db.execute_query_dict(" UNION ALL ".join(counted))
    found: list[list[str]] = [[] for _ in INVARIANTS]
    counts = [0] * len(INVARIANTS)
    for row in rows:
        found[row["place"]].append(row["what"])
        counts[row["place"]] = row["n"]
    return tuple(map(Finding, INVARIANTS, counts, map(tuple, found)))


def _words(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _states(table: Table) -> str:
    """Every state that a table of legal steps knows."""
    return _words(sorted({state for moves in table.values() for pair in moves.items() for state in pair}))


def _moves(table: Table) -> str:
    """Every legal step, as rows of before and after."""
    pairs = {pair for moves in table.values() for pair in moves.items()}
    return ", ".join(f"('{before}', '{after}')" for before, after in sorted(pairs))


# What the queries call the groups of statuses.
_WORDS: Final = {
    "seated": _words(SEATED),
    "answered": _words((*SEATED, "declined")),
    "bound": _words((*LIVE, "standby")),
    "claims": _words(CLAIMS),
    "open": _words(OPEN),
    "assignment": _states(ASSIGNMENT),
    "event": _states(EVENT),
    "draft": _states(DRAFT),
    "swap": _states(SWAP),
    "team_offer": _states(TEAM_OFFER),
    "pending": _words(PENDING),
    "moves": _moves(ASSIGNMENT),
    "born": _words(BORN),
    "first_call": turns.FIRST_CALL,
    # Each line's own entries, in the order of its person's topic.
    "told": """(SELECT e.ref, e.seq, e.kind, e.body->'assignment'->>'status' AS status,
        (e.body->'assignment'->>'version')::int AS version, a.status AS now, a.version AS newest FROM entry e
        JOIN assignment a ON a.id = e.ref AND e.topic = 'volunteer:' || a.volunteer_id)""",
}


INVARIANTS: Final = (
    Invariant(
        "I1", "taken seats lie between 0 and the most",
        "SELECT 'need ' || id AS what FROM need WHERE taken < 0 OR taken > max",
    ),
    Invariant(
        "I2", "taken counts exactly those who accepted, checked in or completed",
        """SELECT 'need ' || n.id AS what FROM need n LEFT JOIN
            (SELECT need_id, count(*) AS held FROM assignment WHERE status IN ({seated}) AND NOT extra
            GROUP BY need_id) a ON a.need_id = n.id WHERE n.taken <> coalesce(a.held, 0)""",
    ),
    Invariant(
        "I3", "nobody accepted at or after the end of the offer",
        """SELECT 'assignment ' || id AS what FROM assignment
            WHERE status IN ({seated}) AND answered_at >= expires_at""",
    ),
    Invariant(
        "I4", "open offers and taken seats together fit a need that reserves",
        """SELECT 'need ' || n.id AS what FROM need n JOIN
            (SELECT need_id, count(*) AS asked FROM assignment WHERE status = 'offered' GROUP BY need_id) a
            ON a.need_id = n.id WHERE n.mode = 'reserve' AND n.taken + a.asked > n.max""",
    ),
    Invariant(
        "I5", "no open offer on a full need or an event that takes nobody",
        """SELECT 'assignment ' || a.id AS what FROM assignment a JOIN need n ON n.id = a.need_id
            JOIN shift s ON s.id = n.shift_id JOIN event e ON e.id = s.event_id
            WHERE a.status = 'offered' AND (n.taken >= n.max OR e.state NOT IN ({open}))""",
    ),
    Invariant(
        "I7", "nobody is in two places at once",
        """SELECT 'assignment ' || a.id AS what FROM assignment a JOIN assignment b
            ON b.volunteer_id = a.volunteer_id AND b.id > a.id AND b.status IN ('accepted', 'checked_in')
            AND tstzrange(a.occupies_from, a.occupies_until) && tstzrange(b.occupies_from, b.occupies_until)
            WHERE a.status IN ('accepted', 'checked_in')""",
    ),
    Invariant(
        "I8", "nobody is bound to a cancelled event",
        """SELECT 'assignment ' || a.id AS what FROM assignment a JOIN need n ON n.id = a.need_id
            JOIN shift s ON s.id = n.shift_id JOIN event e ON e.id = s.event_id
            WHERE a.status IN ({bound}) AND e.state = 'cancelled'""",
    ),
    Invariant(
        "I10", "one live claim per person and need",
        """SELECT 'need ' || need_id AS what FROM assignment WHERE status IN ({claims})
            GROUP BY need_id, volunteer_id HAVING count(*) > 1""",
    ),
    Invariant(
        "I11", "the numbers of each topic run from 1 without a gap to its head",
        """SELECT 'topic ' || coalesce(t.name, e.topic) AS what FROM topic t FULL JOIN
            (SELECT topic, count(*) AS n, min(seq) AS low, max(seq) AS high FROM entry GROUP BY topic) e
            ON e.topic = t.name WHERE t.seq IS DISTINCT FROM coalesce(e.n, 0)
            OR (e.n > 0 AND (e.low <> 1 OR e.high <> e.n))""",
    ),
    Invariant(
        "I11a", "the newest entry of a line says its status and version",
        """SELECT 'assignment ' || ref AS what FROM (SELECT DISTINCT ON (ref) * FROM {told} t ORDER BY ref, seq DESC) t
            WHERE status <> now OR version <> newest""",
    ),
    Invariant(
        "I11b", "each version of a line is told once, and none is left out",
        """SELECT 'assignment ' || ref AS what FROM {told} t GROUP BY ref
            HAVING count(*) <> count(DISTINCT version) OR count(*) <> max(version) - min(version) + 1""",
    ),
    Invariant(
        "I12", "assignments, events, drafts, swaps and offers to teams are in states that the tables know",
        """SELECT 'assignment ' || id AS what FROM assignment WHERE status NOT IN ({assignment})
            UNION ALL SELECT 'event ' || id FROM event WHERE state NOT IN ({event})
            UNION ALL SELECT 'draft ' || id FROM draft WHERE state NOT IN ({draft})
            UNION ALL SELECT 'swap ' || id FROM swap WHERE state NOT IN ({swap})
            UNION ALL SELECT 'team offer ' || id FROM team_offer WHERE state NOT IN ({team_offer})""",
    ),
    Invariant(
        "I12a", "an answered line says when it was answered, an attended one when the person came",
        """SELECT 'assignment ' || id AS what FROM assignment
            WHERE (status IN ({answered}) AND answered_at IS NULL)
            OR (status IN ('checked_in', 'completed') AND checked_in_at IS NULL)""",
    ),
    Invariant(
        "I12b", "what is told of a line are legal steps from a status that lines are born in",
        """SELECT DISTINCT 'assignment ' || ref AS what FROM (SELECT *, lag(status) OVER (PARTITION BY ref ORDER BY seq)
            AS before FROM {told} t) t WHERE CASE WHEN version = 1 THEN status NOT IN ({born})
            WHEN kind = 'assignment.checked_out' THEN status <> 'checked_in'
            WHEN kind = 'assignment.moved' THEN status <> coalesce(before, status)
            ELSE before IS NOT NULL AND (before, status) NOT IN ({moves}) END""",
    ),
    Invariant(
        "I15", "a message is owed once per kind, cause, person and channel",
        """SELECT 'notice of ' || coalesce(ref::text, '-') AS what FROM notice WHERE ref IS NOT NULL
            GROUP BY kind, ref, volunteer_id, channel HAVING count(*) > 1""",
    ),
    Invariant(
        "I16", "nobody who left or is suspended is asked or bound",
        """SELECT 'assignment ' || a.id AS what FROM assignment a JOIN volunteer v ON v.id = a.volunteer_id
            WHERE v.state IN ('suspended', 'exited') AND (a.status IN ('offered', 'standby')
            OR a.status = 'accepted' AND a.occupies_until > clock_timestamp())""",
    ),
    Invariant(
        "A1", "nobody called their own name or confirmed themselves",
        "SELECT 'assignment ' || id AS what FROM assignment WHERE marked_by = volunteer_id",
    ),
    Invariant(
        "A2", "unexcused absences are counted",
        """SELECT 'volunteer ' || v.id AS what FROM volunteer v JOIN (SELECT volunteer_id, count(*) AS missed
            FROM assignment WHERE status = 'no_show' AND NOT excused GROUP BY volunteer_id) a ON a.volunteer_id = v.id
            WHERE v.no_shows < a.missed""",
    ),
    Invariant(
        "S1", "a claim occupies its shift with call time and get-out, no more, no less",
        """SELECT 'assignment ' || a.id AS what FROM assignment a JOIN need n ON n.id = a.need_id
            JOIN shift s ON s.id = n.shift_id WHERE a.status IN ({claims})
            AND (a.occupies_from <> s.starts_at - make_interval(mins => s.call)
            OR a.occupies_until <> s.ends_at + make_interval(mins => s.out))""",
    ),
    Invariant(
        "S2", "an event spans its shifts",
        """SELECT 'event ' || e.id AS what FROM event e JOIN shift s ON s.event_id = e.id
            GROUP BY e.id HAVING min(s.starts_at) < e.starts_at OR max(s.ends_at) > e.ends_at""",
    ),
    Invariant(
        "S3", "an event that was published names its risks",
        "SELECT 'event ' || id AS what FROM event WHERE state NOT IN ('draft', 'cancelled') AND risk_notice = ''",
    ),
    Invariant(
        "S3a", "learners' seats name a role of their shift that is not for learners itself",
        """SELECT 'need ' || n.id AS what FROM need n WHERE n.mentor_role <> '' AND NOT EXISTS (SELECT 1 FROM need m
            WHERE m.shift_id = n.shift_id AND m.role = n.mentor_role AND m.mentor_role = '')""",
    ),
    Invariant(
        "S4", "one plan runs per region",
        """SELECT 'region ' || region_id AS what FROM draft WHERE state = 'running'
            GROUP BY region_id HAVING count(*) > 1""",
    ),
    Invariant(
        "S5", "every change of a published draft has an outcome",
        """SELECT 'draft ' || d.id AS what FROM draft d JOIN draft_change c ON c.draft_id = d.id
            WHERE d.state = 'published' AND c.outcome = '' GROUP BY d.id""",
    ),
    Invariant(
        "E1", "no event is ahead of its hours: it locks, runs and ends in time, never sooner",
        """SELECT 'event ' || e.id AS what FROM event e WHERE CASE e.state
            WHEN 'locked' THEN coalesce(e.locks_at, {first_call}) WHEN 'running' THEN {first_call}
            WHEN 'finished' THEN e.ends_at WHEN 'closed' THEN e.ends_at END > clock_timestamp()""",
    ),
    Invariant(
        "E2", "nobody waits in line for what is over or called off",
        """SELECT 'assignment ' || a.id AS what FROM assignment a JOIN need n ON n.id = a.need_id
            JOIN shift s ON s.id = n.shift_id JOIN event e ON e.id = s.event_id
            WHERE a.status = 'standby' AND (n.max = 0 OR e.state IN ('finished', 'closed'))""",
    ),
    Invariant(
        "E3", "the newest entry of an event says its state and version",
        """SELECT 'event ' || id AS what FROM (SELECT DISTINCT ON (e.id) e.id, e.state, e.version,
            t.body->'event'->>'state' AS told, (t.body->'event'->>'version')::int AS newest FROM event e
            JOIN entry t ON t.topic = 'event:' || e.id AND t.ref = e.id AND t.kind LIKE 'event.%'
            ORDER BY e.id, t.seq DESC) t WHERE state <> told OR version <> newest""",
    ),
    Invariant(
        "W1", "an open swap is between seats that its people still hold",
        """SELECT DISTINCT 'swap ' || w.id AS what FROM swap w JOIN swap_side d ON d.swap_id = w.id
            JOIN assignment a ON a.id = d.line_id WHERE w.state IN ({pending})
            AND (a.status <> 'accepted' OR a.volunteer_id <> d.volunteer_id)""",
    ),
    Invariant(
        "W2", "a swap is done only when everybody agreed, and then nobody holds what they gave",
        """SELECT DISTINCT 'swap ' || w.id AS what FROM swap w JOIN swap_side d ON d.swap_id = w.id
            LEFT JOIN assignment a ON a.id = d.line_id
            WHERE w.state = 'done' AND (d.agreed_at IS NULL OR a.status <> 'released')""",
    ),
    Invariant(
        "W3", "seats that were passed on have been taken by those who were to get them",
        """SELECT DISTINCT 'swap ' || w.id AS what FROM swap w JOIN swap_side d ON d.swap_id = w.id
            WHERE w.state = 'done' AND d.need_id IS NOT NULL AND NOT EXISTS (SELECT FROM assignment a
            WHERE a.need_id = d.need_id AND a.volunteer_id = d.volunteer_id AND a.offered_at >= w.proposed_at)""",
    ),
    Invariant(
        "R1", "the ledger says of each record what it is: its hours when locked, nothing before or once corrected",
        """SELECT 'record ' || r.id AS what FROM service_record r
            LEFT JOIN (SELECT record_id, sum(minutes) AS minutes FROM credit GROUP BY record_id) c ON c.record_id = r.id
            WHERE coalesce(c.minutes, 0) <> CASE r.state WHEN 'locked' THEN r.minutes ELSE 0 END
            OR (r.state = 'locked') AND c.minutes IS NULL""",
    ),
    Invariant(
        "R2", "credits are the record's person's, and of one service one record counts",
        """SELECT 'record ' || r.id AS what FROM credit c JOIN service_record r ON r.id = c.record_id
            WHERE c.volunteer_id <> r.volunteer_id
            UNION SELECT 'service ' || cause FROM service_record WHERE state = 'locked'
            GROUP BY cause HAVING count(*) > 1""",
    ),
    Invariant(
        "R3", "hours were signed by two others than whoever served, made them up or approved their overtime",
        """SELECT 'record ' || id AS what FROM service_record
            WHERE volunteer_id IN (confirmed_by, signed_by, overtime_by)
            OR confirmed_by IN (signed_by, asked_by, overtime_by) OR signed_by IN (asked_by, overtime_by, organiser_id)
            OR leaders @> to_jsonb(signed_by::text)
            OR (state IN ('under_notice', 'locked') AND (confirmed_by IS NULL OR signed_by IS NULL))""",
    ),
    Invariant(
        "R4", "whoever completed a service has a record of it, and nobody else but by made-up hours",
        """SELECT 'assignment ' || a.id AS what FROM assignment a
            JOIN {told} t ON t.ref = a.id AND t.status = 'completed'
            WHERE a.status = 'completed'
            AND NOT EXISTS (SELECT 1 FROM service_record r WHERE r.cause = a.id)
            UNION SELECT 'record ' || r.id FROM service_record r JOIN assignment a ON a.id = r.cause
            WHERE r.source <> 'makeup' AND a.status <> 'completed'""",
    ),
    Invariant(
        "R5", "the newest entry of a record says its state and version",
        """SELECT 'record ' || id AS what FROM (SELECT DISTINCT ON (r.id) r.id, r.state, r.version,
            t.body->'record'->>'state' AS told, (t.body->'record'->>'version')::int AS newest FROM service_record r
            JOIN entry t ON t.topic = 'volunteer:' || r.volunteer_id AND t.ref = r.id AND t.kind LIKE 'record.%'
            ORDER BY r.id, t.seq DESC) t WHERE state <> told OR version <> newest""",
    ),
    Invariant(
        "T1", "an offer to a team is open as long as one of its members' is, and no longer",
        """SELECT 'team offer ' || o.id AS what FROM team_offer o WHERE (o.state = 'offered') <> EXISTS (
            SELECT FROM assignment a WHERE a.team_offer_id = o.id AND a.status = 'offered')""",
    ),
)  # fmt: skip
