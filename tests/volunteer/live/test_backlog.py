"""A backlog is bounded, keeps its order, and counts right whatever is put, taken and dropped."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame as Framed
from websockets.frames import Opcode

from volunteer.live import Backlog, Frame

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 60), st.sampled_from(["a", "b", None])),
        st.tuples(st.just("take"), st.just(0), st.none()),
        st.tuples(st.just("drop"), st.just(0), st.sampled_from(["a", "b"])),
    ),
    max_size=60,
)


@given(STEPS)
def test_it_behaves_as_a_bounded_list(steps: list[tuple[str, int, str | None]]) -> None:
    async def played() -> None:
        backlog, model = Backlog(frames=6, size=100), []
        for what, size, topic in steps:
            if what == "put":
                frame = Frame("x" * size, size, topic)
                fits = len(model) < 6 and sum(f.size for f in model) + size <= 100
                assert backlog.put(frame) == (fits or not model)
                if fits or not model:
                    model.append(frame)
            elif what == "drop":
                backlog.drop(topic or "")
                model = [frame for frame in model if frame.topic != topic]
            elif model:
                assert await backlog.take() is model.pop(0)
            assert len(backlog) == len(model)
            roomy = len(model) * 2 < 6 and sum(f.size for f in model) * 2 < 100
            assert backlog._drained.is_set() == roomy
            assert backlog._emptied.is_set() == (not model)

    asyncio.run(played())


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 70_000])
def test_what_goes_over_the_wire_is_what_the_library_of_sockets_writes(size: int) -> None:
    frame = Frame.of("x" * size)
    assert frame.wire == Framed(Opcode.TEXT, b"x" * size).serialize(mask=False)
    assert frame.size == size


async def test_what_is_forced_is_kept() -> None:
    backlog = Backlog(frames=1, size=10)
    assert backlog.put(Frame.of("好好好"))
    assert not backlog.put(Frame.of("x"))
    assert backlog.put(Frame.of("y"), force=True)
    assert [(await backlog.take()).text for _ in range(2)] == ["好好好", "y"]


async def test_take_and_room_wait() -> None:
    backlog = Backlog(frames=4)
    taking = asyncio.create_task(backlog.take())
    await asyncio.sleep(0)
    assert not taking.done()
    for n in range(4):
        backlog.put(Frame.of(str(n)))
    assert (await taking).text == "0"
    room = asyncio.create_task(backlog.room())
    await asyncio.sleep(0)
    assert not room.done()
    for _ in range(2):
        await backlog.take()
    await asyncio.wait_for(room, 5)
