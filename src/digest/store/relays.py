"""Observed limits of relays."""

from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from digest.model.relay import RelayLimits
from digest.store.engine import is_shared


def known(tx: Session, name: str, *, since: datetime) -> RelayLimits | None:
    """Return the limits of a relay that were observed since then, if there are any."""
    return tx.exec(select(RelayLimits).where(RelayLimits.name == name, col(RelayLimits.seen_at) >= since)).first()


def keep(tx: Session, limits: RelayLimits) -> None:
    """Replace the stored limits of a relay."""
    values = limits.model_dump()
    make = postgresql.insert if is_shared(tx) else sqlite.insert
    insert = make(RelayLimits).values(**values)
    tx.execute(insert.on_conflict_do_update(index_elements=["name"], set_={k: v for k, v in values.items() if k != "name"}))
