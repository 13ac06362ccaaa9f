from dispatch import imports
from tests.dispatch.imports.country import SKILLS, counts, places
from volunteer.models import Inclusion, Skill


async def test_inclusions_follow_the_file(country, act, put):
    async def inner() -> set[str]:
        return set(await Inclusion.filter(skill_id="nanyin").values_list("included_id", flat=True))

    assert await inner() == {"nanyin-xiao", "music"}
    assert counts(await imports.skills(act, put(SKILLS.replace("nanyin-xiao music", "music")))) == (6, 0, 1, 5)
    assert await inner() == {"music"}
    without = "code,name,name_en,discipline\nnanyin,南音,Nanguan,music\n"
    assert counts(await imports.skills(act, put(without))) == (1, 0, 1, 0)
    assert await inner() == {"music"}
    assert (await Skill.get(code="nanyin")).name_en == "Nanguan"


async def test_faults(country, act, put):
    text = """code,name,name_en,discipline,includes
Nan Yin,南,N,music,
chant,音乐,C,music,
drum,鼓,D,music,gong
a,甲,A,music,b
b,乙,B,music,a
b,丙,B,music,
"""
    report = await imports.skills(act, put(text))
    assert places(report) == [(2, "code"), (3, "name"), (4, "includes"), (7, "code")]
    assert await Skill.all().count() == 6


async def test_a_circle_is_a_fault(country, act, put):
    text = "code,name,name_en,discipline,includes\na,甲,A,music,b\nb,乙,B,music,nanyin\nmusic,音乐,M,music,a\n"
    assert places(await imports.skills(act, put(text))) == [(2, "includes"), (3, "includes"), (4, "includes")]


async def test_two_skills_may_change_names(country, act, put):
    text = "code,name,name_en,discipline\nphotography,音乐,M,music\nmusic,摄影,P,photography\n"
    assert counts(await imports.skills(act, put(text))) == (2, 0, 2, 0)
    names = {skill.code: skill.name for skill in await Skill.all()}
    assert (names["music"], names["photography"]) == ("摄影", "音乐")
