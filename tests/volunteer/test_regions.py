"""The tree of regions."""

import pytest

from volunteer import regions
from volunteer.errors import Missing


@pytest.mark.parametrize(
    ("code", "region", "holds"),
    [
        ("350502001", "350502", True),
        ("350502", "350502", True),
        ("350502", "350502001", False),
        ("350503", "350502", False),
    ],
)
def test_a_region_holds_what_starts_with_its_code(code: str, region: str, holds: bool) -> None:
    assert regions.within(code, region) is holds


async def test_names_and_missing_regions(town: None) -> None:
    assert await regions.names(["350502", "350503", "1"]) == {"350502": "鲤城区", "350503": "丰泽区"}
    assert (await regions.find("3505")).name == "泉州市"
    with pytest.raises(Missing):
        await regions.find("999999")
