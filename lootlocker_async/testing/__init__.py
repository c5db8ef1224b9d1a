"""Testing a backend against the emulator: what the pytest plugin's fixtures give, and the same without pytest.

```python
with running_emulator() as emulator:
    player = emulator.game.player("Aurelia", balances={"gold": 100})
    ...
    emulator.assert_executed("balances.credit", times=1)
```

It needs the extra `testing`: `pip install 'lootlocker-async[testing]'`.
"""

from __future__ import annotations

from lootlocker_async.testing.builder import Asset, Board, Currency, GameBuilder, Player, Progression
from lootlocker_async.testing.live import EmulatorSettings, EmulatorThread, LiveEmulator, running_emulator

__all__ = [
    "Asset",
    "Board",
    "Currency",
    "EmulatorSettings",
    "EmulatorThread",
    "GameBuilder",
    "LiveEmulator",
    "Player",
    "Progression",
    "running_emulator",
]
