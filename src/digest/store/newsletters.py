"""Newsletters and their sections."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from digest.errors import BadInput, Conflict, NotFound
from digest.model.issue import Issue
from digest.model.newsletter import EditorialRule, Newsletter, Section
from digest.model.states import IssueState


def add(tx: Session, newsletter: Newsletter) -> Newsletter:
    """Store a newsletter. Raises Conflict where the name is taken."""
    if find(tx, newsletter.name):
        raise Conflict(f"there is a newsletter {newsletter.name} already", code="newsletter_exists")
    tx.add(newsletter)
    tx.flush()
    return newsletter


def find(tx: Session, name: str) -> Newsletter | None:
    """Return a newsletter by name; None where there is none."""
    return tx.exec(select(Newsletter).where(Newsletter.name == name)).first()


def get(tx: Session, name: str) -> Newsletter:
    """Return a newsletter by name; an empty name means the only one. Raises NotFound, or BadInput where there are several."""
    found = all_of(tx)
    if not name and len(found) == 1:
        return found[0]
    have = ", ".join(n.name for n in found)
    if not name and found:
        raise BadInput(f"there are {len(found)} newsletters: {have}; name one")
    if not found:
        raise NotFound("newsletter", name or "yet", code="no_newsletters")
    by_name = find(tx, name)
    if by_name is None:
        raise NotFound("newsletter", name, known=have)
    return by_name


def by_id(tx: Session, newsletter_id: int) -> Newsletter:
    """Return a newsletter by number."""
    return tx.get_one(Newsletter, newsletter_id)


def all_of(tx: Session) -> Sequence[Newsletter]:
    """Return all newsletters, by name."""
    return tx.exec(select(Newsletter).order_by(col(Newsletter.name))).all()


def of_list(tx: Session, mlist_id: int) -> Sequence[Newsletter]:
    """Return the newsletters that a list gets."""
    return tx.exec(select(Newsletter).where(Newsletter.mlist_id == mlist_id)).all()


def remove(tx: Session, newsletter: Newsletter) -> None:
    """Delete a newsletter. Raises Conflict where it has issues: they are the record of what readers got."""
    drafts = tx.exec(select(Issue).where(Issue.newsletter_id == newsletter.id, Issue.state == IssueState.DRAFT)).all()
    if tx.exec(select(Issue.id).where(Issue.newsletter_id == newsletter.id, Issue.state != IssueState.DRAFT).limit(1)).first():
        raise Conflict(
            f"{newsletter.name} has issues, and they are the record of what readers got; it stays", code="newsletter_printed"
        )
    for draft in drafts:
        tx.delete(draft)
    tx.flush()
    tx.delete(newsletter)
    tx.flush()


def add_section(tx: Session, section: Section, *, before: str = "") -> None:
    """Store a section, in front of another or as the last. Raises Conflict where its name is taken, NotFound where the other is not there."""
    there = list(sections(tx, section.newsletter_id))
    if any(other.name.casefold() == section.name.casefold() for other in there):
        raise Conflict(f"there is a section {section.name} already")
    place = there.index(get_section(tx, section.newsletter_id, before)) if before else len(there)
    for position, one in enumerate([*there[:place], section, *there[place:]]):
        one.position = position
        tx.add(one)
    tx.flush()


def rename_source(tx: Session, old: str, new: str, *, keep: bool) -> None:
    """Have sections take what a source tells by its new name; `keep`: by the old one too, since another source has that."""
    for section in tx.exec(select(Section)).all():
        names = section.sources.split("\n")
        if old in names:
            section.sources = "\n".join([*(name for name in names if keep or name != old), new])
            tx.add(section)
    tx.flush()


def remove_section(tx: Session, newsletter_id: int, name: str) -> None:
    """Delete a section. Raises NotFound."""
    tx.delete(get_section(tx, newsletter_id, name))
    tx.flush()


def get_section(tx: Session, newsletter_id: int, name: str) -> Section:
    """Return a section by name, in any case. Raises NotFound."""
    found = next((s for s in sections(tx, newsletter_id) if s.name.casefold() == name.casefold()), None)
    if found is None:
        paper = by_id(tx, newsletter_id).name
        raise NotFound("section", f"{name} in {paper}", newsletter=paper)
    return found


def get_rule(tx: Session, rule_id: int) -> EditorialRule:
    """Return a rule by number. Raises NotFound."""
    found = tx.get(EditorialRule, rule_id)
    if found is None:
        raise NotFound("rule", rule_id)
    return found


def remove_rule(tx: Session, rule_id: int) -> None:
    """Delete an editorial rule. Raises NotFound."""
    tx.delete(get_rule(tx, rule_id))
    tx.flush()


def add_rule(tx: Session, rule: EditorialRule) -> None:
    """Store an editorial rule."""
    tx.add(rule)
    tx.flush()


def rules(tx: Session, newsletter_id: int) -> Sequence[EditorialRule]:
    """Return a newsletter's editorial rules, oldest first."""
    return tx.exec(
        select(EditorialRule).where(EditorialRule.newsletter_id == newsletter_id).order_by(col(EditorialRule.id))
    ).all()


def sections(tx: Session, newsletter_id: int) -> Sequence[Section]:
    """Return a newsletter's sections in their order."""
    return tx.exec(select(Section).where(Section.newsletter_id == newsletter_id).order_by(col(Section.position))).all()
