"""An HTTP server of the stage."""

import ssl

from aiohttp import web

from lab.background import rounds

_HOST = "127.0.0.1"


class HttpServer:
    """An aiohttp application on 127.0.0.1. All methods run on one event loop."""

    def __init__(self, app: web.Application) -> None:
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)

    async def listen(self, port: int = 0, *, context: ssl.SSLContext | None = None) -> int:
        """Listen on a port, with TLS if there is a context, and return it; 0 chooses one."""
        if self._runner.server is None:
            await self._runner.setup()
        await web.TCPSite(self._runner, _HOST, port, ssl_context=context).start()
        return int(self._runner.addresses[-1][1])

    async def stop(self) -> None:
        """Stop listening and close all connections.

        Those that wait are taken first: asyncio never closes one that it accepts in the moment in which its server
        closes (`_attach` of asyncio's Server).
        """
        await rounds()
        await self._runner.cleanup()
