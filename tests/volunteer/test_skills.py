"""What holding a skill means."""

from hypothesis import given
from hypothesis import strategies as st

from volunteer import skills
from volunteer.models import Inclusion, Skill

CODES = list("abcdef")
PAIRS = st.lists(st.tuples(st.sampled_from(CODES), st.sampled_from(CODES)), max_size=15)


@given(PAIRS)
def test_inclusion_is_reflexive_and_transitive_and_nothing_more(pairs: list[tuple[str, str]]) -> None:
    reached = skills.closure(CODES, pairs)
    for code in CODES:
        assert code in reached[code]
        assert all(reached[other] <= reached[code] for other in reached[code])
    assert all(included in reached[holds] for holds, included in pairs)
    for code in CODES:
        for other in reached[code] - {code}:
            assert any(included == other and holds in reached[code] for holds, included in pairs)


async def test_the_catalogue_is_expanded_at_any_depth(db: str) -> None:
    for code in ("master", "nanyin", "dongxiao", "dance"):
        await Skill.create(code=code, name=code, name_en=code, discipline="music")
    for row, (holds, included) in enumerate([("master", "nanyin"), ("nanyin", "dongxiao")], 1):
        await Inclusion.create(id=row, skill_id=holds, included_id=included)
    assert await skills.expanded() == {
        "master": {"master", "nanyin", "dongxiao"},
        "nanyin": {"nanyin", "dongxiao"},
        "dongxiao": {"dongxiao"},
        "dance": {"dance"},
    }
    assert [skill.code for skill in await skills.catalogue()] == ["dance", "dongxiao", "master", "nanyin"]
