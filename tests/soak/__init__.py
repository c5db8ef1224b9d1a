"""A long mixed load over a service that misbehaves at random, and the ledger in the end: `python -m tests.soak`."""
