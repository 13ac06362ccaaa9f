"""The roster: who sits where, how a seat is offered, taken, given back and counted, and how people see it."""
