"""Many processes under one key: one login and one budget for all of them, kept in Redis.

```python
shared = SharedState(url_env="LOOTLOCKER_REDIS_URL", burst=5, workers=20)
config = shared.share(ClientConfig.from_env(calls_per_second=50))

async with LootLockerClient(config=config) as client:
    ...
```

It needs the extra `redis`: `pip install 'lootlocker-async[redis]'`.
"""

from __future__ import annotations

from lootlocker_async.integrations.redis.limiter import RedisLimiter
from lootlocker_async.integrations.redis.state import DEFAULT_URL_ENV, Cipher, SharedState
from lootlocker_async.integrations.redis.tokens import RedisTokenStore

__all__ = ["DEFAULT_URL_ENV", "Cipher", "RedisLimiter", "RedisTokenStore", "SharedState"]
