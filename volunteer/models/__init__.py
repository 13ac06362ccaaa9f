"""Rows of the network, one file a noun group. Rows hold no behaviour; verbs live one floor up."""

from volunteer.models.availability import Override, Weekly
from volunteer.models.contacts import Contact, Link, Subscription
from volunteer.models.journal import Entry, Epoch, IdempotencyKey, Notice, Tick, Topic
from volunteer.models.people import Block, Consent, Role, Session, SigninCode, Suspension, Volunteer
from volunteer.models.records import Credit, Objection, ServiceRecord
from volunteer.models.regions import Region
from volunteer.models.skills import Inclusion, Qualification, Skill
from volunteer.models.units import Membership, Team, Unit

__all__ = [
    "Block",
    "Consent",
    "Contact",
    "Credit",
    "Entry",
    "Epoch",
    "IdempotencyKey",
    "Inclusion",
    "Link",
    "Membership",
    "Notice",
    "Objection",
    "Override",
    "Qualification",
    "Region",
    "Role",
    "ServiceRecord",
    "Session",
    "SigninCode",
    "Skill",
    "Subscription",
    "Suspension",
    "Team",
    "Tick",
    "Topic",
    "Unit",
    "Volunteer",
    "Weekly",
]
