"""Versions of an issue: what made them, and what the mails that have not gone are made of."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from digest.model.amendment import Amendment
from digest.model.delivery import Claimed, Delivery, without
from digest.model.issue import Issue
from digest.model.rendition import RenditionRow
from digest.model.states import DeliveryState
from digest.store import issues

#: A delivery in one of these was handed over, or perhaps; its reader has that version.
GOT = (DeliveryState.SENT, DeliveryState.UNSURE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """Renditions that mails of an issue are made of from now on, and the stories that they leave out."""

    renditions: Mapping[int, int]  #: each rendition of the issue → the newest in its language
    withdrawn: Collection[int]  #: places of withdrawn stories, from 0

    def of(self, claimed: Claimed) -> Claimed:
        """Return a delivery as its mail is made now."""
        made = self.renditions.get(claimed.rendition_id, claimed.rendition_id)
        return replace(claimed, rendition_id=made, picks=without(claimed.picks, self.withdrawn))


def newest(tx: Session, issue_id: int) -> Newest:
    """Return what mails of an issue are made of from now on."""
    query = select(RenditionRow.id, RenditionRow.language).where(RenditionRow.issue_id == issue_id)
    rows = tx.exec(query.order_by(col(RenditionRow.version), col(RenditionRow.id))).all()
    last = {language: number for number, language in rows}
    return Newest(renditions={number: last[language] for number, language in rows}, withdrawn=issues.withdrawn(tx, issue_id))


def begin(tx: Session, issue: Issue, amendment: Amendment) -> None:
    """Store an amendment, which makes the issue's next version: that which the amendment names."""
    issue.version = amendment.version
    tx.add_all((issue, amendment))
    tx.flush()


def amendments(tx: Session, issue_id: int) -> Sequence[Amendment]:
    """Return what made the versions of an issue after the first, oldest first."""
    return tx.exec(select(Amendment).where(Amendment.issue_id == issue_id).order_by(col(Amendment.version))).all()


def amended_at(tx: Session, issue_id: int) -> datetime | None:
    """Return the time at which words of an issue were last changed; None where they never were. A story that is gone is another matter."""
    query = select(sa.func.max(Amendment.at)).where(Amendment.issue_id == issue_id, sa.not_(col(Amendment.is_out)))
    return tx.exec(query).one()


def counts(tx: Session, issue_id: int) -> Mapping[int, int]:
    """Count the deliveries of an issue whose readers got it, or perhaps, by the version that they got."""
    query = select(Delivery.version, sa.func.count()).where(Delivery.issue_id == issue_id, col(Delivery.state).in_(GOT))
    return dict(tx.exec(query.group_by(col(Delivery.version)).order_by(col(Delivery.version))).all())


def in_hand(tx: Session, issue_id: int, versions: Collection[int]) -> int:
    """Count the deliveries of an issue that a process has claimed in one of these versions, and that may still go out so."""
    query = select(sa.func.count()).select_from(Delivery)
    mine = (Delivery.issue_id == issue_id, Delivery.state == DeliveryState.SENDING, col(Delivery.version).in_(versions))
    return int(tx.exec(query.where(*mine)).one())


def corrections(tx: Session, issue_id: int) -> Sequence[Issue]:
    """Return the corrections of an issue, oldest first."""
    return tx.exec(select(Issue).where(Issue.corrects_id == issue_id).order_by(col(Issue.id))).all()
