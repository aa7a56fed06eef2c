"""/metrics, /healthz and /readyz for whoever runs the bot; nothing of it is for the world."""

from aiohttp import web

from bot.core.errors import BadSetting
from bot.operating.health import Health
from bot.operating.metrics import CONTENT_TYPE, Metrics


class OperatingServer:
    """Answers those who look after the bot.

    /healthz says that the process lives, /readyz whether everything that is needed works (503 if
    not, with what does not), /metrics gives the figures.
    """

    def __init__(self, metrics: Metrics, health: Health, host: str, port: int) -> None:
        self._metrics = metrics
        self._health = health
        self._host, self._port = host, port
        application = web.Application()
        application.router.add_get("/metrics", self._figures)
        application.router.add_get("/healthz", self._lives)
        application.router.add_get("/readyz", self._ready)
        self._runner = web.AppRunner(application, access_log=None, handle_signals=False)

    async def start(self) -> None:
        """Begin to listen. BadSetting if the address cannot be had."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise BadSetting(
                f"METRICS_LISTEN: {self._host}:{self._port} cannot be listened at: "
                f"{error.strerror or error}."
            ) from error

    @property
    def port(self) -> int:
        """The port it listens at, also where any free one was asked for."""
        (address, *_) = self._runner.addresses
        return int(address[1])

    async def close(self) -> None:
        """Stop listening."""
        await self._runner.cleanup()

    async def _figures(self, _request: web.Request) -> web.Response:
        return web.Response(body=self._metrics.told(), headers={"Content-Type": CONTENT_TYPE})

    async def _lives(self, _request: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def _ready(self, _request: web.Request) -> web.Response:
        states = await self._health.states()
        well = all(state.well for state in states.values())
        told = {name: {"well": state.well, "said": state.said} for name, state in states.items()}
        return web.json_response({"ready": well, "parts": told}, status=200 if well else 503)
