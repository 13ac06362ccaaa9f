"""A small country to import into, and how reports are looked at."""

from dispatch.imports import Report

REGIONS = """code,name,level,kind,parent,active,lat,lon,point
3505,泉州市,city,city,,1,24.8741,118.6757,approximate
350502,鲤城区,county,county,3505,1,24.902,118.5423,published
350503,丰泽区,county,county,3505,1,24.9238,118.6437,published
350502001,海滨街道,township,subdistrict,350502,1,24.9042,118.5435,synthetic
350503002,泉秀街道,township,subdistrict,350503,1,24.9,118.6,synthetic
350502001001,金山社区居委会,village,village,350502001,1,,,
"""
SKILLS = """code,name,name_en,discipline,kind,includes
music,音乐,Music,music,skill,
nanyin,南音,Nanyin,music,skill,nanyin-xiao music
nanyin-xiao,南音洞箫,Dongxiao flute,music,skill,
photography,摄影,Photography,photography,skill,
zh,普通话,Mandarin,language,language,
minnan,闽南语,Hokkien,language,language,
"""


def places(report: Report) -> list[tuple[int | None, str]]:
    """Where the faults are; both languages say something and the report names the row."""
    for language in ("zh", "en"):
        lines = list(report.lines(language))
        assert len(lines) >= 1 + len(report.faults)
        for fault, line in zip(report.faults, lines[1:], strict=False):
            assert (str(fault.row) if fault.row else "") in line
            assert (fault.zh if language == "zh" else fault.en) in line
    return [(fault.row, fault.field) for fault in report.faults]


def counts(report: Report) -> tuple[int, int, int, int]:
    assert report.ok, list(report.lines("en"))
    return report.rows, report.created, report.updated, report.unchanged
