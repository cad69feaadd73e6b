"""asyncio documentation where the cursor is."""

__version__ = "0.1.0"
