"""A terminal with the stock client in it, as the tutorials' listings show one: a statement, then what was printed."""
import re

from harness.client_session import ClientSession


class Terminal(ClientSession):
    def __init__(self, server, *arguments, database='test'):
        super().__init__(server, '-vv', *arguments, database)

    def type(self, text):
        """Sends a statement as it stands; returns what was printed for it, without its echo and empty lines, errors last."""
        lines = self.run(text)[:-4]     # without the echo of the session's own mark, and the end of the last one's table
        printed, in_echo = [], False
        for line in lines[lines.index('-' * 14):]:
            if line == '-' * 14:
                in_echo = not in_echo
            elif line and not in_echo and not line.startswith('ERROR '):
                printed.append(line)
        return printed + [line for line in lines if line.startswith('ERROR ')]

    def ok(self, text, answer='Query OK, 0 rows affected'):
        """This is the answer, as the tutorial has it, but for the seconds."""
        printed = self.type(text)
        assert answer in printed and not any(line.startswith('ERROR') for line in printed), printed

    def refused(self, text):
        """The number of the error that it ends with."""
        printed = self.type(text)
        found = re.match(r'ERROR (\d+) ', printed[-1] if printed else '')
        assert found, printed
        return int(found.group(1))

    def table(self, text, head, answer=None):
        """The rows of the table that is drawn. Its head begins with the tutorial's; MySQL 8 has a column more in some."""
        printed = self.type(text)
        assert not printed[0].startswith('ERROR'), printed
        drawn = [[cell.strip() for cell in line.strip('|').split('|')] for line in printed if line.startswith('|')]
        assert drawn and drawn[0][:len(head)] == head, printed
        assert printed[0].startswith('+-') and re.fullmatch(answer or r'\d+ rows? in set', printed[-1]), printed
        return [dict(zip(drawn[0], row)) for row in drawn[1:]]

    def vertical(self, text):
        """The rows of a \\G listing, names and values, in their order."""
        rows = []
        for line in self.type(text):
            if re.fullmatch(r'\*{20,} \d+\. row \*{20,}', line):
                rows.append({})
            elif ': ' in line or line.endswith(':'):
                name, _, value = line.partition(':')
                rows[-1][name.strip()] = value.strip()
        return rows
