"""Ask several shops for a price at once."""

import asyncio


class Shop:
    def __init__(self, name: str) -> None:
        self.name = name
        self.orders: asyncio.Queue[str] = asyncio.Queue(maxsize=10)

    async def price(self, article: str) -> float:
        await self.orders.put(article)
        await asyncio.sleep(0.1)
        return float(len(article))


async def compare(shops: list[Shop], article: str) -> list[float]:
    prices = (shop.price(article) for shop in shops)
    return await asyncio.gather(*prices, return_exceptions=True)


async def main() -> None:
    prices = await compare([Shop("north"), Shop("south")], "pears")
    print(min(prices))


asyncio.run(main())
