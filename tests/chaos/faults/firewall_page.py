"""403 with a page of HTML, as firewalls answer."""

from livermore.net.interface import Response
from livermore.simulator.request import Request
from tests.chaos.fault import Fault

PAGE = b"<!DOCTYPE html>\n<html><head><title>403 Forbidden</title></head><body>Request blocked.</body></html>"


class FirewallPage(Fault):
    """To every request."""

    name = "firewall_page"
    lasts = (5.0, 45.0)
    most = 3

    def asked(self, request: Request) -> Response | None:
        return Response(403, {"content-type": "text/html"}, PAGE)
