"""kill -9 at random moments: of one server or of several at once, and some of them while they still start."""
import threading

PAUSE_SECONDS = 2.0      # before a kill, at most
IN_START = 0.25          # of the kills: again, before the server is ready
BOTH = 0.1


class Killer:

    def __init__(self, servers, chance):
        self.servers, self.chance = servers, chance
        self.kills = 0
        self.pause = threading.Event()

    def kill(self, server):
        server.kill()
        self.kills += 1

    def start(self, server):
        """Perhaps dies on its way, in recovery or wherever it is."""
        while self.chance.random() < IN_START:
            server.launch()
            self.pause.wait(self.chance.uniform(0.0, 0.3))
            self.kill(server)
        server.start()

    def strike(self):
        """One of them, or both at once; they are there again afterwards."""
        self.pause.wait(self.chance.uniform(0.0, PAUSE_SECONDS))
        victims = self.servers if self.chance.random() < BOTH else [self.chance.choice(self.servers)]
        for victim in victims:
            self.kill(victim)
        for victim in victims:
            self.start(victim)
