"""The policy's file and the code's defaults are one."""

import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from dispatch.planner.problem import Weights
from dispatch.settings import Asking, Policy, Repairing, Speeds, read
from volunteer.errors import Invalid

POLICY = Path(__file__).parents[2] / "config" / "policy.toml"


def test_the_file_is_the_codes_defaults() -> None:
    written = tomllib.loads(POLICY.read_text("utf-8"))
    assert set(written) == set(Policy.model_fields)
    assert set(written["weights"]) == {field.name for field in fields(Weights)}
    assert set(written["speeds"]) == set(Speeds.model_fields)
    assert set(written["asking"]) == set(Asking.model_fields)
    assert set(written["repair"]) == set(Repairing.model_fields)
    assert read(POLICY) == Policy()


WRONG = [
    ("offer_hours = 0", "offer_hours"),
    ("ofer_hours = 2", "ofer_hours"),
    ("[weights]\nkeep = -1", "weights.keep"),
    ("[asking]\ntarget = 1.0", "asking.target"),
    ("[asking]\nautomation = 'yes'", "asking.automation"),
    ("[repair]\nscope = 'village'", "repair.scope"),
    ("[speeds]\nbus = 0", "speeds.bus"),
    ("=", "p.toml"),
]


@pytest.mark.parametrize(("text", "field"), WRONG)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, field: str) -> None:
    file = tmp_path / "p.toml"
    file.write_text(text)
    with pytest.raises(Invalid) as error:
        read(file)
    assert [fault.field for fault in error.value.faults] == [field]
