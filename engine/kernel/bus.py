"""Tells watchers what became so and what happened, and services what is watched. One loop publishes; readers may sit anywhere."""

import logging
from collections.abc import Callable
from typing import TypeVar

from engine.kernel.mailbox import DEFAULT_CAPACITY, Mailbox
from engine.messages.base import Event, Keep, Topic

ALL_KEYS = ""
"""Stands in :meth:`Bus.interest` for a watcher of every key."""
E = TypeVar("E", bound=Event)
_log = logging.getLogger(__name__)


class Bus:
    """Whoever changes a state applies the change first and publishes it then: a watcher may always read what an event just said."""

    def __init__(self) -> None:
        self._retained: dict[str, dict[str, Event]] = {}
        self._readers: dict[str, dict[str | None, list[Mailbox]]] = {}
        self._topics: dict[Mailbox, tuple[Topic, ...]] = {}
        self._interest: dict[str, frozenset[str]] = {}
        self._followers: list[Callable[[], None]] = []

    @property
    def watchers(self) -> int:
        """How many mailboxes are fed."""
        return len(self._topics)

    def publish(self, event: Event) -> None:
        """Says it to those who watch, and keeps a state for those who will."""
        kind, key = type(event).__name__, event.key
        if event.keep is Keep.LATEST:
            self._retained.setdefault(kind, {})[key] = event
        readers = self._readers.get(kind)
        if not readers:
            return
        slot = (kind, key)
        of_key, of_all = readers.get(key, ()), readers.get(None, ())
        for mailbox in tuple(of_key):
            mailbox.put(event, slot)
        for mailbox in tuple(of_all):
            if mailbox not in of_key:
                mailbox.put(event, slot)

    def forget(self, kind: type[Event], key: str) -> None:
        """A state of what is no more is kept for nobody; who was told of it has heard it."""
        self._retained.get(kind.__name__, {}).pop(key, None)

    def retained(self, kind: type[Event]) -> frozenset[str]:
        """The keys of that kind of which a late watcher would be told."""
        return frozenset(self._retained.get(kind.__name__, ()))

    def newest(self, kind: type[E], key: str) -> E | None:
        """The state that a late watcher of that key would first be told; looking makes nobody a watcher."""
        found = self._retained.get(kind.__name__, {}).get(key)
        return found if isinstance(found, kind) else None

    def subscribe(self, *topics: Topic, capacity: int = DEFAULT_CAPACITY) -> Mailbox:
        """Opens a mailbox for those topics; the states that are known already wait in it."""
        mailbox = Mailbox(capacity)
        mailbox.on_close = lambda: self.detach(mailbox)
        self.attach(mailbox, *topics)
        return mailbox

    def attach(self, mailbox: Mailbox, *topics: Topic) -> None:
        """Feeds a mailbox made elsewhere; its maker sees to it that its close ends in :meth:`detach`, on this loop."""
        wanted = tuple(dict.fromkeys(topics))
        self._topics[mailbox] = wanted
        for topic in wanted:
            self._readers.setdefault(topic.event, {}).setdefault(topic.key, []).append(mailbox)
            self._give_retained(mailbox, topic)
        self._interest_changed(wanted)

    def detach(self, mailbox: Mailbox) -> None:
        """Feeds a mailbox no more."""
        topics = self._topics.pop(mailbox, ())
        for topic in topics:
            readers = self._readers[topic.event]
            readers[topic.key].remove(mailbox)
            if not readers[topic.key]:
                del readers[topic.key]
        self._interest_changed(topics)

    def interest(self, kind: type[Event]) -> frozenset[str]:
        """The keys of that kind which somebody watches now; ``ALL_KEYS`` among them where somebody watches every key."""
        name = kind.__name__
        known = self._interest.get(name)
        if known is None:
            known = frozenset(ALL_KEYS if key is None else key for key in self._readers.get(name, ()))
            self._interest[name] = known
        return known

    def on_interest(self, follow: Callable[[], None]) -> None:
        """Calls ``follow`` after each change of what is watched."""
        self._followers.append(follow)

    def close(self) -> None:
        """Closes every mailbox: readers come to their end."""
        for mailbox in tuple(self._topics):
            mailbox.close()
            self.detach(mailbox)

    def _give_retained(self, mailbox: Mailbox, topic: Topic) -> None:
        kept = self._retained.get(topic.event, {})
        keys = tuple(kept) if topic.key is None else (topic.key,)
        for key in keys:
            if key in kept:
                mailbox.put(kept[key], (topic.event, key))

    def _interest_changed(self, topics: tuple[Topic, ...]) -> None:
        for topic in topics:
            self._interest.pop(topic.event, None)
        if not topics:
            return
        for follow in self._followers:
            try:
                follow()
            except Exception:  # noqa: BLE001 (the others are to hear of it all the same)
                _log.exception("a follower of what is watched failed")
