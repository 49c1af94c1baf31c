"""What a job may use: settings, the worker's own login, and storage."""

from dataclasses import dataclass

from obstore.store import ObjectStore

from portal.database.engine import Database
from portal.settings import Settings


@dataclass(frozen=True)
class Workplace:
    """One worker process."""

    settings: Settings
    database: Database
    storage: ObjectStore
