"""What the clients believe against what the store holds, and what is told of it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.soak.samples import TOLERANCE, WARM_UP, not_flat
from tests.soak.service import CONTENTS

ONCE = (
    "balances_credit", "balances_debit", "leaderboards_increment_score", "inventories_add_asset", "inventories_alter",
    "player_files_upload", "player_files_update",
)  # fmt: skip
"""What must be executed exactly as often as the clients believe."""
REPEATABLE = ("leaderboards_submit_score", "player_files_delete")
"""What must be executed at least as often: a repeat does no harm."""


_COLUMNS = ("start", "end", "max", "early", "late")


def discrepancies(service: dict[str, Any], clients: list[dict[str, Any]]) -> list[str]:
    """Every difference, in words; none where all is well."""
    beliefs = {player: of for client in clients for player, of in client["beliefs"].items()}
    found = [text for client in clients for text in client["counts"]["wrong"]]
    for player, held in service["holdings"].items():
        believed = beliefs.get(player, {})
        for what, value in held.items():
            found += [f"player {player}: {line}" for line in _differences(what, believed.get(what), value)]
    done, carried_out = total(clients, "counts", "done"), service["carried_out"]
    for operation in ONCE:
        if done[operation] != carried_out.get(operation, 0):
            found.append(
                f"{operation}: {service['carried_out'].get(operation, 0)} executed, {done[operation]} believed"
            )
    for operation in REPEATABLE:
        if done[operation] > carried_out.get(operation, 0):
            found.append(
                f"{operation}: {service['carried_out'].get(operation, 0)} executed, {done[operation]} believed"
            )
    return found


def growth(service: dict[str, Any], clients: list[dict[str, Any]]) -> list[str]:
    """What did not stay flat. The emulator's memory is not held: its state and its log of requests are in it."""
    found = [line for number, client in enumerate(clients) for line in not_flat(f"client {number}", client["figures"])]
    for number, client in enumerate(clients):
        most, allowed = client["figures"]["connections"]["max"], client["most_connections"]
        if most > allowed:
            found.append(f"client {number}: there were {most:.0f} connections, and {allowed} are allowed")
    # Its connections end when the clients are gone, so its start, without any, is no measure for its end.
    early, late = (service["figures"]["descriptors"][name] for name in ("early", "late"))
    if late > early + len(clients) * TOLERANCE["descriptors"][0]:
        found.append(f"emulator: descriptors grew from {early:.0f} to {late:.0f}")
    return found


def total(clients: list[dict[str, Any]], *path: str) -> Counter[str]:
    """The sum of the same counts of all clients."""
    summed: Counter[str] = Counter()
    for client in clients:
        counts: Any = client
        for step in path:
            counts = counts[step]
        summed.update(counts)
    return summed


def account(service: dict[str, Any], clients: list[dict[str, Any]], seconds: float) -> str:
    """All of it, for a human."""
    differences, grown = discrepancies(service, clients), growth(service, clients)
    tasks = sum(client["workers"] for client in clients)
    lines = [f"soak of {seconds:g} seconds: {len(clients)} client processes, {tasks} tasks"]
    rows = {**_met(service, clients), **_held(service)}
    lines += [f"  {name:18}{text}" for name, text in rows.items()]
    lines += ["", *_table(service, clients), ""]
    lines += [f"  discrepancies     {len(differences)}", *(f"    {line}" for line in differences)]
    lines += [f"  not flat          {len(grown)}", *(f"    {line}" for line in grown)]
    return "\n".join(lines)


def _met(service: dict[str, Any], clients: list[dict[str, Any]]) -> dict[str, str]:
    events = total(clients, "events")
    executed, not_executed = total(clients, "counts", "found_executed"), total(clients, "counts", "found_not_executed")
    names = ("calls", "refused", "cancelled")
    calls, refused, cancelled = (sum(client["counts"][name] for client in clients) for name in names)
    slowest = [client["slowest"] for client in clients]
    looked = executed.total() + not_executed.total()
    sent, received, contents = (
        f"{count:,}"
        for count in (events["AttemptStarted"], sum(service["requests"].values()), service["requests"].get(CONTENTS, 0))
    )
    return {
        "calls": f"{calls:,}, of them {refused:,} overdrafts refused and {cancelled:,} walks cancelled",
        "requests sent": f"{sent}; the emulator received {received}, {contents} of them for {CONTENTS}",
        "retries": f"{events['RetryPlanned']:,}",
        "logins": f"{events['LoggedIn']:,} tried, {service['logins']:,} executed",
        "faults met": f"{sum(service['faults'].values()):,}: {_listed(service['faults'])}",
        "outcomes unknown": f"{events['OutcomeUnknown']:,}",
        "looked back at": f"{looked:,}: {executed.total():,} executed, {not_executed.total():,} not",
        "  found executed": _listed(executed),
        "  found not": _listed(not_executed),
        "answers cut": f"{_listed(total(clients, 'counts', 'cut'))} (known to be executed; read back all the same)",
        "slowest requests": "; ".join(f"{seconds:.2f} s, {what}" for seconds, what in slowest),
        "calls failed": _listed(total(clients, "counts", "failed")),
    }


def _held(service: dict[str, Any]) -> dict[str, str]:
    holdings = service["holdings"].values()
    items, files = (sum(len(held[what]) for held in holdings) for what in ("items", "files"))
    return {
        "ledger": f"{len(holdings)} wallets, {2 * len(holdings)} scores, {items} items, {files} files",
        "executions": _listed({name: service["carried_out"].get(name, 0) for name in (*ONCE, *REPEATABLE)}),
    }


def _table(service: dict[str, Any], clients: list[dict[str, Any]]) -> list[str]:
    lines = ["  " + " " * 24 + "".join(f"{column:>8}" for column in _COLUMNS)]
    processes = [*((f"client {number}", client) for number, client in enumerate(clients)), ("emulator", service)]
    for who, process in processes:
        for name, of in process["figures"].items():
            if who == "emulator" and name == "connections":
                continue
            digits, label = (1, "memory, MiB") if name == "memory" else (0, name)
            lines.append(f"  {who:10}{label:14}" + "".join(f"{of[column]:8.{digits}f}" for column in _COLUMNS))
    allowed = (f"{name} {fixed:g}{f' + {part:.0%}' if part else ''}" for name, (fixed, part) in TOLERANCE.items())
    lines.append(f"  early, late: medians of the first and the last fifth after a warm-up of {WARM_UP:.0%} of the time")
    lines.append(
        f"  tolerated growth: {', '.join(allowed)}; of the emulator's only the descriptors are held, for each client"
    )
    return lines


def _differences(what: str, believed: Any, held: Any) -> list[str]:
    if believed == held:
        return []
    if what == "items" and believed is not None:
        more, fewer = sorted(set(held) - set(believed)), sorted(set(believed) - set(held))
        return [f"items: held and not believed {more}, believed and not held {fewer}"]
    if what == "files" and believed is not None:
        return [
            f"file {file_id}: believed {believed.get(file_id)}, held {held.get(file_id)}"
            for file_id in sorted({*believed, *held})
            if believed.get(file_id) != held.get(file_id)
        ]
    return [f"{what}: believed {believed}, held {held}"]


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items()) if count) or "none"
