"""Themes: the tokens that pages share with the mails."""

from collections.abc import Mapping
from dataclasses import dataclass

from digest.compose import theme
from digest.services.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The tokens of a theme that pages use."""

    light: Mapping[str, str]
    dark: Mapping[str, str]
    head: str  #: fonts
    body: str
    rules: str  #: double, single or none
    bar: int  #: px


def look(ctx: Context, name: str) -> Look:
    """Return the tokens of a theme. Raises ComposeError where it is wrong or not there."""
    tokens = theme.load(ctx.templates(), name)
    light = {**tokens["light"]}
    light["page"] = theme.BEHIND if light["page"] == "transparent" else light["page"]
    fonts, layout = tokens["type"], tokens["layout"]
    return Look(
        light=light, dark=tokens["dark"], head=fonts["head"], body=fonts["body"], rules=layout["rules"], bar=layout["bar"]
    )
