"""Sessions of this backend: signed and not stored, so that every worker can read what another one has given."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time

import attrs


@attrs.frozen
class Session:
    """Who has signed in."""

    player_id: int
    player_ulid: str


@attrs.frozen
class Sessions:
    """Gives sessions and reads them.

    Attributes:
        secret: What they are signed with; the same for all workers.
        lifetime: Seconds that one lasts.
    """

    secret: str = attrs.field(repr=False)
    lifetime: int = 900

    def start(self, player_id: int, player_ulid: str) -> str:
        """A new session, as text that a header can carry."""
        told = json.dumps([player_id, player_ulid, int(time.time()) + self.lifetime]).encode()
        return f"{base64.urlsafe_b64encode(told).decode()}.{self._signature(told)}"

    def read(self, text: str) -> Session | None:
        """Whose session it is; None if it's over, or none of ours."""
        encoded, _, signature = text.partition(".")
        try:
            told = base64.b64decode(encoded, altchars=b"-_", validate=True)
        except ValueError:
            return None
        if not hmac.compare_digest(self._signature(told).encode(), signature.encode()):
            return None
        player_id, player_ulid, ends = json.loads(told)
        return Session(player_id, player_ulid) if time.time() < ends else None

    def _signature(self, told: bytes) -> str:
        return hmac.new(self.secret.encode(), told, hashlib.sha256).hexdigest()
