"""The stock client held open, as a person holds it in a terminal: one statement, its printed answer, the next."""
import queue
import subprocess
import threading

ANSWER_SECONDS = 60


class ClientSession:
    def __init__(self, server, *arguments, user='root'):
        command = ['mariadb', f'--defaults-file={server.option_file}', '-u', user, '--table', '--unbuffered',
                   '--force', *arguments]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, bufsize=1)
        self.lines = queue.Queue()
        self.count = 0
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip('\n'))
        self.lines.put(None)

    def run(self, text):
        """Sends statements; returns the lines printed until the client has come behind them."""
        self.count += 1
        mark = f'answered {self.count}'
        self.process.stdin.write(f'{text}\nSELECT \'{mark}\' AS mark;\n')
        printed = []
        while True:
            try:
                line = self.lines.get(timeout=ANSWER_SECONDS)
            except queue.Empty:
                raise AssertionError(f'no answer to {text!r}; printed so far: {printed}') from None
            if line is None:
                raise AssertionError(f'the client ended at {text!r}: {printed}')
            if line.strip('| ') == mark:
                return printed[:-3]  # without the head of the mark's own table
            printed.append(line)

    def quit(self):
        self.process.stdin.close()
        self.process.wait(ANSWER_SECONDS)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.quit()


def parse_table(lines):
    """[{column: text}] of the first table that the client drew."""
    drawn = [line for line in lines if line.startswith('|')]
    cells = [[cell.strip() for cell in line.strip('|').split('|')] for line in drawn]
    return [dict(zip(cells[0], row)) for row in cells[1:] if len(row) == len(cells[0])]
