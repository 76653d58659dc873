"""A client that speaks the protocol byte by byte: for what PyMySQL has no words for, and for what it would never send."""
import hashlib
import socket
import struct
from dataclasses import dataclass, field

QUIT, INIT_DB, QUERY, FIELD_LIST, STATISTICS = 0x01, 0x02, 0x03, 0x04, 0x09
PROCESS_INFO, PROCESS_KILL, PING, CHANGE_USER = 0x0a, 0x0c, 0x0e, 0x11
BINLOG_DUMP, REGISTER_SLAVE = 0x12, 0x15
PREPARE, EXECUTE, LONG_DATA, CLOSE, RESET, SET_OPTION, FETCH = 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c
RESET_CONNECTION = 0x1f

LONG_PASSWORD, FOUND_ROWS, CONNECT_WITH_DB, PROTOCOL_41, TRANSACTIONS = 1, 2, 8, 0x200, 0x2000
SECURE_CONNECTION, MULTI_STATEMENTS, MULTI_RESULTS, PS_MULTI_RESULTS, PLUGIN_AUTH = (
    0x8000, 0x10000, 0x20000, 0x40000, 0x80000)
CAPABILITIES = (LONG_PASSWORD | PROTOCOL_41 | TRANSACTIONS | SECURE_CONNECTION | MULTI_STATEMENTS | MULTI_RESULTS |
                PS_MULTI_RESULTS | PLUGIN_AUTH)

MORE_RESULTS, CURSOR_EXISTS, LAST_ROW_SENT = 0x0008, 0x0040, 0x0080


class ServerError(Exception):
    def __init__(self, packet):
        self.number = struct.unpack_from('<H', packet, 1)[0]
        self.state = packet[4:9].decode() if packet[3:4] == b'#' else ''
        self.message = packet[9 if self.state else 3:].decode(errors='replace')
        super().__init__(f'{self.number} ({self.state}): {self.message}')


@dataclass
class Ok:
    affected: int
    insert_id: int
    status: int
    warnings: int


@dataclass
class Column:
    database: str
    table: str
    name: str
    charset: int
    length: int
    type: int
    flags: int
    decimals: int


@dataclass
class Result:
    columns: list
    rows: list = field(default_factory=list)
    status: int = 0
    warnings: int = 0


def read_lenenc(packet, at):
    first = packet[at]
    if first < 0xfb:
        return first, at + 1
    size = {0xfc: 2, 0xfd: 3, 0xfe: 8}[first]
    return int.from_bytes(packet[at + 1:at + 1 + size], 'little'), at + 1 + size


def read_text(packet, at):
    size, at = read_lenenc(packet, at)
    return packet[at:at + size], at + size


def lenenc(number):
    if number < 0xfb:
        return bytes([number])
    for mark, size in ((0xfc, 2), (0xfd, 3), (0xfe, 8)):
        if number < 1 << 8 * size:
            return bytes([mark]) + number.to_bytes(size, 'little')
    raise ValueError(number)


def scramble(password, nonce):
    if not password:
        return b''
    once = hashlib.sha1(password.encode()).digest()
    mask = hashlib.sha1(nonce + hashlib.sha1(once).digest()).digest()
    return bytes(a ^ b for a, b in zip(once, mask))


class Wire:
    def __init__(self, server, user='root', password='', database=None, capabilities=CAPABILITIES, login=True):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(str(server.socket))
        self.sequence = 0
        self.capabilities = capabilities | (CONNECT_WITH_DB if database else 0)
        self.greeting = self.receive()
        self._read_greeting()
        if login:
            self.login(user, password, database)

    def _read_greeting(self):
        if self.greeting[0] == 0xff:
            raise ServerError(self.greeting)
        end = self.greeting.index(0, 1)
        self.version = self.greeting[1:end].decode()
        self.thread_id = struct.unpack_from('<I', self.greeting, end + 1)[0]
        self.nonce = self.greeting[end + 5:end + 13] + self.greeting[end + 32:end + 44]

    def login(self, user, password, database=None):
        answer = scramble(password, self.nonce)
        body = struct.pack('<IIB23x', self.capabilities, 1 << 24, 45) + user.encode() + b'\0'
        body += bytes([len(answer)]) + answer
        body += (database.encode() + b'\0') if database else b''
        self.send(body + b'mysql_native_password\0')
        return self._finish_login(password)

    def change_user(self, user, password, database=''):
        answer = scramble(password, self.nonce)
        self.command(CHANGE_USER, user.encode() + b'\0' + bytes([len(answer)]) + answer + database.encode() + b'\0' +
                     struct.pack('<H', 45) + b'mysql_native_password\0')
        return self._finish_login(password)

    def _finish_login(self, password):
        """The server may ask again, with another nonce."""
        packet = self.receive()
        if packet[0] == 0xfe:
            self.nonce = packet[packet.index(0) + 1:][:20]
            self.send(scramble(password, self.nonce))
            packet = self.receive()
        if packet[0] == 0xff:
            raise ServerError(packet)
        return self._parse_ok(packet)

    # ---------------------------------------------------------------- packets

    def send_raw(self, data):
        self.socket.sendall(data)

    def send(self, payload):
        """In pieces of 16 MB - 1, the last of them shorter, even if empty."""
        while True:
            piece, payload = payload[:0xffffff], payload[0xffffff:]
            self.send_raw(len(piece).to_bytes(3, 'little') + bytes([self.sequence & 255]) + piece)
            self.sequence += 1
            if len(piece) < 0xffffff:
                return

    def _read(self, size):
        data = bytearray()
        while len(data) < size:
            piece = self.socket.recv(min(size - len(data), 1 << 20))
            if not piece:
                raise EOFError('the server closed the connection')
            data += piece
        return bytes(data)

    def receive(self):
        payload = bytearray()
        while True:
            head = self._read(4)
            size = int.from_bytes(head[:3], 'little')
            self.sequence = head[3] + 1
            payload += self._read(size)
            if size < 0xffffff:
                return bytes(payload)

    def command(self, code, body=b''):
        self.sequence = 0
        self.send(bytes([code]) + body)

    # ---------------------------------------------------------------- answers

    def read_ok(self):
        packet = self.receive()
        if packet[0] == 0xff:
            raise ServerError(packet)
        assert packet[0] == 0, packet[:40]
        return self._parse_ok(packet)

    @staticmethod
    def _parse_ok(packet):
        affected, at = read_lenenc(packet, 1)
        insert_id, at = read_lenenc(packet, at)
        return Ok(affected, insert_id, *struct.unpack_from('<HH', packet, at))

    @staticmethod
    def _parse_column(packet):
        at, texts = 0, []
        for _ in range(6):
            text, at = read_text(packet, at)
            texts.append(text.decode())
        charset, length, kind, flags, decimals = struct.unpack_from('<HIBHB', packet, at + 1)
        return Column(texts[1], texts[2], texts[4], charset, length, kind, flags, decimals)

    def _is_eof(self, packet):
        return packet[0] == 0xfe and len(packet) < 9

    def _read_eof(self):
        packet = self.receive()
        assert self._is_eof(packet), packet[:40]
        return struct.unpack_from('<HH', packet, 1)

    def read_columns(self, count):
        return [self._parse_column(self.receive()) for _ in range(count)]

    def read_rows(self, result, parse):
        while True:
            packet = self.receive()
            if packet[0] == 0xff:
                raise ServerError(packet)
            if self._is_eof(packet):
                result.warnings, result.status = struct.unpack_from('<HH', packet, 1)
                return result
            result.rows.append(parse(packet, result.columns))

    def read_result(self, parse=None):
        packet = self.receive()
        if packet[0] == 0xff:
            raise ServerError(packet)
        if packet[0] == 0:
            return self._parse_ok(packet)
        result = Result(self.read_columns(read_lenenc(packet, 0)[0]))
        result.warnings, result.status = self._read_eof()
        if result.status & CURSOR_EXISTS:
            return result
        return self.read_rows(result, parse or parse_text_row)

    def query(self, text):
        self.command(QUERY, text.encode())
        return self.read_result()

    def query_all(self, text):
        """All results of several statements in one packet."""
        results = [self.query(text)]
        while results[-1].status & MORE_RESULTS:
            results.append(self.read_result())
        return results

    def close(self):
        self.socket.close()


def parse_text_row(packet, columns):
    row, at = [], 0
    for _ in columns:
        if packet[at] == 0xfb:
            row.append(None)
            at += 1
        else:
            text, at = read_text(packet, at)
            row.append(text)
    return tuple(row)
