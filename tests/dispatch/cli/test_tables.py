"""``citong import``: a file in, a report out."""

from pathlib import Path

from tests.dispatch.cli.program import ROOT, citong

SKILLS = str(Path(ROOT, "config", "quanzhou", "skills.csv"))


def test_dry_run_then_import_then_nothing_new(database_url: str) -> None:
    dry = citong("import", "skills", SKILLS, "--dry-run", "--json", url=database_url)
    assert dry.code == 0, dry.err
    assert dry.data["created"] > 90
    real = citong("import", "skills", SKILLS, "--language", "en", url=database_url)
    assert f"{dry.data['created']} created" in real.out
    assert "新增 0" in citong("import", "skills", SKILLS, "--language", "zh", url=database_url).out


def test_faults_name_row_and_field_and_end_with_one(database_url: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("code,name,name_en,discipline\nA B,南音,Nanyin,music\n", "utf-8")
    done = citong("import", "skills", str(bad), "--language", "en", url=database_url)
    assert done.code == 1
    assert "row 2" in done.out
    assert "nothing was written" in done.out


def test_needs_come_as_drafts_or_published(database_url: str, tmp_path: Path) -> None:
    regions = str(Path(ROOT, "config", "quanzhou", "regions.csv"))
    assert citong("import", "regions", regions, url=database_url).code == 0
    table = tmp_path / "needs.csv"
    head = "活动名称,服务模式,区划代码,地点,日期,开始,结束,岗位,风险提示\n"
    row = "文化赶集,参与配合,350582101,安海镇百姓大舞台,2031-03-10,09:00,11:00,秩序员,注意拥挤\n"
    table.write_text(head + row, "utf-8")
    done = citong("import", "needs", str(table), "--publish", "--json", url=database_url)
    assert (done.code, done.data["created"]) == (0, 1), done.out
