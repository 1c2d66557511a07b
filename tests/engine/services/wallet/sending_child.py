"""A program that sends one ether and may be killed on the way; told the node's address, a folder and a failpoint."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from engine.defi.intents import send
from engine.observe.failpoint import arm
from tests.engine.services.wallet.desk import ALICE, BOB, open_desk
from tests.practice import Node


async def main(url: str, folder: str, point: str) -> None:
    node = Node(url)
    desk = await open_desk(node, Path(folder))
    arm(point)
    await desk.send(send(desk.spec, ALICE.address, BOB, desk.spec.native.of("1")))
    await desk.client.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
