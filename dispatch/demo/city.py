"""``load`` puts a whole city into an empty database; ``found`` tells which one stands there; ``clear`` empties it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from dispatch.demo import drawing, ground, personas
from dispatch.demo.availability import instant
from dispatch.demo.drawing import SCALES, Rows
from dispatch.demo.personas import Persona
from volunteer import journal, words
from volunteer.act import Act
from volunteer.errors import Reason, Refused
from volunteer.journal import Writing
from volunteer.models import Entry, Volunteer
from volunteer.spans import Span
from volunteer.words import Saying

Size = Literal["S", "M", "L"]
Progress = Callable[[str, int, int], None]

_CHUNK: Final = 2000
_PATIENCE: Final = 55  # seconds for one chunk


words.register(
    {
        "inhabited": Saying(
            "数据库里已有不是演示的数据", "the database holds people who are not the demo's",
            "请换一个空数据库，或改 CITONG_DATABASE_URL", "name an empty database in CITONG_DATABASE_URL",
        )
    }
)  # fmt: skip

# Everything but the record of migrations and the epoch, which gets a new value: old numbers mean nothing then.
_TABLES = """SELECT string_agg(format('%I', tablename), ', ') AS names FROM pg_tables
WHERE schemaname = 'public' AND tablename NOT IN ('tortoise_migrations', 'epoch')"""
_EPOCH = "UPDATE epoch SET value = replace(gen_random_uuid()::text, '-', '') WHERE name = 'live'"


@dataclass(frozen=True, slots=True)
class City:
    """What was loaded. ``window``: the demo week, seven local days. ``seats``: people wished for; ``mandatory``: those
    without whom it does not work. Both and ``events`` of the demo week only."""

    size: Size
    seed: int
    window: Span
    people: int
    events: int
    seats: int
    mandatory: int
    personas: tuple[Persona, ...]


def window(start: date) -> Span:
    """The seven local days from ``start``."""
    return Span(instant(start, 0, 0), instant(start, 7, 0))


def nobody(stage: str, done: int, of: int) -> None:
    """Progress that nobody watches."""


async def load(act: Act, *, size: Size, seed: int, start: date, progress: Progress = nobody) -> City:
    """Fill an empty, migrated database with the city of that size and seed; its week begins on ``start``.

    The same arguments and the same ``act.at`` give the same rows, ids included. Regions and catalogue come first, by
    the importers; everything else is drawn in memory, then written in one transaction with one entry, ``city.seeded``,
    to the boards of the city and its counties. ``progress`` hears (stage, done, of). Raises :class:`Refused`
    (``inhabited``) when people are there already.
    """
    await _vacant()
    scale = SCALES[size]
    progress("regions", 0, 1)
    regions, catalogue = await ground.regions(act), await ground.catalogue(act)
    progress("draw", 0, 1)
    drawn = await asyncio.to_thread(drawing.draw, regions, catalogue, scale, seed=seed, start=start, at=act.at)
    body = {
        "size": size, "seed": seed, "start": start.isoformat(), "people": scale.people, "events": scale.events,
        "seats": drawn.seats, "mandatory": drawn.mandatory,
    }  # fmt: skip

    async def verb(w: Writing) -> None:
        await _vacant()
        await _write(drawn.rows, progress)
        topics = [f"region:{code}" for code in (personas.CITY, *scale.counties)]
        w.entry("city.seeded", topics=topics, body=body)

    await journal.writing(act, verb, patience=_PATIENCE)
    return City(size, seed, window(start), scale.people, scale.events, drawn.seats, drawn.mandatory, drawn.personas)


async def _vacant() -> None:
    if await Volunteer.exists():
        raise Refused([Reason("inhabited")])


async def found() -> City | None:
    """The city that stands in this database; none when nobody lives there. Raises :class:`Refused` (``inhabited``) when
    the people there are not the demo's."""
    seeded = await Entry.filter(topic=f"region:{personas.CITY}", kind="city.seeded").order_by("-seq").first()
    if seeded is None:
        await _vacant()
        return None
    told = seeded.body
    return City(
        told["size"], told["seed"], window(date.fromisoformat(told["start"])), told["people"], told["events"],
        told["seats"], told["mandatory"], tuple(await personas.found()),
    )  # fmt: skip


async def clear(act: Act) -> None:
    """Empty a database that holds a demo city, whatever was done in it since. Raises :class:`Refused` (``inhabited``)
    for any other."""

    async def verb(w: Writing) -> None:
        if await found() is not None:
            tables = (await w.db.execute_query_dict(_TABLES))[0]["names"]
            await w.db.execute_query(f"TRUNCATE {tables} RESTART IDENTITY")
            await w.db.execute_query(_EPOCH)

    await journal.writing(act, verb, patience=_PATIENCE)


async def _write(rows: Rows, progress: Progress) -> None:
    total, done = sum(len(objects) for _, objects in rows), 0
    for model, objects in rows:
        for low in range(0, len(objects), _CHUNK):
            chunk = objects[low : low + _CHUNK]
            await model.bulk_create(chunk)
            done += len(chunk)
            progress(model.__name__.lower(), done, total)
