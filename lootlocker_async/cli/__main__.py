"""`python -m lootlocker_async.cli`, for where the command itself isn't on the path."""

from __future__ import annotations

import sys

from lootlocker_async.cli import main

sys.exit(main())
