"""Cross-origin answers: any page may use the public API, only the administrators' page the rest."""

from typing import TYPE_CHECKING

from tornado.httputil import HTTPServerRequest

from livermore.http.route import PUBLIC

if TYPE_CHECKING:
    from livermore.http.front import Front
    from livermore.http.table import Found

ALLOWED = "X-API-Key, Authorization, Content-Type, If-None-Match, X-Request-ID"
EXPOSED = (
    "ETag, Livermore-Data-Age, RateLimit, RateLimit-Policy, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, "
    "X-RateLimit-Reset, X-Request-ID"
)


def cors_headers(front: "Front", found: "Found | None", request: HTTPServerRequest) -> dict[str, str]:
    """The headers that let pages of other origins read the answer, as far as they may."""
    public = found.route.public if found is not None else request.path.startswith(PUBLIC + "/")
    if public:
        headers = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": EXPOSED}
    else:
        headers = {"Vary": "Accept-Encoding, Origin"}
        origin, admin = request.headers.get("Origin"), front.options.admin
        if origin is not None and admin is not None and origin in admin.pages:
            headers |= {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        methods = found.allowed if found is not None else ""
        asked = {"Access-Control-Allow-Methods": methods, "Access-Control-Allow-Headers": ALLOWED}
        headers |= asked | {"Access-Control-Max-Age": "600"}
    return headers
