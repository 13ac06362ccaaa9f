"""What rows refer to by code or by name: regions and the catalogue of skills, read once and looked up in memory."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from dispatch.imports.columns import Misfit
from volunteer import access
from volunteer.act import Actor
from volunteer.models import Region, Skill, Team

LIMITATIONS = {
    "楼梯": "stairs", "夜间": "night", "负重": "heavy", "噪声": "loud",
    "stairs": "stairs", "night": "night", "heavy": "heavy", "loud": "loud",
}  # fmt: skip
MODES = {
    "建点辅导": "tutoring", "办班培训": "training", "搭台演出": "performance", "参与配合": "support",
    "tutoring": "tutoring", "training": "training", "performance": "performance", "support": "support",
}  # fmt: skip
_ENDINGS = ("街道办事处", "街道", "开发区", "镇", "乡", "区", "县", "市")


@dataclass(frozen=True, slots=True)
class Spot:
    """A region. ``lat``/``lon``: its own point or that of the nearest region above it."""

    code: str
    name: str
    lat: float | None
    lon: float | None


@dataclass(frozen=True, slots=True)
class Atlas:
    """All regions by code, and by the names of county and township. ``mine``: codes within the actor's reach start with
    one of these; none = everywhere."""

    spots: Mapping[str, Spot]
    counties: Mapping[str, str]
    townships: Mapping[tuple[str, str], str]
    mine: frozenset[str] | None

    def of(self, code: str, county: str, township: str) -> Spot:
        """By code, else by names. Raises :class:`Misfit`."""
        if code:
            return self.find(code)
        if county:
            return self.named(county, township)
        raise Misfit(
            "region", "请填区划代码，或县区与乡镇街道的名称", "give a region code, or the names of county and township"
        )

    def find(self, code: str, column: str = "region") -> Spot:
        """Raises :class:`Misfit` for an unknown code and for one beyond the actor's reach."""
        spot = self.spots.get(code)
        if spot is None:
            raise Misfit(
                column,
                f"没有区划代码 {code}；请查 config/quanzhou/regions.csv",
                f"no region has the code {code}; see config/quanzhou/regions.csv",
            )
        if self.mine is not None and not any(code.startswith(scope) for scope in self.mine):
            raise Misfit(column, f"区划 {code} 不在你的管辖范围", f"the region {code} is beyond your reach")
        return spot

    def named(self, county: str, township: str) -> Spot:
        """By the names of county and township, with or without 区, 县, 镇, 街道 …"""
        code = self.counties.get(county) or self.counties.get(_bare(county))
        if code is None:
            raise Misfit("county", f"没有县（市、区）“{county}”", f"no county is called {county!r}")
        if not township:
            return self.find(code, "county")
        inner = self.townships.get((code, township)) or self.townships.get((code, _bare(township)))
        if inner is None:
            raise Misfit("township", f"“{county}”没有乡镇（街道）“{township}”", f"no township {township!r} in {county}")
        return self.find(inner, "township")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Skills and languages by code, Chinese and English name, case aside. ``names``: code → Chinese and English.
    ``teams`` by name; none = several have it."""

    skills: Mapping[str, str]
    languages: Mapping[str, str]
    names: Mapping[str, tuple[str, str]]
    teams: Mapping[str, UUID | None] = field(default_factory=dict)

    def skill(self, word: str, column: str = "skills") -> str:
        code = self.skills.get(word.lower())
        if code is None:
            raise Misfit(
                column,
                f"目录里没有技能“{word}”；请先导入到技能目录，或改用目录里的名称",
                f"the catalogue has no skill {word!r}; add it there or use a name of the catalogue",
            )
        return code

    def language(self, word: str, column: str = "languages") -> str:
        code = self.languages.get(word.lower())
        if code is None:
            raise Misfit(column, f"目录里没有语言“{word}”", f"the catalogue has no language {word!r}")
        return code

    def team(self, word: str, column: str = "team") -> UUID:
        if word not in self.teams:
            raise Misfit(
                column, f"没有队伍“{word}”；请填写已有队伍的名称", f"no team is called {word!r}; name one that exists"
            )
        found = self.teams[word]
        if found is None:
            zh, en = f"有几支队伍都叫“{word}”；请先改名", f"several teams are called {word!r}; rename all but one"
            raise Misfit(column, zh, en)
        return found


async def atlas(actor: Actor) -> Atlas:
    """Every region, as far as ``actor`` may import into it."""
    rows = await Region.all().order_by("code")
    spots: dict[str, Spot] = {}
    for row in rows:
        above = spots.get(row.parent_id or "")
        at = (row.lat, row.lon) if row.lat is not None or above is None else (above.lat, above.lon)
        spots[row.code] = Spot(row.code, row.name, *at)
    scope = access.scopes(actor, "import.write")
    return Atlas(
        spots,
        _by_name((row.name, row.code) for row in rows if row.level == "county"),
        {
            (county, name): code
            for county in {row.code for row in rows if row.level == "county"}
            for name, code in _by_name((r.name, r.code) for r in rows if r.parent_id == county).items()
        },
        None if scope is None else scope[0],
    )


def _by_name(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Names and their bare forms → code; a bare form that two share is nobody's."""
    whole = dict(pairs)
    bare: dict[str, set[str]] = {}
    for name, code in whole.items():
        bare.setdefault(_bare(name), set()).add(code)
    return {name: next(iter(codes)) for name, codes in bare.items() if len(codes) == 1} | whole


def _bare(name: str) -> str:
    for ending in _ENDINGS:
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name.removesuffix(ending)
    return name


async def catalogue() -> Catalogue:
    rows = await Skill.all()
    skills, languages = (
        {
            word.lower(): row.code
            for row in rows
            if (row.kind == "language") is spoken
            for word in (row.name_en, row.name, row.code)
        }
        for spoken in (False, True)
    )
    teams: dict[str, UUID | None] = {}
    for id_, name in await Team.all().order_by("id").values_list("id", "name"):
        teams[name] = None if name in teams else id_
    return Catalogue(skills, languages, {row.code: (row.name, row.name_en) for row in rows}, teams)
