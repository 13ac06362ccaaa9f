"""What is said of offers to whole teams: reasons and notices, in Chinese and English."""

from collections.abc import Mapping

from volunteer.notices.kinds import Kind
from volunteer.words import Pair, Saying

SAYINGS: Mapping[str, Saying] = {
    "leader_answers": Saying(
        "由队长代表全队答复",
        "the team's leader answers for all",
        "如果您不能来，请选择“谢绝”",
        "if you cannot come, decline your own part",
    ),
    "nobody_leads": Saying("队伍还没有队长", "nobody leads the team", "请先指定队长", "name a leader first"),
    "cast_short": Saying(
        "能去的只有 {people} 人，少于成队人数 {least}",
        "only {people} could go, fewer than the {least} that the team goes with",
        "请改邀其他队伍，或逐个邀请",
        "ask another team, or people one by one",
    ),
    "member_unfit": Saying(
        "有 {people} 名队员按规则不能上这个班次",
        "a rule keeps {people} of the members from the shift",
        "请让他们先说明不能来",
        "let them say first that they cannot come",
    ),
}

KINDS: Mapping[str, Kind] = {
    "team.offered": Kind(
        Pair("您的队伍收到一份邀请：{when}", "Your team has an offer: {when}"),
        Pair(
            "您的队伍受邀参加下面的班次。请在 {until} 前代表全队答复；不能来的队员会先告诉您。",
            "Your team is asked to serve. Please answer for all of it before {until}; members who cannot come tell you "
            "first.",
        ),
        group="offer",
        noun="team_offer",
        alive=("offered",),
    ),
    "team.asked": Kind(
        Pair("您的队伍受邀，您在名单上：{when}", "Your team is asked, and you are on its list: {when}"),
        Pair(
            "由队长在 {until} 前代表全队答复。如果您不能来，请现在就在“邀请”中说明，不会有任何影响。",
            "Your leader answers for the team before {until}. If you cannot come, please say so now under “Offers”; it "
            "costs you nothing.",
        ),
        group="offer",
        noun="assignment",
        alive=("offered",),
    ),
    "team.missing": Kind(
        Pair("有队员不能来：{when}", "A member of your team cannot come: {when}"),
        Pair(
            "一位队员说明不能参加下面的班次，请在答复前看看名单。",
            "A member has said that they cannot come to this shift. Please look at the list before you answer.",
        ),
        group="change",
        noun="assignment",
    ),
    "team.accepted": Kind(
        Pair("队长已代表全队接单：{when}", "Your leader has accepted for the team: {when}"),
        Pair(
            "您的队伍接下了下面的班次，您在名单上。如果不能来，请尽早在“日程”中说明。",
            "Your team serves at this shift, and you are on its list. If you cannot come, please say so early under "
            "“My week”.",
        ),
        group="change",
        noun="assignment",
        alive=("accepted",),
    ),
    "team.declined": Kind(
        Pair("队长已代表全队谢绝", "Your leader has declined for the team"),
        Pair("您的队伍没有接下面的班次，您不用到场。", "Your team does not serve at this shift. You need not come."),
        group="change",
        weight="calm",
        noun="assignment",
        instead_of="team.asked",
    ),
}
