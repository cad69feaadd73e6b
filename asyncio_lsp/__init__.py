"""asyncio documentation where the cursor is."""
