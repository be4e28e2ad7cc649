"""What tests of readers' pages do in forms and find in mails."""

import json
import re
from random import Random

import altcha
import pytest
from fastapi.testclient import TestClient

from digest.model.newsletter import Newsletter
from digest.model.states import ListAccess, SourceKind, SubscriptionState
from digest.services import lists
from digest.services import sources as source_services
from digest.services import subscribers as people
from digest.store import newsletters, subscribers
from tests.support.place import Place
from tests.support.signups import ANN


def send_first(place: Place, *readers: str) -> Place:
    """Send an issue of one story to these readers."""
    place.readers(*readers)
    place.drop("The harbour opens again")
    place.collect()
    place.send()
    return place


ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def links(place: Place, kind: str) -> list[str]:
    """The paths of these links in all mails."""
    text = b"".join(path.read_bytes().replace(b"=\r\n", b"") for path in place.mails()).decode()
    return sorted(set(re.findall(rf"https://ledger\.example\.org(/{kind}/[\w-]+)", text)))


def form(page: str) -> dict[str, str]:
    """What a browser sends of the form if nothing is touched."""
    fields = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', page))
    fields |= dict(re.findall(r'<input id="\w+" name="(\w+)" value="([^"]*)"', page))
    fields |= dict.fromkeys(["language"], "".join(re.findall(r'<option value="([\w-]+)"[^>]* selected', page)))
    fields |= dict.fromkeys(re.findall(r'name="(list-[\w-]+)" checked', page), "on")
    fields |= dict(re.findall(r'type="radio" name="([\w-]+)" value="([^"]*)" checked', page))
    return {**fields, "until": ""}


def save(client: TestClient, where: str, **changed: str) -> str:
    """Send the form with some fields changed; return the page that follows."""
    answer = client.post(where, data={**form(client.get(where).text), **changed})
    assert answer.status_code == 303, answer.text
    return client.get(answer.headers["location"]).text


def second_list(place: Place, access: ListAccess = ListAccess.PUBLIC) -> None:
    lists.add(place.ctx, "weekend", title="Weekend", access=access)
    with place.ctx.db.begin() as tx:
        mlist = subscribers.get_list(tx, "weekend")
        values = newsletters.get(tx, "daily").model_dump(exclude={"id", "name", "title", "mlist_id"})
        tx.add(Newsletter(**values, name="weekend", title="The Weekend Ledger", mlist_id=mlist.id))


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


def forge(dice: Random, *genuine: list[str]) -> str:
    """A token that is another's, cut, joined from two, or has characters changed."""
    one, other = (dice.choice(dice.choice(genuine)) for _ in range(2))
    at = dice.randrange(1, len(one))
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    kind = dice.randrange(5)
    if kind == 0:
        return one
    if kind == 1:
        return one[:at]
    if kind == 2:
        return one[:at] + other[at:]
    if kind == 3:
        return one[: at - 1] + dice.choice(letters) + one[at:]
    return "".join(dice.choices(letters, k=len(one)))


def solved(challenge: str) -> str:
    """What the widget of a browser sends."""
    made = altcha.Challenge.from_dict(json.loads(challenge))
    solution = altcha.solve_challenge(made)
    assert solution is not None
    return altcha.Payload(made, solution).to_base64()


def subscription_states(place: Place) -> dict[str, SubscriptionState]:
    with place.ctx.db.read() as tx:
        return {person.address: tie.state for person, tie, _ in subscribers.each(tx) if tie}


DROPPED = """Night ferry returns quietly

By Ann Claes

The night ferry to the islands runs again after eleven years, and nobody announced it <on purpose>. The first boat left on Monday with four passengers and a crew of six.

The line was closed when the bridge opened. Since then the last bus has left at nine, and whoever missed it slept in the waiting room of the harbour office.

The county pays for one winter. If fewer than twenty people a night use the boat by March, the mayor said, the boat goes back to carrying gravel. She did not say who counts them, nor what happens on nights when ice keeps the boat in. The harbour master keeps a list of his own.

Original Source: coast.example
"""


@pytest.fixture
def dropped(place: Place) -> Place:
    place.readers("ann@example.org")
    (place.folder / "in").mkdir()
    (place.folder / "in" / "ferry.txt").write_text(DROPPED, encoding="utf-8")
    (place.folder / "in" / "short.txt").write_text(
        "Choir sings\n\nThe choir of the upper town sang for an hour.\n", encoding="utf-8"
    )
    source_services.add_source(
        place.ctx, source_services.new_source(place.ctx, kind=SourceKind.FOLDER, location=str(place.folder / "in"), name="in")
    )
    place.collect()
    place.send()
    return place


def chosen_lists(place: Place) -> dict[str, SubscriptionState]:
    """The state of Ann's subscription to each list."""
    return {tie.list: tie.state for tie in people.show(place.ctx, ANN).subscriptions}
