"""Tests of the limiter of one process, on virtual time."""

import asyncio

from livermore.net.pace import Pace
from tests.support.virtual_loop import VirtualClock, VirtualLoop


def test_requests_come_evenly_and_not_before_a_pause_is_over() -> None:
    loop = VirtualLoop()
    pace, times = Pace(VirtualClock(loop, 0), per_second=4), list[float]()

    async def ask() -> None:
        for _ in range(3):
            await pace.turn()
            times.append(loop.time())
        await pace.pause(10)
        await pace.turn()
        times.append(loop.time())
        await asyncio.sleep(60)
        for _ in range(2):  # a long rest saves nothing up
            await pace.turn()
            times.append(loop.time())

    loop.run_until_complete(ask())
    loop.close()
    assert times == [0, 0.25, 0.5, 10.5, 70.5, 70.75]
