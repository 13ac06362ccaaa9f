import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from volunteer.pinyin import LIMIT, spelt


def test_a_surname_is_read_as_one_and_other_readings_follow():
    assert spelt("单田芳", person=True).split()[:2] == ["shantianfang", "stf"]
    assert "dantianfang" in spelt("单田芳", person=True).split()
    assert spelt("万俟卨", person=True).startswith("moqi")
    assert spelt("解晓东", person=True).startswith("xiexiaodong xxd")


def test_places_are_read_in_context():
    assert spelt("重庆").startswith("chongqing cq")
    assert spelt("海滨街道") == "haibinjiedao hbjd"


def test_other_scripts_stand_as_they_are():
    assert spelt("Anna Müller", person=True) == "annamuller am"
    assert spelt("阿B12", person=True).split()[0] == "ab12"
    assert spelt("·—") == spelt("") == ""


@given(st.text(max_size=120), st.booleans())
def test_any_name_gives_plain_words_within_the_limit(name, person):
    line = spelt(name, person=person)
    assert len(line) <= LIMIT
    assert line == " ".join(line.split())
    assert line == line.lower()
    assert len(set(line.split())) == len(line.split())


def test_whoever_spells_nothing_reads_no_dictionary() -> None:
    asked = "import sys, volunteer.people; print('pypinyin' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
