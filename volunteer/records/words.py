"""What service records say to people who are refused something."""

from volunteer import words
from volunteer.words import Saying

words.register(
    {
        "recorded": Saying(
            "这次服务已有记录",
            "this service is recorded already",
            "如有出入，请提出更正",
            "ask for a correction",
        ),
        "served_elsewhere": Saying(
            "此人同一时间已有另一条服务记录",
            "another service of theirs is recorded at the same time",
            "请核对到场与离开时间，或先更正另一条",
            "check when they came and left, or have the other one corrected first",
        ),
        "record_step": Saying(
            "这条记录现在不能这样处理",
            "the record is past this step",
            "请刷新后查看它的状态",
            "reload and look how it stands",
        ),
        "record_superseded": Saying(
            "这条记录已有更正",
            "the record is corrected already",
            "请处理更正后的那一条",
            "go on with the newer one",
        ),
        "hours_unit": Saying(
            "时长须为 {unit} 分钟的整数倍",
            "hours come in units of {unit} minutes",
            "请改成半小时的整数倍",
            "round them",
        ),
        "hours_above": Saying(
            "超过可计时长 {hours} 小时",
            "it is above the {hours} hours that can count",
            "请改少，或先由他人批准超时",
            "give fewer, or have overtime approved by somebody else first",
        ),
        "hours_lowered": Saying(
            "少于签到签退计得的 {hours} 小时，须写明原因",
            "it is below the {hours} hours that were counted, which needs a reason",
            "请填写原因",
            "give the reason",
        ),
        "hours_short": Saying(
            "实际到场不足计划时间的 {percent}%，须写明情况",
            "less than {percent} per cent of the plan was served, which must be explained",
            "请填写说明",
            "say why it should count",
        ),
        "hours_made_up": Saying(
            "补录的时长不能超过计划时间",
            "made-up hours never go beyond the plan",
            "请按计划时间补录",
            "stay within it",
        ),
        "hand_nobody": Saying(
            "须由本人签字",
            "a person must sign this",
            "请登录后操作",
            "sign in",
        ),
        "hand_served": Saying(
            "不能处理自己的服务记录",
            "nobody signs for themselves",
            "请由他人处理",
            "ask somebody else",
        ),
        "hand_organised": Saying(
            "活动负责人不能兼任记录员",
            "the organiser cannot be the recorder",
            "请由其他记录员复核",
            "ask another recorder",
        ),
        "hand_led": Saying(
            "现场领队不能兼任记录员",
            "who led on the spot cannot be the recorder",
            "请由其他记录员复核",
            "ask another recorder",
        ),
        "hand_asked": Saying(
            "补录申请人不能审核自己的申请",
            "who asked for made-up hours does not review them",
            "请由其他人审核",
            "ask somebody else",
        ),
        "hand_extended": Saying(
            "批准超时的人不能再签字",
            "who approved the overtime does not sign as well",
            "请由其他人签字",
            "ask somebody else",
        ),
        "hand_confirmed": Saying(
            "确认时长的人不能再次签字",
            "nobody signs twice",
            "请由其他人签字",
            "ask somebody else",
        ),
        "hand_signed": Saying(
            "复核的人不能再次签字",
            "nobody signs twice",
            "请由其他人签字",
            "ask somebody else",
        ),
        "hand_objected": Saying(
            "提出异议的人不能自己裁定",
            "nobody settles their own objection",
            "请由其他人处理",
            "ask somebody else",
        ),
        "notice_over": Saying(
            "公示期已过",
            "the notice is over",
            "请联系组织方申请更正",
            "ask the organisers for a correction",
        ),
        "too_many_objections": Saying(
            "您还有 {most} 条异议等待答复",
            "{most} objections of yours wait for an answer",
            "请先等待答复",
            "wait for those",
        ),
        "objection_settled": Saying(
            "这条异议已有结论",
            "the objection is settled",
            "请刷新后查看",
            "reload and look",
        ),
        "makeup_late": Saying(
            "已超过补录期限（活动结束后 {days} 个工作日）",
            "hours can be made up within {days} working days after the end",
            "请联系区域调度员",
            "ask the coordinator of the region",
        ),
        "makeup_early": Saying(
            "服务尚未结束",
            "the service is not over",
            "请在结束后补录",
            "come back after its end",
        ),
    }
)
