"""A LootLocker Server API on your own machine, stateful and without an account.

```python
async with Emulator() as emulator:
    client = LootLockerClient(emulator.server_key, base_url=emulator.base_url)
```

It needs the extra `emulator`: `pip install 'lootlocker-async[emulator]'`.
"""

from __future__ import annotations

from lootlocker_async.emulator.clock import Clock
from lootlocker_async.emulator.errors import EmulatorExtraMissingError, ServiceError
from lootlocker_async.emulator.faults import Fault, FaultKind, Faults
from lootlocker_async.emulator.generate import GeneratedGame
from lootlocker_async.emulator.rate_limit import RateLimit
from lootlocker_async.emulator.record import Record, RecordedCall
from lootlocker_async.emulator.server import DEFAULT_KEY, Emulator
from lootlocker_async.emulator.world import World

__all__ = [
    "DEFAULT_KEY",
    "Clock",
    "Emulator",
    "EmulatorExtraMissingError",
    "Fault",
    "FaultKind",
    "Faults",
    "GeneratedGame",
    "RateLimit",
    "Record",
    "RecordedCall",
    "ServiceError",
    "World",
]
