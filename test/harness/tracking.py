"""session_track_gtids: the GTIDs that the server's OK carries, read from the packet (PyMySQL shows none)."""
from harness.wire import QUERY, read_lenenc, read_text

SESSION_TRACK, SESSION_STATE_CHANGED, TRACK_GTIDS = 1 << 23, 0x4000, 3


def tracked(wire, statement):
    """The GTIDs in the session state of the statement's OK; None: it has none."""
    wire.command(QUERY, statement.encode())
    packet = wire.receive()
    assert packet[0] == 0, packet
    _, at = read_lenenc(packet, 1)
    _, at = read_lenenc(packet, at)
    status = int.from_bytes(packet[at:at + 2], 'little')
    if not status & SESSION_STATE_CHANGED:
        return None
    _, at = read_text(packet, at + 4)
    state, at = read_text(packet, at)
    assert at == len(packet) and state[0] == TRACK_GTIDS
    data, _ = read_text(state, 1)
    return read_text(data, 1)[0].decode().replace('\n', '')
