"""The notices of service records: what is told to whoever served, objected, or must sign."""

from volunteer.notices.kinds import Kind, register
from volunteer.words import Pair

register(
    {
        "record.noticed": Kind(
            Pair("您的 {hours} 小时服务正在公示", "{hours} hours of yours are under public notice"),
            Pair(
                "负责人与记录员已确认您的服务时长 {hours} 小时，公示至 {until}。如有出入，请在“我的时长”中提出。",
                "The leader and a recorder have confirmed {hours} hours; they lie under public notice until {until}. "
                "If they are not right, please say so under “My hours”.",
            ),
            group="change",
            weight="calm",
            noun="record",
            alive=("under_notice",),
        ),
        "record.locked": Kind(
            Pair("{hours} 小时服务已记录", "{hours} hours are recorded"),
            Pair(
                "公示期满，您的服务时长 {hours} 小时已正式记录。感谢您的付出。",
                "The notice is over and {hours} hours of yours are recorded. Thank you.",
            ),
            group="change",
            weight="calm",
            noun="record",
        ),
        "record.disputed": Kind(
            Pair("您的一条服务记录需要更正", "A record of yours must be corrected"),
            Pair(
                "您的一条服务记录有出入，组织方将核实并更正，更正后会再次公示。",
                "Something in a record of your service is not right. The organisers look into it and correct it; it is "
                "then put under public notice again.",
            ),
            group="change",
            noun="record",
        ),
        "record.objected": Kind(
            Pair("有人对公示的时长提出异议", "Somebody objects to hours under notice"),
            Pair(
                "您签字的一条服务记录在公示期收到异议，请核实并答复；答复之前它不会生效。",
                "A record that you signed has met an objection. Please look into it and answer; "
                "it is not locked before.",
            ),
            group="alarm",
            noun="objected",
            alive=("open",),
        ),
        "objection.upheld": Kind(
            Pair("您的异议成立", "Your objection is upheld"),
            Pair(
                "您提出的异议成立，该记录将更正。答复：{answer}", "The record will be corrected. The answer: {answer}"
            ),
            group="change",
            noun="objection",
        ),
        "objection.dismissed": Kind(
            Pair("您的异议未成立", "Your objection is not upheld"),
            Pair("您提出的异议经核实未成立。答复：{answer}", "It was looked into and not upheld. The answer: {answer}"),
            group="change",
            noun="objection",
        ),
        "records.waiting": Kind(
            Pair("{records} 条服务记录等待签字", "{records} service records wait to be signed"),
            Pair(
                "活动已结束，还有 {records} 条服务记录等待确认或复核，请在 {until} 前处理，以便按时公示。",
                "The event is over and {records} service records wait for a signature. Please see to them before "
                "{until}, so that the public notice ends in time.",
            ),
            group="alarm",
            weight="calm",
            noun="matter",
            alive=("open",),
        ),
        "records.late": Kind(
            Pair("{records} 条服务记录将要超期", "{records} service records will be late"),
            Pair(
                "一场活动还有 {records} 条服务记录没有公示，须在 {until} 前记录，请尽快办理或督促。",
                "{records} service records of an event are not under public notice yet; they are due before {until}. "
                "Please see to them, or to whoever should.",
            ),
            group="alarm",
            noun="matter",
            alive=("open",),
        ),
        "records.overdue": Kind(
            Pair("{records} 条服务记录已超期", "{records} service records are overdue"),
            Pair(
                "活动结束已超过十个工作日，还有 {records} 条服务记录没有公示，请立即办理。",
                "The event ended more than ten working days ago and {records} service records are not under public "
                "notice. Please see to them at once.",
            ),
            group="alarm",
            weight="urgent",
            noun="matter",
            alive=("open",),
        ),
    }
)
