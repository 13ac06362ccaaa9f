"""The bench of a yes: the bare transactions do what the verb does, and the figures add up."""

from uuid import uuid4

from dispatch import invariants
from dispatch.bench import accept, offers
from dispatch.bench.accept import Asked
from dispatch.models import Assignment
from volunteer import database
from volunteer.models import Entry


async def test_the_recorded_statements_say_yes_for_somebody_else(db: str) -> None:
    place = await offers.county()
    first, other = await offers.lines(place, 2, each=8)
    script = await accept.statements(first)
    assert 5 <= len(script) <= 14
    assert (await Assignment.get(id=first.id)).status == "accepted"
    import asyncpg

    pool = await asyncpg.create_pool(database.dsn(db), min_size=1, max_size=1)
    await accept._bare(pool, accept.made_out(script, await accept.ids(first), await accept.ids(other)))
    await pool.close()
    assert (await Assignment.get(id=other.id)).status == "accepted"
    assert await Entry.filter(kind="assignment.accepted", topic=f"volunteer:{other.volunteer_id}").count() == 1
    assert [found.line() for found in await invariants.findings() if not found.holds] == []


def test_made_out_turns_ids_wherever_they_stand() -> None:
    old, new = uuid4(), uuid4()
    script = [("SELECT $1", [old, [old], f"volunteer:{old}", f'{{"id":"{old}"}}', 7])]
    assert accept.made_out(script, [old], [new]) == [
        ("SELECT $1", [new, [new], f"volunteer:{new}", f'{{"id":"{new}"}}', 7])
    ]


def test_a_small_run_has_every_figure() -> None:
    found = accept.measure(Asked(rounds=1, size=4, at_once=2, rivals=9, openings=40), lambda _: None)
    last = found["last_seats"]
    assert last["statuses"].pop(200) == sum(accept.SEATS)
    assert sum(last["statuses"].values()) == last["shown_next"] == 17
    assert [one["count"] for one in last["each"]] == [9, 9, 9]
    for name in ("many", "hot"):
        assert found[name]["ratio"] > 0
        assert found[name]["per_second"]["verb"] > 0
        assert found[name]["statements"] == found["many"]["statements"]
