"""How a person wants to be told, and the links that letters to them carry."""

from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from volunteer.models.people import Volunteer


class Contact(Model):
    """What a person chose; whoever chose nothing has no row. ``channels``: group -> channels beside the inbox; a group
    that is left out follows the house. Minutes of the local day: ``quiet_from``/``quiet_until``, and ``digest``, when
    what is calm comes in one letter (none: at once). ``far``/``near``: minutes before the call time of the two
    reminders, 0 = none. ``refused``: the digest of the address that a server refused for good; ``calendar``:
    of the secret in the address of their calendar."""

    id = fields.UUIDField(primary_key=True)
    volunteer: fields.OneToOneRelation[Volunteer] = fields.OneToOneField(
        "volunteer.Volunteer", on_delete=fields.CASCADE, related_name="contact"
    )
    volunteer_id: UUID
    channels: dict[str, list[str]] = fields.JSONField(default=dict)
    quiet_from = fields.SmallIntField(db_default=1320)
    quiet_until = fields.SmallIntField(db_default=480)
    far = fields.IntField(db_default=1440)
    near = fields.IntField(db_default=120)
    digest = fields.SmallIntField(null=True)
    calendar = fields.CharField(max_length=64, null=True, unique=True)
    refused = fields.CharField(max_length=64, db_default="")

    class Meta:
        table = "contact"
        constraints = (
            CheckConstraint(
                check="quiet_from BETWEEN 0 AND 1439 AND quiet_until BETWEEN 0 AND 1439 "
                "AND (digest IS NULL OR digest BETWEEN 0 AND 1439)",
                name="contact_hours",
            ),
            CheckConstraint(check="far BETWEEN 0 AND 20160 AND near BETWEEN 0 AND 1440", name="contact_leads"),
        )


class Link(Model):
    """A link in a letter that shows offers and takes answers to them, and nothing else, for whoever holds it. Only the
    digest of its secret is stored. ``ref``: an assignment, or the draft whose offers they are."""

    id = fields.UUIDField(primary_key=True)
    volunteer: fields.ForeignKeyRelation[Volunteer] = fields.ForeignKeyField(
        "volunteer.Volunteer", db_index=True, on_delete=fields.CASCADE, related_name="links"
    )
    volunteer_id: UUID
    ref = fields.UUIDField()
    digest = fields.CharField(max_length=64, unique=True)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "link"


class Subscription(Model):
    """A browser that its person allowed to be pushed to; ``p256dh`` and ``auth`` are what its messages are sealed
    with."""

    id = fields.UUIDField(primary_key=True)
    volunteer: fields.ForeignKeyRelation[Volunteer] = fields.ForeignKeyField(
        "volunteer.Volunteer", db_index=True, on_delete=fields.CASCADE, related_name="subscriptions"
    )
    volunteer_id: UUID
    endpoint = fields.CharField(max_length=600, unique=True)
    p256dh = fields.CharField(max_length=100)
    auth = fields.CharField(max_length=40)
    created_at = fields.DatetimeField()

    class Meta:
        table = "subscription"
