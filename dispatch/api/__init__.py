"""The HTTP face of the work: thin doors, one file a noun. ``MODULES`` are the doors that the application opens."""

from types import ModuleType

from dispatch.api import (
    assignments,
    assumptions,
    attendance,
    board,
    calendars,
    casts,
    changes,
    comparisons,
    drafts,
    events,
    links,
    needs,
    openings,
    postings,
    presence,
    repairs,
    standing,
    swaps,
    watches,
    waves,
)

MODULES: tuple[ModuleType, ...] = (
    assignments,
    assumptions,
    attendance,
    board,
    calendars,
    casts,
    changes,
    comparisons,
    drafts,
    events,
    links,
    needs,
    openings,
    postings,
    presence,
    repairs,
    standing,
    swaps,
    watches,
    waves,
)
