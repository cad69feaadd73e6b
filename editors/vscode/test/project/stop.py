"""Work until somebody cancels."""

import asyncio


async def work() -> None:
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        print("stopping")
