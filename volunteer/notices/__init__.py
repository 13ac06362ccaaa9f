"""What is owed to whom, and how it leaves: rows in the transaction of their cause, letters later.

``kinds`` is the one table (pure): which notice says what, how much it matters and where it may go; ``owing`` writes the
rows, one a channel, with the time that the person's quiet hours allow; ``letters`` finds the words at the moment of
sending; ``sending`` hands them over. What is in the person's inbox is the row of the channel ``app``.
"""

from volunteer.notices.abouts import Fact, Resolver, resolvers
from volunteer.notices.kinds import KINDS, Kind
from volunteer.notices.owing import owe
from volunteer.notices.sending import send_due

__all__ = ["KINDS", "Fact", "Kind", "Resolver", "owe", "resolvers", "send_due"]
