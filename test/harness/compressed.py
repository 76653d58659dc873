"""Wire in the compressed protocol, frame by frame, with zlib or zstd."""
import ctypes
import struct
import zlib

from harness.wire import CAPABILITIES, Wire, scramble

COMPRESS, ZSTD = 0x20, 1 << 26


class Zstd:
    library = ctypes.CDLL('libzstd.so.1')
    library.ZSTD_compress.restype = library.ZSTD_decompress.restype = ctypes.c_size_t
    library.ZSTD_compress.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int]
    library.ZSTD_decompress.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]

    @classmethod
    def compress(cls, data):
        room = ctypes.create_string_buffer(len(data) + len(data) // 8 + 1024)
        size = cls.library.ZSTD_compress(room, len(room), data, len(data), 3)
        return room.raw[:size]

    @classmethod
    def decompress(cls, data, size):
        room = ctypes.create_string_buffer(size)
        got = cls.library.ZSTD_decompress(room, size, data, len(data))
        assert got == size, got
        return room.raw


class CompressedWire(Wire):
    """algorithm: zlib, zstd. Frames are counted here as the server has to count them."""

    def __init__(self, server, algorithm, level=3, frame_size=1 << 20, **more):
        self.algorithm, self.level, self.frame_size = algorithm, level, frame_size
        self.is_compressed, self.frame, self.plain = False, 0, b''
        self.frames_received = []       # (size, size before compression) each
        flag = COMPRESS if algorithm == 'zlib' else ZSTD
        super().__init__(server, capabilities=CAPABILITIES | flag, **more)
        self.is_compressed = True

    def login(self, user, password, database=None):
        answer = scramble(password, self.nonce)
        body = struct.pack('<IIB23x', self.capabilities, 1 << 24, 45) + user.encode() + b'\0'
        body += bytes([len(answer)]) + answer + b'mysql_native_password\0'
        self.send(body + (bytes([self.level]) if self.algorithm == 'zstd' else b''))
        return self._finish_login(password)

    def command(self, code, body=b''):
        self.frame = 0
        super().command(code, body)

    def send_frame(self, packed, plain_size):
        head = len(packed).to_bytes(3, 'little') + bytes([self.frame & 255]) + plain_size.to_bytes(3, 'little')
        self.frame += 1
        self.socket.sendall(head + packed)

    def send_raw(self, data):
        if not self.is_compressed:
            self.socket.sendall(data)
            return
        for at in range(0, len(data), self.frame_size):
            piece = data[at:at + self.frame_size]
            packed = zlib.compress(piece) if self.algorithm == 'zlib' else Zstd.compress(piece)
            if len(packed) < len(piece):
                self.send_frame(packed, len(piece))
            else:
                self.send_frame(piece, 0)

    def _read_frame(self):
        head = super()._read(7)
        size, plain_size = int.from_bytes(head[:3], 'little'), int.from_bytes(head[4:], 'little')
        assert head[3] == self.frame & 255, f'frame {head[3]} instead of {self.frame & 255}'
        self.frame += 1
        self.frames_received.append((size, plain_size))
        packed = super()._read(size)
        if plain_size == 0:
            return packed
        plain = zlib.decompress(packed) if self.algorithm == 'zlib' else Zstd.decompress(packed, plain_size)
        assert len(plain) == plain_size
        return plain

    def _read(self, size):
        if not self.is_compressed:
            return super()._read(size)
        while len(self.plain) < size:
            self.plain += self._read_frame()
        data, self.plain = self.plain[:size], self.plain[size:]
        return data
