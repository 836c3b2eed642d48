"""The one place where the engine tells: apply first, then publish; who listens decides what is worth computing."""

from collections import Counter, defaultdict
from collections.abc import Callable

from engine.kernel.mailbox import CAPACITY, Mailbox
from engine.messages.base import Event, Keep, Topic


class Bus:
    """Delivers events to mailboxes and keeps the newest state of every key for those who come late.

    Everything but :meth:`Mailbox.drain` runs on the engine's loop.
    """

    def __init__(self) -> None:
        self._retained: dict[tuple[str, str], Event] = {}
        self._by_topic: dict[tuple[str, str | None], list[Mailbox]] = defaultdict(list)
        self._interest: dict[str, Counter[str | None]] = defaultdict(Counter)
        self._callbacks: list[Callable[[], None]] = []
        self._boxes: set[Mailbox] = set()

    @property
    def watchers(self) -> int:
        """How many mailboxes are open."""
        return len(self._boxes)

    def publish(self, event: Event) -> None:
        """Tells everybody who watches this kind and key; a state is retained."""
        name, key = type(event).__name__, event.key
        if type(event).keep is Keep.LATEST:
            self._retained[name, key] = event
        told: list[Mailbox] = []
        for topic in ((name, key), (name, None)):
            for mailbox in tuple(self._by_topic.get(topic, ())):
                if mailbox not in told:
                    told.append(mailbox)
                    mailbox.deliver(event)

    def subscribe(self, *topics: Topic, capacity: int = CAPACITY) -> Mailbox:
        """Opens a mailbox; the retained states of its topics are in it already."""
        mailbox = Mailbox(topics, capacity=capacity, on_close=self._forget)
        self._boxes.add(mailbox)
        for topic in dict.fromkeys(topics):
            self._by_topic[topic.event, topic.key].append(mailbox)
            self._interest[topic.event][topic.key] += 1
        for (name, key), event in self._retained.items():
            if any(topic.event == name and topic.key in {None, key} for topic in topics):
                mailbox.deliver(event)
        self._tell_interest()
        return mailbox

    def interest(self, event: type[Event]) -> frozenset[str]:
        """The keys of this kind that somebody watches now (watchers of all keys name none)."""
        return frozenset(key for key in self._interest[event.__name__] if key is not None)

    def watches_all(self, event: type[Event]) -> bool:
        """Whether somebody watches this kind whatever the key."""
        return None in self._interest[event.__name__]

    def on_interest(self, callback: Callable[[], None]) -> None:
        """Calls back after every change of what is watched."""
        self._callbacks.append(callback)

    def close(self) -> None:
        """Ends every watch."""
        for mailbox in tuple(self._boxes):
            mailbox.close()

    def _forget(self, mailbox: Mailbox) -> None:
        if mailbox not in self._boxes:
            return
        self._boxes.discard(mailbox)
        for topic in dict.fromkeys(mailbox.topics):
            self._by_topic[topic.event, topic.key].remove(mailbox)
            counter = self._interest[topic.event]
            counter[topic.key] -= 1
            if not counter[topic.key]:
                del counter[topic.key]
        self._tell_interest()

    def _tell_interest(self) -> None:
        for callback in self._callbacks:
            callback()
