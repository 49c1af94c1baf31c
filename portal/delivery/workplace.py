"""What a job may use: settings, the worker's own login, and storage."""

from dataclasses import dataclass, field

from obstore.store import ObjectStore

from portal.database.engine import Database
from portal.delivery.apart import Running
from portal.settings import Settings


@dataclass(frozen=True)
class Workplace:
    """One worker process."""

    settings: Settings
    database: Database
    storage: ObjectStore
    running: Running = field(default_factory=set, compare=False)  # jobs whose work runs apart
