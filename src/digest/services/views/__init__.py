"""
The values that use cases return: one frozen model a noun, with one JSON form.

`--json` prints them and an API serves them, so a field that is there stays there. Times are ISO 8601 in
UTC. docs/reference/json.md lists every model with its fields.
"""

from typing import Self

from pydantic import BaseModel, ConfigDict


class View(BaseModel):
    """A frozen value; made of a stored row by `model_validate`. Validators are built when they are first used, so that commands start fast."""

    model_config = ConfigDict(frozen=True, from_attributes=True, defer_build=True)

    @classmethod
    def of(cls, row: BaseModel, **more: object) -> Self:
        """Make one of a row, and of what the row lacks."""
        return cls.model_validate({**row.model_dump(), **more})
