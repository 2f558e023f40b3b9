"""What holds for one folder: sojourn.toml, and SOJOURN_... in the environment, which wins and alone holds secrets."""

import json
import tomllib
from collections.abc import Iterator
from os import environ
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    create_model,
)
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from channels import registry
from channels.allow import is_pattern
from engine.words import Channel
from sojourn.errors import Mistake
from sojourn.reports.wrong import expected, perhaps
from sojourn.terminal import note

FILE: Final = "sojourn.toml"
STATE: Final = ".sojourn"
SHORTEST_SECRET: Final = 16
_PATTERNS: Final = "expected addresses, *@acme.example, numbers such as +4915112345678, or +4915*, without blanks"
_OTHERS: Final = ("FOLDER", "TEMPORAL_CLI", "FAIL", "TEST_", "STORM_", "STAND_IN_")
"""What the environment may say that is no setting of a folder; those with `_` at their end are beginnings."""
SECRETS: Final = registry.SECRETS | {"secret", "write_key"}


def _words(given: object) -> object:
    """A list as it is, or out of the text of an environment variable: JSON, or words with commas or blanks between."""
    if not isinstance(given, str):
        return given
    if not given.lstrip().startswith("["):
        return given.replace(",", " ").split()
    try:
        return json.loads(given)
    except ValueError:
        raise ValueError(f"found no JSON; {_PATTERNS}") from None


def _patterns(allow: tuple[str, ...]) -> tuple[str, ...]:
    """`allow`, in which every entry can name somebody."""
    if wrong := [one for one in allow if not is_pattern(one)]:
        raise ValueError(f"{', '.join(map(repr, wrong))} names nobody; {_PATTERNS}")
    return allow


def _public(url: str) -> str:
    """The URL without a slash at its end."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment or parts.username or not url.isascii() or " " in url:
        raise ValueError("expected where customers and providers reach the API, such as https://news.acme.example")
    return url.rstrip("/")


Port = Annotated[int, Field(ge=0, le=65535)]
Own = dict[str, str | int | bool]
_Rate = Annotated[float, Field(gt=0)]


class _Rates(BaseModel):
    """How many messages a second each channel carries at most, by its name, and parts of text messages.

    `processes` is how many run: each keeps its share of the parts, and the server counts messages for all of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    processes: Annotated[int, Field(ge=1)] = 1


if TYPE_CHECKING:
    Rates = _Rates
else:  # a field for each channel that there is
    Rates = create_model("Rates", __base__=_Rates, **{one.value: (_Rate | None, None) for one in Channel})


class _ChannelSettings(BaseModel):
    """`[channels]`: who carries what, by a channel's name, and whom real ones may write to.

    Besides there is a table of each adapter's own options, by its name.

    A channel of which nothing is said here is carried as journeys/policy.yaml says. `rates` hold for all processes
    together; without one a channel sends as fast as it can.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    live: bool = False
    allow: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words), AfterValidator(_patterns)] = ()
    rates: Rates = Rates()

    def adapter(self, channel: Channel) -> str | None:
        """The adapter that this machine's settings name for a channel, if they do."""
        named: str | None = dict(self).get(channel)
        return named

    def rate(self, channel: Channel) -> float | None:
        """How many messages a second may go over a channel; None: as many as can."""
        rate: float | None = dict(self.rates).get(channel)
        return rate

    def own(self, adapter: str) -> Own:
        """What is said to an adapter."""
        said: Own = dict(self).get(adapter, {})
        return said


if TYPE_CHECKING:
    ChannelSettings = _ChannelSettings
else:
    ChannelSettings = create_model(
        "ChannelSettings",
        __base__=_ChannelSettings,
        **{channel.value: (str | None, None) for channel in Channel},
        **{name: (Own, {}) for name in registry.OPTIONS},
    )


class Settings(BaseSettings):
    """`temporal` is an address; without one a dev server is run, with its Web UI at `ui_port` (None: at any).

    The API listens at `api_host` and `api_port` (None: 8026, or any where that is taken), and is reached from outside
    by `public_url` (None: where it listens). `secret` signs the links in messages (None: one is kept in the folder's
    state), `write_key` lets events in (None: nobody's). `sms_help` answers a text message that asks for help.
    """

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="SOJOURN_", env_nested_delimiter="_", env_nested_max_split=2
    )

    database: str = f"sqlite:///{STATE}/sojourn.db"
    temporal: str | None = None
    namespace: str = "default"
    ui_port: Port | None = None
    api_host: str = "127.0.0.1"
    api_port: Port | None = None
    public_url: Annotated[str, AfterValidator(_public)] | None = None
    secret: Annotated[SecretStr, Field(min_length=SHORTEST_SECRET)] | None = None
    write_key: Annotated[SecretStr, Field(min_length=SHORTEST_SECRET)] | None = None
    sms_help: str = ""
    time_lapse: str | None = None
    channels: ChannelSettings = ChannelSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment before the file, which `load_settings` hands over."""
        return env_settings, init_settings


def load_settings(folder: Path) -> Settings:
    """The settings of a folder; a database file that is named without a root lies in it. Raises Mistake."""
    given = _read(folder / FILE)
    for stranger in _strangers():
        note(stranger)
    try:
        settings = Settings(**given)
    except ValidationError as error:
        raise Mistake("\n".join(_sentence(one, given) for one in error.errors(include_url=False))) from None
    except SettingsError:
        raise Mistake("SOJOURN_CHANNELS: found text; expected one variable a setting: SOJOURN_CHANNELS_EMAIL") from None
    return settings.model_copy(update={"database": _rooted(settings.database, folder)})


def _read(file: Path) -> dict[str, Any]:
    try:
        given = tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise Mistake(f"{file.name}: cannot be read: {fault}") from None
    for path, _ in _leaves(given):
        if path[-1] in SECRETS:
            name = "_".join(("SOJOURN", *path)).upper()
            raise Mistake(f"{file.name}: {'.'.join(path)}: found a secret; expected it in the environment, as {name}")
    return given


def _leaves(tree: dict[str, Any], path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    found: list[tuple[tuple[str, ...], Any]] = []
    for name, value in tree.items():
        found += _leaves(value, (*path, name)) if isinstance(value, dict) else [((*path, name), value)]
    return found


def _rooted(database: str, folder: Path) -> str:
    """`sqlite:///file` with the file's whole path; anything else as it is."""
    scheme, three, file = database.partition(":///")
    if not three or not scheme.startswith("sqlite") or file.startswith("/"):
        return database
    return f"{scheme}:///{folder.resolve() / file}"


def _sentence(one: Any, given: dict[str, Any]) -> str:
    path = tuple(str(part) for part in one["loc"])
    name = ".".join(path)
    in_file = any(leaf[: len(path)] == path for leaf, _ in _leaves(given))
    place = f"{FILE}: {name}" if in_file and not by_environment(*path) else variable(*path)
    words = expected(one, _known(path[:-1]))
    if one["type"] == "extra_forbidden":
        return f"{place}: {words}"
    if path[-1] in SECRETS:
        return f"{place}: found something else; expected at least {SHORTEST_SECRET} characters"
    return f"{place}: found {one['input']!r}; {words}"


def variable(*path: str) -> str:
    """The environment variable of a setting."""
    return "_".join(("SOJOURN", *path)).upper()


def by_environment(*path: str) -> bool:
    """Whether the environment says this setting; it wins over the file."""
    return variable(*path) in map(str.upper, environ)


def _known(path: tuple[str, ...]) -> tuple[str, ...]:
    """The settings under this one."""
    fields: dict[tuple[str, ...], type[BaseModel]] = {
        (): Settings,
        ("channels",): ChannelSettings,
        ("channels", "rates"): Rates,
    }
    return tuple(fields[path].model_fields) if path in fields else ()


def _strangers() -> Iterator[str]:
    """A line for each variable that looks like a setting and is none: nothing reads it."""
    known = [variable(name) for name in _known(())]
    inner = [variable("channels", name) for name in _known(("channels",))]
    begun = (f"{variable('channels')}_", *(variable(one) for one in _OTHERS if one.endswith("_")))
    passed = {*known, *(variable(one) for one in _OTHERS)}
    for name in sorted(map(str.upper, environ)):
        if name.startswith("SOJOURN_") and name not in passed and not name.startswith(begun):
            yield f"{name}: is no setting, and nothing reads it{perhaps(name, [*known, *inner])}"
