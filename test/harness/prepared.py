"""Prepared statements over harness.wire: parameters of every type out, binary rows in."""
import struct
from dataclasses import dataclass

from harness import wire

DECIMAL, TINY, SHORT, LONG, FLOAT, DOUBLE, NULL, TIMESTAMP, LONGLONG, INT24 = range(10)
DATE, TIME, DATETIME, YEAR = 10, 11, 12, 13
JSON, NEWDECIMAL, BLOB, VAR_STRING, STRING = 245, 246, 252, 253, 254
UNSIGNED = 0x20

NUMBERS = {TINY: 'b', SHORT: 'h', YEAR: 'H', LONG: 'i', INT24: 'i', LONGLONG: 'q', FLOAT: 'f', DOUBLE: 'd'}


@dataclass
class Parameter:
    """type: one of the numbers above; value: None, a number, bytes, or the parts of a date or time."""
    type: int
    value: object
    is_unsigned: bool = False
    is_long_data: bool = False   # its bytes were sent before

    def encode(self):
        if self.type in NUMBERS:
            letter = NUMBERS[self.type].upper() if self.is_unsigned else NUMBERS[self.type]
            return struct.pack('<' + letter, self.value)
        if self.type in (DATE, DATETIME, TIMESTAMP):
            return encode_date(*self.value)
        if self.type == TIME:
            return encode_time(*self.value)
        return wire.lenenc(len(self.value)) + self.value


def encode_date(*parts):
    """year, month, day[, hour, minute, second[, microsecond]]"""
    data = struct.pack('<HBB', *parts[:3]) if parts else b''
    data += struct.pack('<BBB', *parts[3:6]) if len(parts) > 3 else b''
    data += struct.pack('<I', parts[6]) if len(parts) > 6 else b''
    return bytes([len(data)]) + data


def encode_time(*parts):
    """is_negative, days, hour, minute, second[, microsecond]"""
    data = struct.pack('<BIBBB', *parts[:5]) if parts else b''
    data += struct.pack('<I', parts[5]) if len(parts) > 5 else b''
    return bytes([len(data)]) + data


@dataclass
class Statement:
    connection: wire.Wire
    id: int
    parameters: list
    columns: list

    def execute(self, *parameters, cursor=0, new_types=True):
        nulls = bytearray((len(parameters) + 7) // 8)
        types = values = b''
        for at, parameter in enumerate(parameters):
            types += bytes([parameter.type, 0x80 if parameter.is_unsigned else 0])
            if parameter.value is None and not parameter.is_long_data:
                nulls[at // 8] |= 1 << at % 8
            elif not parameter.is_long_data:
                values += parameter.encode()
        body = struct.pack('<IBI', self.id, cursor, 1)
        if parameters:
            body += bytes(nulls) + bytes([new_types]) + (types if new_types else b'') + values
        self.connection.command(wire.EXECUTE, body)
        return self.connection.read_result(parse_binary_row)

    def send_long_data(self, number, data):
        self.connection.command(wire.LONG_DATA, struct.pack('<IH', self.id, number) + data)

    def fetch(self, count):
        self.connection.command(wire.FETCH, struct.pack('<II', self.id, count))
        return self.connection.read_rows(wire.Result(self.columns), parse_binary_row)

    def reset(self):
        self.connection.command(wire.RESET, struct.pack('<I', self.id))
        return self.connection.read_ok()

    def close(self):
        self.connection.command(wire.CLOSE, struct.pack('<I', self.id))


def prepare(connection, text):
    connection.command(wire.PREPARE, text.encode())
    packet = connection.receive()
    if packet[0] == 0xff:
        raise wire.ServerError(packet)
    number, columns, parameters = struct.unpack_from('<IHH', packet, 1)
    described = []
    for count in (parameters, columns):
        described.append(connection.read_columns(count))
        if count:
            connection._read_eof()
    return Statement(connection, number, *described)


def parse_binary_row(packet, columns):
    assert packet[0] == 0
    at = 1 + (len(columns) + 9) // 8
    row = []
    for number, column in enumerate(columns):
        if packet[1 + (number + 2) // 8] >> (number + 2) % 8 & 1:
            row.append(None)
            continue
        value, at = parse_value(packet, at, column)
        row.append(value)
    assert at == len(packet)
    return tuple(row)


def parse_value(packet, at, column):
    if column.type in NUMBERS:
        letter = NUMBERS[column.type]
        letter = letter.upper() if column.flags & UNSIGNED and letter not in 'fd' else letter
        return struct.unpack_from('<' + letter, packet, at)[0], at + struct.calcsize(letter)
    if column.type in (DATE, DATETIME, TIMESTAMP):
        return parse_parts(packet, at, '<HBB', 'BBB', 'I')
    if column.type == TIME:
        return parse_parts(packet, at, '<BIBBB', 'I')
    return wire.read_text(packet, at)


def parse_parts(packet, at, *formats):
    size, form = packet[at], formats[0]
    for more in formats[1:]:
        if struct.calcsize(form) < size:
            form += more
    return (struct.unpack_from(form, packet, at + 1) if size else ()), at + 1 + size
