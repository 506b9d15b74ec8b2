"""What RFC 6455 asks of a client's frames and messages, and with which code one that breaks it is refused."""

import struct

FINAL, RESERVED, COMPRESSED, OPCODE = 0x80, 0x70, 0x40, 0x0F
"""Of the first byte of a frame."""
MASKED, SIZE = 0x80, 0x7F
"""Of the second."""
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
CONTROL = 0x8
"""The bit that the opcodes of control frames have."""
PROTOCOL_ERROR, BAD_DATA, TOO_BIG = 1002, 1007, 1009

_OPCODES = {CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG}
_CODES = frozenset({1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014})


class Violation(Exception):
    """What a client has sent cannot be taken: ``code`` closes the connection."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def check_head(first: int, second: int, *, compressing: bool, begun: bool) -> None:
    """Check the first two bytes of a frame.

    ``compressing``: whether that was agreed to; ``begun``: whether fragments of a message came before.

    Raises:
        Violation: with 1002.
    """
    fault = _fault(first, second, compressing=compressing, begun=begun)
    if fault is not None:
        raise Violation(PROTOCOL_ERROR, fault)


def _fault(first: int, second: int, *, compressing: bool, begun: bool) -> str | None:
    opcode = first & OPCODE
    allowed = COMPRESSED if compressing and opcode in {TEXT, BINARY} else 0
    if first & RESERVED & ~allowed:
        return "reserved bits"
    if opcode not in _OPCODES:
        return "unknown opcode"
    if not second & MASKED:
        return "unmasked frame"
    if opcode & CONTROL:
        return None if first & FINAL and second & SIZE <= 125 else "a control frame too long, or in fragments"
    return None if (opcode == CONTINUATION) == begun else "fragments out of order"


def check_message(opcode: int, data: bytes) -> None:
    """Check that a whole message is of its kind.

    Raises:
        Violation: text is not UTF-8, or a close frame has a code that may not be sent.
    """
    if opcode == CLOSE and data:
        if len(data) < 2 or not _may_be_sent(struct.unpack("!H", data[:2])[0]):
            raise Violation(PROTOCOL_ERROR, "bad close code")
        data = data[2:]
    if opcode in {TEXT, CLOSE}:
        try:
            data.decode()
        except UnicodeDecodeError:
            raise Violation(BAD_DATA, "not UTF-8") from None


def _may_be_sent(code: int) -> bool:
    return code in _CODES or 3000 <= code <= 4999
