"""A run on embedded stores: everything lies in one folder, and nothing has to be configured."""

import os
from collections.abc import Collection, Mapping
from pathlib import Path

from livermore.announcement import Announcement
from livermore.clock import Clock
from livermore.composition import Application
from livermore.credentials import credentials_of
from livermore.listeners import Held
from livermore.store.embedded import exclusive, open_folder
from livermore.store.sql import Database

BEGINNING = ("LIVERMORE_STANDBY", "LIVERMORE_AUTOSTART", "LIVERMORE_OVERRIDE")
"""How the pipeline is to begin, as options of the command line say."""
ADMIN_TOKEN = "LIVERMORE_ADMIN_TOKEN"  # noqa: S105 - the name of a variable


class Local:
    """The stores of a folder in use, with the credentials that go with them."""

    name = "local"
    breakable = False
    """Whether its actors may be broken on purpose, to see the tree heal."""

    def __init__(
        self, folder: Path, mode: str, mentioned: Collection[str], clock: Clock, given: Mapping[str, str]
    ) -> None:
        """``mentioned``: the variables of the tree that is to run; ``given``: those that there are."""
        self.mode, self.mentioned = mode, mentioned
        self._stands_by, autostart = (given.get(name, "") for name in BEGINNING[:2])
        self._begins_by_itself = self._stands_by != "true" and autostart != "false"
        self.stores = open_folder(folder)
        database = Database(self.stores.database)
        with exclusive(self.stores.folder / "start.lock"):
            self.credentials = credentials_of(self.stores.folder, database, clock)
        database.close()
        self.held: Held = {}

    def variables(self, given: Mapping[str, str]) -> Mapping[str, str]:
        """What the tree is filled with."""
        return {ADMIN_TOKEN: self.credentials.admin_token, **given}

    def facts(self) -> dict[str, object]:
        """What else is to be told."""
        return {}

    def announcement(self, application: Application) -> Announcement:
        """What is to be told once the run is up."""
        page = f"http://{application.address('http_front')}/"
        admin = self.credentials.admin_token if ADMIN_TOKEN in self.mentioned else None
        facts = {
            "page_url": f"{page}#token={admin}" if admin else page,
            "base_url": f"{page}public/v1",
            "docs_url": f"{page}public/v1/docs",
            "health_url": f"{page}health",
            "metrics_url": f"http://{application.health.address}/metrics",
            "api_key": self.credentials.api_key,
            "admin_token": admin,
            "folder": str(self.stores.folder),
            "pid": os.getpid(),
            **self.facts(),
        }
        kind = f"{self.mode}-standby" if self._stands_by == "true" else self.mode
        file = self.stores.folder / f"{self.name}-{kind}.json"
        wanted = {"ok"} if self._begins_by_itself else {"ok", "degraded"}
        return Announcement(f"Livermore, {kind} ({self.name})", file, facts, f"{page}health", wanted)

    def close(self) -> None:
        """Stop using the stores."""
        self.stores.close()
