"""Files that are made while they are sent, so that a million rows take no memory."""

import zlib
from collections.abc import AsyncIterator

from fastapi.responses import Response, StreamingResponse

from digest.web.admin import rendering
from digest.web.admin.visit import Visit


def csv(visit: Visit, name: str, content: AsyncIterator[bytes]) -> Response:
    """Answer with a CSV file of this name, compressed where the browser takes that."""
    headers = {**rendering.HEADERS, "Content-Disposition": f'attachment; filename="{name}"', "Vary": "Accept-Encoding"}
    if "gzip" in visit.request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        content = _packed(content)
    return StreamingResponse(content, media_type="text/csv; charset=utf-8", headers=headers)


async def _packed(content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Compress as it comes: a million rows must be with the client before the server ends the exchange."""
    packer = zlib.compressobj(level=1, wbits=31)  # 31: in the format of gzip
    async for part in content:
        if packed := packer.compress(part):
            yield packed
    yield packer.flush()
