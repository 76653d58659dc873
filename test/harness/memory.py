"""What connections cost a server in memory."""
import re
from pathlib import Path

import pytest


def resident_kib(server):
    status = Path(f'/proc/{server.process.pid}/status').read_text()
    return int(re.search(r'VmRSS:\s+(\d+)', status).group(1))


def skip_if_sanitized(server):
    """Memory that a sanitizer holds back says nothing of the server's own."""
    if re.search(r'lib[at]san', Path(f'/proc/{server.process.pid}/maps').read_text()):
        pytest.skip('a sanitizer holds memory back')
