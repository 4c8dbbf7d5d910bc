"""Backups of the embedded size: everything that Casella keeps on this machine in one file, and back again.

`write` takes it while Casella runs and holds up nobody; `restore` brings it into an empty data folder, and takes care
that nothing leaves twice because of it. PostgreSQL and attachments in a bucket are backed up by tools of their own.
"""

from casella.backup.archive import BadBackup, Contents
from casella.backup.restoring import Restored, restore
from casella.backup.writing import Written, write

__all__ = ["BadBackup", "Contents", "Restored", "Written", "restore", "write"]
