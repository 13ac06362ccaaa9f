"""Known ways: from a table, both ways alike, a venue's own before its region's."""

from pathlib import Path

import pytest

from dispatch import roads, settings
from dispatch.planner.problem import Roads
from volunteer.errors import Invalid

TABLE = "from,to,km\n350502001,350503002,7.5\nhall,350503002,6\n350502001,350502009,3\n"


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "roads.csv"
    file.write_text(TABLE, "utf-8")
    policy = settings.Policy(roads=str(file))
    monkeypatch.setattr(roads, "policy", lambda: policy)
    return file


def test_a_venue_takes_its_own_ways_then_its_regions(table: Path):
    venues = [("hall", "350502001"), ("square", "350503002"), ("yard", "350502001"), ("moon", "1")]
    assert roads.between(venues) == Roads(
        ("hall", "square", "yard"), ((0.0, 6.0, -1.0), (6.0, 0.0, 7.5), (-1.0, 7.5, 0.0))
    )


def test_a_changed_table_is_read_again(table: Path):
    assert roads.between([("moon", "1")]) is None
    table.write_text(TABLE + "moon,hall,384400\n", "utf-8")
    with pytest.raises(Invalid) as error:
        roads.between([("moon", "1")])
    assert [fault.field for fault in error.value.faults] == ["roads.csv:5"]


def test_without_a_table_no_way_is_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    for path, known in (("", True), (str(tmp_path / "none.csv"), False)):
        policy = settings.Policy(roads=path)
        monkeypatch.setattr(roads, "policy", lambda policy=policy: policy)
        if known:
            assert roads.between([("hall", "350502001")]) is None
        else:
            with pytest.raises(Invalid):
                roads.between([("hall", "350502001")])


WRONG = {
    "no column": "from,km\na,1\n",
    "no place": "from,to,km\na,,1\n",
    "no number": "from,to,km\na,b,far\n",
    "below zero": "from,to,km\na,b,-1\n",
    "another way back": "from,to,km\na,b,1\nb,a,2\n",
}


@pytest.mark.parametrize("case", WRONG)
def test_a_faulty_table_is_refused(tmp_path: Path, case: str):
    file = tmp_path / "w.csv"
    file.write_text(WRONG[case], "utf-8")
    with pytest.raises(Invalid) as error:
        roads.read(file)
    assert len(error.value.faults) == 1
