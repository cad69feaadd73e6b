"""Download pages with a few workers, and report what came and what did not."""

from __future__ import annotations

import argparse
import asyncio
import sys
import urllib.request


def fetch(url: str) -> bytes:
    """Read a page; blocks the thread that calls it."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read()


class Downloader:
    """Workers that take addresses off a queue."""

    def __init__(self, workers: int, seconds: float) -> None:
        self.queue: asyncio.Queue[str] = asyncio.Queue()
        self.workers = workers
        self.seconds = seconds
        self.sizes: dict[str, int] = {}
        self.failed: dict[str, str] = {}

    async def run(self, urls: list[str]) -> None:
        for url in urls:
            self.queue.put_nowait(url)
        tasks = [asyncio.create_task(self.work(), name=f"worker {n}") for n in range(self.workers)]
        await self.queue.join()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def work(self) -> None:
        while True:
            url = await self.queue.get()
            try:
                page = await asyncio.wait_for(asyncio.to_thread(fetch, url), timeout=self.seconds)
            except (OSError, asyncio.TimeoutError) as error:
                self.failed[url] = str(error) or "too slow"
            else:
                self.sizes[url] = len(page)
            finally:
                self.queue.task_done()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("urls", nargs="+", metavar="URL")
    parser.add_argument("--workers", type=int, default=4)
    options = parser.parse_args()
    downloader = Downloader(options.workers, seconds=20)
    asyncio.run(downloader.run(options.urls))
    for url, size in downloader.sizes.items():
        print(f"{size:9,} {url}")
    for url, reason in downloader.failed.items():
        print(f"   failed {url}: {reason}", file=sys.stderr)
    return 1 if downloader.failed else 0


if __name__ == "__main__":
    sys.exit(main())
