"""A crash at each fault point, one at a time, of one of two masters; and whether both are whole and equal afterwards.

    sweep = Sweep(folder, seed=1)
    sweep.learn()                     # which points are passed when, and how often
    for run in sweep.plan(): sweep.crash(run)

The ways to a point: 'work' (in the middle of mixed work), 'resets' (RESET MASTER, RESET SLAVE ALL, gtid_purged on a pair at
rest), 'start' (in the start after a crash: recovery itself). Those that none of these passes are looked for in 'stop' (an
orderly end), 'cut' (a start behind a write that was torn) and 'first start' (of an empty folder), one after the other.
"""
import random
import shutil
import subprocess
from dataclasses import dataclass

import pymysql

from harness.mixed_work import LOST, MixedWork, server_options
from harness.server import Gemel
from harness.topology import (add_replication_user, executed_gtids, follow_by_gtid, wait_running, wait_same_gtids)
from harness.wait import wait_until

CRASHED = 137
LOGGED_NOT_STORED = 'commit.after_log_flush=crash'     # recovery has something to repeat
TORN = 'binlog.write=torn'
FOREIGN_GTIDS = 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa:1-{0}'
COUNTED_WAYS = ('work', 'resets', 'start')
OTHER_WAYS = ('stop', 'cut', 'first start')


def list_points():
    """The names of all fault points of the server under test."""
    server = Gemel.find_command()
    return sorted(subprocess.run([*server, '--list-faults'], capture_output=True, text=True, check=True).stdout.split())


@dataclass
class Run:
    point: str
    way: str
    victim: str        # 'a' or 'b'
    pass_number: int   # from the moment it is set
    action: str = 'crash'

    def fault(self):
        return f'{self.point}={self.action}@{self.pass_number}'

    def __str__(self):
        return f'{self.way} of {self.victim}: {self.fault()}'


class Sweep:
    def __init__(self, folder, seed=1, make=Gemel):
        """make(folder, name, **options) gives a server that is not started."""
        self.folder, self.make = folder, make
        self.random = random.Random(seed)
        self.passes = {}          # (way, server's name) -> {point: passes}
        self.resets = 0
        self.servers = {name: make(folder, name, server_id=number, **server_options(name)).start()
                        for number, name in enumerate('ab', 1)}
        a, b = self.pair = tuple(self.servers.values())
        for server in self.pair:
            add_replication_user(server)
        follow_by_gtid(a, b)
        follow_by_gtid(b, a)

    def other(self, server):
        a, b = self.pair
        return b if server is a else a

    def stop(self):
        for server in self.pair:
            server.stop()

    # ---------------------------------------------------------------- what is passed when

    def read_passes(self, server):
        return {name: int(passes) for name, passes in
                server.rows('SELECT name, passes FROM information_schema.gemel_faults WHERE passes > 0')}

    def learn(self):
        """Each way once without a crash, counting."""
        self._learn_from('work', self.pair, lambda: self._work_until(lambda work: work.rounds() > 0))
        for server in self.pair:
            self._learn_from('resets', [server], lambda server=server: self._reset_all(server))
            self._die(server, LOGGED_NOT_STORED)
            server.start(faults='*=count')
            self._settle(server)
            self.passes['start', server.name] = self.read_passes(server)
            server.execute("SET GLOBAL gemel_faults=''")

    def _learn_from(self, way, servers, act):
        for server in servers:
            server.execute("SET GLOBAL gemel_faults='*=count'")
        act()
        for server in servers:
            self.passes[way, server.name] = self.read_passes(server)
            server.execute("SET GLOBAL gemel_faults=''")

    # ---------------------------------------------------------------- which runs

    def plan(self, points):
        """One run for each point, and one more for those that a start passes, too."""
        for point in points:
            ways = [way for way in COUNTED_WAYS if any(self.passes[way, name].get(point) for name in self.servers)]
            for way in dict.fromkeys(ways[:1] + [way for way in ways if way == 'start']):
                yield self._choose(point, way)
            if not ways:
                yield self._choose(point, OTHER_WAYS[0])

    def _choose(self, point, way):
        names = [name for name in self.servers if self.passes.get((way, name), {}).get(point)] or list(self.servers)
        name = self.random.choice(names)
        passes = self.passes.get((way, name), {}).get(point, 1)
        action = 'torn' if point.endswith('.write') and self.random.random() < 0.5 else 'crash'
        # The work of two runs is never the same: the end of what was counted may not be reached again.
        return Run(point, way, name, self.random.randint(1, max(1, passes * 2 // 3)), action)

    # ---------------------------------------------------------------- one run

    def crash(self, run):
        """True if the point was reached. AssertionError if the servers are not what they should be then."""
        reached = self._crash(run)
        # Two runs are never the same: that pass did not come this time, or was the other server's.
        for victim in (run.victim, *self.servers):
            if not reached and run.way in COUNTED_WAYS:
                run.pass_number, run.victim = 1, victim
                reached = self._crash(run)
        for way in OTHER_WAYS[1:]:
            if not reached and run.way in OTHER_WAYS:
                run.way = way
                reached = self._crash(run)
        return reached

    def _crash(self, run):
        acts = {'work': self._crash_in_work, 'resets': self._crash_in_resets, 'start': self._crash_in_start,
                'cut': self._crash_in_start, 'stop': self._crash_in_stop, 'first start': self._crash_in_first_start}
        return acts[run.way](run, self.servers[run.victim])

    def _crash_in_work(self, run, victim):
        with self._checked(keeps_house=True) as work:
            work.wait_for(10)
            self._arm(victim, run)
            before = work.rounds()
            wait_until(lambda: work.problems or not victim.is_running() or work.rounds() > before + 1, f'{run}')
            return self._revive_if_dead(victim, work)

    def _crash_in_start(self, run, victim):
        with self._checked(keeps_house=False) as work:
            work.wait_for(20)
            self._die(victim, TORN if run.way == 'cut' else LOGGED_NOT_STORED)
            victim.launch(faults=run.fault())
            if not self._died_starting(victim):
                wait_until(lambda: not victim.is_running() or self._has_settled(victim), f'{run}')
            return self._revive_if_dead(victim, work)

    def _crash_in_stop(self, run, victim):
        with self._checked(keeps_house=False) as work:
            work.wait_for(20)
            self._arm(victim, run)
            victim.process.terminate()      # if it is not dead already
            code = victim.wait_end()
            assert code in (0, CRASHED), f'{run}: {victim.name} ended with {code}\n{victim.log_end()}'
            victim.start()
            work.wait_for(20)
            return code == CRASHED

    def _crash_in_resets(self, run, victim):
        """Half a reset is repeated as a whole; what the tables hold does not change."""
        with self._checked(keeps_house=False) as work:
            work.wait_for(20)
        victim.execute(f"SET GLOBAL gemel_faults='{run.fault()}'")
        reached = False
        try:
            self._reset_all(victim)
            victim.execute("SET GLOBAL gemel_faults=''")
        except (pymysql.err.MySQLError, AssertionError):
            wait_until(lambda: not victim.is_running(), f'{victim.name} to die')
            self._expect_crash(victim)
            victim.start()
            reached = True
            self._reset_all(victim)
        work.check()
        with self._checked(keeps_house=False) as work:
            work.wait_for(10)
        return reached

    def _crash_in_first_start(self, run, _):
        server = self.make(self.folder, 'fresh', server_id=9)
        server.launch(faults=run.fault())
        reached = self._died_starting(server)
        if reached:
            self._expect_crash(server)
            server.start()
        server.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)', 'INSERT INTO d.t VALUES (1)')
        server.kill()
        server.start()
        assert server.rows('SELECT * FROM d.t') == [(1,)]
        server.stop()
        shutil.rmtree(server.datadir)
        return reached

    # ---------------------------------------------------------------- steps

    class _Checked:
        """Work around a crash; at the end the servers catch up, and the books are checked."""

        def __init__(self, sweep, keeps_house):
            self.sweep = sweep
            self.work = MixedWork(*sweep.pair, seed=sweep.random.random(), keeps_house=keeps_house)

        def __enter__(self):
            self.work.prepare()
            wait_same_gtids(*self.sweep.pair, databases=[])
            return self.work.start()

        def __exit__(self, kind, error, trace):
            if kind is not None:
                self.work.is_over.set()
                return
            self.work.stop()
            self.sweep.check(self.work)

    def _checked(self, keeps_house):
        return self._Checked(self, keeps_house)

    def check(self, work):
        for server in self.pair:
            # What the housekeeper had stopped when it was interrupted; and no waiting for the next attempt to connect.
            server.execute('STOP SLAVE IO_THREAD', 'START SLAVE')
            wait_running(server)
        wait_same_gtids(*self.pair, databases=[])
        work.check()

    def _work_until(self, is_enough):
        with self._checked(keeps_house=True) as work:
            wait_until(lambda: work.problems or is_enough(work), 'a round of work')

    def _revive_if_dead(self, victim, work):
        reached = not victim.is_running() or not self._disarm(victim)
        if reached:
            self._expect_crash(victim)
            victim.start()
        work.wait_for(20)
        return reached

    def _arm(self, server, run):
        """Others are at work: it may die before it answers."""
        try:
            server.execute(f"SET GLOBAL gemel_faults='{run.fault()}'")
        except pymysql.err.MySQLError as error:
            assert error.args[0] in LOST, error

    def _disarm(self, server):
        """False if it dies before it hears of it."""
        try:
            server.execute("SET GLOBAL gemel_faults=''")
            return True
        except pymysql.err.MySQLError as error:
            assert error.args[0] in LOST, error
            return False

    def _expect_crash(self, server):
        code = server.wait_end()
        assert code == CRASHED, f'{server.name} ended with {code}, not by the fault:\n{server.log_end()}'

    def _died_starting(self, server):
        try:
            server.wait_ready()
            return False
        except AssertionError:
            if server.is_running():
                raise
            return True

    def _die(self, server, fault):
        """At the next commit."""
        try:
            server.execute(f"SET GLOBAL gemel_faults='{fault}'", 'CREATE DATABASE IF NOT EXISTS died',
                           'DROP DATABASE died')
        except pymysql.err.MySQLError as error:
            assert error.args[0] in LOST, error
        self._expect_crash(server)

    def _has_settled(self, server):
        try:
            connection = server.connect(read_timeout=10)
            with connection.cursor() as cursor:
                cursor.execute("SELECT COUNT(*) FROM performance_schema.replication_connection_status WHERE SERVICE_STATE='ON'")
                settled = cursor.fetchone()[0] > 0
            connection.close()
            return settled
        except pymysql.err.MySQLError:
            return False

    def _settle(self, server):
        wait_until(lambda: self._has_settled(server), f'{server.name} to follow again')

    def _reset_all(self, victim):
        """A pair at rest forgets its logs and GTIDs, and begins again; victim first."""
        self.resets += 1
        servers = [victim, self.other(victim)]
        for server in servers:
            server.execute('STOP SLAVE', 'RESET SLAVE ALL')
        for server in servers:
            server.execute('RESET MASTER', f"SET GLOBAL gtid_purged='{FOREIGN_GTIDS.format(self.resets + 1)}'")
        assert executed_gtids(servers[0]) == executed_gtids(servers[1])
        for server in servers:
            follow_by_gtid(server, self.other(server))
