"""Sockets to the outside: WebSocket and HTTP clients with bounded waits."""
