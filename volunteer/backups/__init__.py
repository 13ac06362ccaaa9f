"""A whole database as one file, and back: ``dumping`` writes it, ``restoring`` reads it, ``files`` is what it is like.

PostgreSQL's own programs do the work. A restore is one transaction: whatever ends it, the database is as it was before
or all that the file says, with a new epoch, nobody signed in, and mail held.
"""

from volunteer.backups.dumping import dump
from volunteer.backups.files import BackupError, Manifest, opened
from volunteer.backups.restoring import restore

__all__ = ["BackupError", "Manifest", "dump", "opened", "restore"]
