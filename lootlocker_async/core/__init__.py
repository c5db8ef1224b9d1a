"""How a call travels: session manager, transport, retries, limits, decoding, paging and events."""
