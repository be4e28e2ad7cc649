"""The settings of a place as they may be shown: secrets only say whether they are set."""

from collections.abc import Sequence
from dataclasses import dataclass

from digest import settings
from digest.services.context import Place, destination

#: Settings that hold a secret, or a command that prints one.
_HIDDEN = {f"{settings.PREFIX}{name}" for name in settings.SECRETS} | {
    settings.variable("smtp_token_command"),
    settings.variable("bounce_token_command"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSetting:
    """A setting with its value and where that comes from."""

    name: str
    value: str  #: of a secret: empty
    is_secret: bool
    is_set: bool
    origin: str  #: `environment`, `file`, `.env` or `default`


def every(ctx: Place) -> Sequence[ShownSetting]:
    """Return all settings."""
    env_file = ctx.settings.home / ".env"
    origins = settings.origins(env_file if env_file.is_file() else None)
    return [_shown(ctx, field, origins) for field in type(ctx.settings).model_fields if field != "home"]


def _shown(ctx: Place, field: str, origins: dict[str, str]) -> ShownSetting:
    name, value = settings.variable(field), getattr(ctx.settings, field)
    is_secret = name in _HIDDEN
    shown = destination(ctx.settings) if field == "smtp_url" else "" if is_secret else str(value)
    return ShownSetting(name=name, value=shown, is_secret=is_secret, is_set=value not in ("", None), origin=origins[name])
