"""The progress of a stream: up to where everything has been given, and what has been given beyond that."""


def order(id_: str) -> tuple[int, int]:
    """What ids such as ``coinbase:1700000000000-0`` are compared by."""
    millisecond, _, number = id_.rpartition(":")[2].partition("-")
    return int(millisecond), int(number)


class Progress:
    """``place``: the id up to which everything has been given, to resume from; None where it is not known.

    What is given again after an interruption comes in order for each message that asked for it, but not all together.
    Where there are several of them the place stays until all of it has come, and what has been given already is
    remembered one by one.
    """

    def __init__(self, place: str | None) -> None:
        self.place = place
        self._given: set[str] = set()
        self._in_order = self._caught_up = False

    def begin(self, newest: str | None, *, in_order: bool) -> None:
        """A connection begins, on which everything comes ``in_order``, or does once all has been caught up with.

        ``newest``: the newest event there is, from which it starts where there is no place.
        """
        self._in_order, self._caught_up = in_order, False
        self.place = self.place or newest

    def lose(self, newest: str | None) -> None:
        """What came after the place cannot be had: go on from the newest event that there was at the beginning."""
        self.place = newest

    def take(self, id_: str) -> bool:
        """An event has come: whether it is new."""
        if id_ in self._given or (self.place is not None and order(id_) <= order(self.place)):
            return False
        if self._in_order or self._caught_up:
            self.place = id_
        else:
            self._given.add(id_)
        return True

    def catch_up(self) -> None:
        """All that was missed has come."""
        self._caught_up = True
        self.place = max([*self._given, *([self.place] if self.place else [])], key=order, default=None)
        self._given.clear()

    def reach(self, id_: str | None) -> None:
        """Nothing is missing up to this event, as a heartbeat says."""
        if self._caught_up and id_ is not None and (self.place is None or order(id_) > order(self.place)):
            self.place = id_
