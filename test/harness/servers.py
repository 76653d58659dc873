"""The servers of one test, or of one file of tests: they end together."""
import os

import pytest

from harness import mysql56
from harness.forgetful import Forgetful, LosesPower
from harness.server import Gemel, Mariadb

KINDS = {'gemel': Gemel, 'forgetful': Forgetful, 'loses_power': LosesPower, 'mariadb': Mariadb, 'mysql56': mysql56.Mysql56}


class Servers(list):
    def __init__(self, folder):
        super().__init__()
        self.folder = folder

    def make(self, name='a', kind='gemel', start=True, **options):
        """Their server ids count from 1."""
        kind = os.environ.get('GEMEL_TEST_INSTEAD', kind)
        if kind == 'mysql56' and not mysql56.is_installed():
            pytest.skip('MySQL 5.6 is not installed: tools/install-mysql56')
        options.setdefault('server_id', len(self) + 1)
        server = KINDS[kind](self.folder, name, **options)
        self.append(server)
        return server.start() if start else server

    def stop_all(self):
        """Each must stop cleanly, and none is left over, whatever becomes of the others. Those that are dead already must
        not have died of themselves."""
        problems = [problem for problem in map(self._stop, self) if problem]
        assert not problems, '\n'.join(problems)

    @staticmethod
    def _stop(server):
        try:
            server.stop()
            server.check_reports()
        except Exception as error:  # noqa: BLE001 (the others are still to be stopped)
            if server.process is not None:
                server.kill()
            return str(error)
        return None
