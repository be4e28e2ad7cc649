"""Documents of protocols, that no server of a test can have the address of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from digest.errors import FetchError
from digest.model.ports import Fetched, Request


@dataclass(frozen=True)
class Documents:
    """A fetcher that has these bodies, by URL."""

    bodies: Mapping[str, bytes]

    def fetch_all(self, wanted: Sequence[Request]) -> Iterator[tuple[Request, Fetched | FetchError]]:
        for request in wanted:
            body = self.bodies.get(request.location)
            yield (
                request,
                FetchError(request.location, "answers 404") if body is None else Fetched(url=request.location, body=body),
            )
