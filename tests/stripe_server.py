"""A Stripe for tests, by localstripe: a stateful server of others that knows payment intents and refunds.

Says {"url"} on standard output, and ends when standard input does. It is run on loopback alone and keeps nothing on the disk, for
its own command does otherwise.
"""

import asyncio
import json
import sys

from aiohttp import web
from localstripe.resources import PaymentIntent, Store
from localstripe.server import app

Store.dump_to_disk = lambda store: None
# Stripe tells it of every intent; localstripe leaves it out.
PaymentIntent.amount_received = property(
    lambda intent: intent.latest_charge.amount if intent.status == "succeeded" else 0
)


async def serve():
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    print(json.dumps({"url": f"http://127.0.0.1:{port}"}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


asyncio.run(serve())
