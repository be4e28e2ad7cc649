"""What operators and their programs ask of a process: whether it answers, whether it is ready, and its metrics."""

from collections.abc import Iterator, Sequence

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from digest import log
from digest.errors import DigestError, Forbidden, NotFound
from digest.model.metric import MetricKind
from digest.services import metrics, readiness
from digest.services.context import Context, check_database
from digest.services.metrics import Counting, Reading
from digest.services.readiness import Pulse
from digest.web.threads import Threads
from digest.web.visitors import nothing_here

METHODS = ["GET", "HEAD"]
UNCACHED = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
NOT_NOW = {**UNCACHED, "Retry-After": "60"}


def add_routes(app: FastAPI, ctx: Context, threads: Threads, *, counting: Counting, pulse: Pulse | None) -> None:
    """Add `/healthz`, `/readyz` and `/metrics` to the application; `pulse` is of this process's scheduler, where it should have one."""

    @app.api_route("/healthz", methods=METHODS)
    async def healthz() -> Response:
        try:
            await threads.run(check_database, ctx)
        except DigestError as problem:
            log.get().warning("page.unavailable", error=str(problem))  # not in the answer: it names hosts
            return JSONResponse({"ok": False}, status_code=503, headers=NOT_NOW)
        return JSONResponse({"ok": True}, headers=UNCACHED)

    @app.api_route("/readyz", methods=METHODS)
    async def readyz() -> Response:
        try:
            found = (await threads.run(readiness.look, ctx, pulse)).model_dump()
        except DigestError:  # it took too long
            found = {"ok": False, "database": "unreachable"}
        return JSONResponse(found, status_code=200 if found["ok"] else 503, headers=UNCACHED)

    @app.api_route("/metrics", methods=METHODS)
    async def read_metrics(request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        try:
            metrics.check_token(ctx, token.strip() if scheme.lower() == "bearer" else "")
            return _exposition(await threads.run(metrics.read, ctx, counting), request.headers.get("accept", ""))
        except NotFound:
            return nothing_here(request)
        except Forbidden:
            return Response(status_code=401, headers={**UNCACHED, "WWW-Authenticate": 'Bearer realm="metrics"'})
        except DigestError as problem:
            log.get().warning("page.unavailable", error=str(problem))
            return Response(status_code=503, headers=NOT_NOW)


def _exposition(readings: Sequence[Reading], accept: str) -> Response:
    """Write metrics in the format that is asked for; those of this process itself (memory, processor, open files) come with them."""
    # Loaded for the first who asks: most places have no Prometheus.
    from prometheus_client import CollectorRegistry, ProcessCollector
    from prometheus_client.exposition import choose_encoder
    from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
    from prometheus_client.registry import Collector

    class Ledger(Collector):
        def collect(self) -> Iterator[Metric]:
            for one in readings:
                name, says, labels = one.metric.name, one.metric.says, one.metric.labels
                if one.metric.kind is MetricKind.SUMMARY:
                    summary = SummaryMetricFamily(name, says, labels=labels)
                    for values, (number, total) in one.values.items():
                        summary.add_metric(values, int(number), total)
                    yield summary
                    continue
                made = CounterMetricFamily if one.metric.kind is MetricKind.COUNTER else GaugeMetricFamily
                family = made(name, says, labels=labels)
                for values, (value,) in one.values.items():
                    family.add_metric(values, value)
                yield family

    registry = CollectorRegistry()
    registry.register(Ledger())
    registry.register(ProcessCollector(registry=None))
    encode, media_type = choose_encoder(accept)
    return Response(encode(registry), headers={**UNCACHED, "Content-Type": media_type})
