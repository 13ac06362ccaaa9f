"""The program without what the code itself does for P-5: nobody's row is held, and what a yes makes impossible stays
open. Only the constraint of the database is left. Started as ``python -m tests.faults.unguarded serve …``."""

from dispatch.__main__ import main
from dispatch.roster import seats


async def _nothing(*_: object) -> None:
    return None


if __name__ == "__main__":
    seats._LOCK = seats._LOCK.replace(" FOR UPDATE", "")  # type: ignore[misc]
    seats.withdraw_impossible = _nothing  # type: ignore[assignment]
    main()
