"""The tree behind every scope: city, county, township, village."""

from tortoise import fields
from tortoise.models import Model


class Region(Model):
    """``code`` is the division code: 4 digits city, 6 county, 9 township, 12 village, so that a region holds exactly
    the codes that start with its own. ``point`` says whether ``lat``/``lon`` (WGS-84) are published or synthetic."""

    code = fields.CharField(max_length=12, primary_key=True)
    name = fields.CharField(max_length=80)
    pinyin = fields.CharField(max_length=240, db_default="")
    level = fields.CharField(max_length=10)
    kind = fields.CharField(max_length=20)
    parent: fields.ForeignKeyNullableRelation["Region"] = fields.ForeignKeyField(
        "volunteer.Region", null=True, db_index=True, on_delete=fields.RESTRICT, related_name="children"
    )
    parent_id: str | None
    active = fields.BooleanField(db_default=True)
    lat = fields.FloatField(null=True)
    lon = fields.FloatField(null=True)
    point = fields.CharField(max_length=12, db_default="")

    class Meta:
        table = "region"
