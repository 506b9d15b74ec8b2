"""The top of ``supervisors.yaml``: what holds for the whole process, whatever the mode."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from livermore.settings import Duration, Options
from livermore.supervision.spec import Port

Positive = Annotated[Duration, Field(gt=0)]


class DeadLetterKeys(Options):
    """How many of the newest are kept, and how often one of a kind is logged."""

    keep: int = Field(1000, ge=0, le=100_000)
    log_every: Duration = 10.0


class CrashReportKeys(Options):
    """How many are kept, in which folder they are written too, and which fields of messages are not for people."""

    keep: int = Field(50, ge=0, le=10_000)
    dir: str | None = None
    redact: tuple[str, ...] = ("api_key", "api_secret", "token", "password", "authorization")


class ReloadKeys(Options):
    """What makes the process read this file again, and whether a change that does not come up is taken back."""

    watch: bool = True
    debounce: Duration = 0.5
    on_sighup: bool = True
    rollback: bool = True


class WatchdogKeys(Options):
    """How often it looks, and how long the supervisor's thread, or the whole process, may stand still."""

    interval: Positive = 1.0
    supervisor_stall: Positive = 5.0
    process_stall: Positive = 30.0
    systemd: Literal["auto", "off"] = "auto"


class HealthKeys(Options):
    """Where the health listener listens."""

    codes: ClassVar[Mapping[str, str]] = {"listen": "E_LISTEN"}

    listen: Port = "127.0.0.1:9108"


class SettingKeys(Options):
    """Settings of the process."""

    shutdown_deadline: Positive = 8.0
    drain_deadline: Duration = 2.0
    hang_poll: Positive = 0.25
    zombie_threads_max: int = Field(8, ge=0, le=1000)
    allow_modules: tuple[str, ...] = ("livermore",)
    dead_letters: DeadLetterKeys = DeadLetterKeys()
    crash_reports: CrashReportKeys = CrashReportKeys()
    reload: ReloadKeys = ReloadKeys()
    watchdog: WatchdogKeys = WatchdogKeys()
    health: HealthKeys = HealthKeys()


class FileKeys(Options):
    """The keys of the file."""

    codes: ClassVar[Mapping[str, str]] = {"version": "E_VERSION"}

    version: Literal[1]
    settings: dict[str, Any] = {}
    defaults: dict[Literal["actor", "supervisor"], dict[str, Any]] = {}
    modes: dict[str, Any]
