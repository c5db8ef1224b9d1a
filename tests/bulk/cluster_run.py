"""A cluster of two processes that export, one of which is killed midway: `python -m tests.bulk.cluster_run FOLDER`.

Its environment says where the service is and who asks, and with LOOTLOCKER_REDIS_URL where the workers share their
login and LOOTLOCKER_CALLS_PER_SECOND. Standard input has the ids, one on each line; the reports go to standard output,
as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

from distributed import Client, LocalCluster

from lootlocker_async import ClientConfig
from lootlocker_async.bulk.cluster import DatasetReport, export_dataset
from lootlocker_async.integrations.redis import SharedState

WORKERS = 2
PARTS_BEFORE_THE_KILL = 2


def kill_one(cluster: LocalCluster, folder: Path) -> None:
    while len(list(folder.glob("part-*"))) < PARTS_BEFORE_THE_KILL:
        time.sleep(0.01)
    worker = next(iter(cluster.workers.values()))
    os.kill(worker.pid, signal.SIGKILL)


def told(report: DatasetReport) -> dict[str, object]:
    return {"ids": report.ids, "rows": report.rows, "failed": report.failed, "resumed": report.resumed}


def main(folder: Path) -> None:
    ids = [int(line) for line in sys.stdin]
    config = ClientConfig.from_env(timeout=300)
    shared = SharedState(workers=WORKERS, timeout=20) if "LOOTLOCKER_REDIS_URL" in os.environ else None
    with (
        LocalCluster(n_workers=WORKERS, threads_per_worker=1, processes=True, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        killer = threading.Thread(target=kill_one, args=(cluster, folder))
        killer.start()
        first = export_dataset(client, "inventories", ids, folder, config, shared=shared, partition_size=5)
        killer.join()
        again = export_dataset(client, "inventories", ids, folder, config, shared=shared, partition_size=5)
    print(json.dumps([told(first), told(again)]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
