"""The HTTP front: serves the public API, the stream and the pages from what is stored; nobody tells it anything."""

from livermore.errors import Permanent
from livermore.http.front import Front
from livermore.http.options import FrontOptions
from livermore.http.service import Service
from livermore.resources import Resources
from livermore.supervision.loop_actor import LoopActor

BLOCK = 2.0
"""The longest wait (seconds) for events that the front asks Redis for."""


class HttpFront(LoopActor):
    """Ready once it listens, whatever Redis and SQL do."""

    options: FrontOptions
    resources: Resources

    async def warm_up(self) -> None:
        front = Front(
            options=self.options,
            mode=self.resources.name,
            clock=self.clock,
            redis=self.keep(self.resources.async_redis(0)),
            follower=self.keep(self.resources.async_redis(BLOCK)),
            database=self.keep(self.resources.database()),
            tree=self.resources.tree,
            break_actor=self.resources.break_actor,
        )
        if self.context.listen is None:
            raise Permanent("it has no address to listen on: the tree needs a key listen for it")
        self.service = self.keep(Service(front, self.resources.sockets(self.context.listen)))
        await self.service.start()

    async def main(self) -> None:
        await self.service.run()

    async def quiesce(self) -> None:
        self.service.quiesce()
