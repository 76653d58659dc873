"""The two sets of files that the first tutorial is run with: our own, and the original ones where they are at hand."""
import os
import re
from dataclasses import dataclass
from pathlib import Path

from harness.server import ROOT

OURS = Path(__file__).parent / 'files'
ORIGINALS = Path(os.environ.get('GEMEL_TUTORIALS', ROOT.parent / 'shared/tutorials')) / '1-melo-2008-files'


@dataclass(frozen=True)
class Material:
    name: str
    files: Path
    folders: dict           # regular expression in the option files -> place below the test's folder
    database: str
    user: str
    password: str
    user_sql: str
    schema_sql: str
    rows_sql: str
    log_name: str           # of server 1's log
    third_person: str       # the tutorial's first row after the replica was set up
    third_person_found: str
    text_column: tuple      # table and column that became MEDIUMTEXT
    tables: dict            # table -> (insert with {key}, update, delete, select that shows the row)


OUR_TABLES = {
    'bulletin': ("INSERT INTO bulletin (topic, sender, headline, message) VALUES ('t', 'sender {key}', 'h', 'm')",
                 "UPDATE bulletin SET message='changed' WHERE sender='sender {key}'",
                 "DELETE FROM bulletin WHERE sender='sender {key}'",
                 "SELECT message FROM bulletin WHERE sender='sender {key}'"),
    'parcel': ("INSERT INTO parcel (content) VALUES ('content {key}')",
               "UPDATE parcel SET content='changed {key}' WHERE content='content {key}'",
               "DELETE FROM parcel WHERE content='changed {key}'",
               "SELECT content FROM parcel WHERE content LIKE '% {key}'"),
    'person': ("INSERT INTO person (pid, name) VALUES ({key}, 'person {key}')",
               "UPDATE person SET name='changed {key}' WHERE pid={key}",
               "DELETE FROM person WHERE pid={key}",
               "SELECT name FROM person WHERE pid={key}"),
    'folder': ("INSERT INTO folder (fid, parent_fid, pid, title) VALUES ({key}, 1, 1, 'folder {key}')",
               "UPDATE folder SET parent_fid=NULL, title='changed {key}' WHERE fid={key}",
               "DELETE FROM folder WHERE fid={key}",
               "SELECT title FROM folder WHERE fid={key}"),
    'setting': ("INSERT INTO setting (fid, pid, word, value) VALUES (NULL, 2, 'word {key}', 'v')",
                "UPDATE setting SET value='changed' WHERE word='word {key}'",
                "DELETE FROM setting WHERE word='word {key}'",
                "SELECT value FROM setting WHERE word='word {key}'"),
}

THEIR_TABLES = {
    'short_news': ("INSERT INTO short_news (news_type, author, subject, body) VALUES ('t', 'author {key}', 's', 'b')",
                   "UPDATE short_news SET body='changed' WHERE author='author {key}'",
                   "DELETE FROM short_news WHERE author='author {key}'",
                   "SELECT body FROM short_news WHERE author='author {key}'"),
    'xmpp_stanza': ("INSERT INTO xmpp_stanza (stanza) VALUES ('stanza {key}')",
                    "UPDATE xmpp_stanza SET stanza='changed {key}' WHERE stanza='stanza {key}'",
                    "DELETE FROM xmpp_stanza WHERE stanza='changed {key}'",
                    "SELECT stanza FROM xmpp_stanza WHERE stanza LIKE '% {key}'"),
    'tig_users': ("INSERT INTO tig_users (uid, user_id) VALUES ({key}, 'user {key}')",
                  "UPDATE tig_users SET user_id='changed {key}' WHERE uid={key}",
                  "DELETE FROM tig_users WHERE uid={key}",
                  "SELECT user_id FROM tig_users WHERE uid={key}"),
    'tig_nodes': ("INSERT INTO tig_nodes (nid, parent_nid, uid, node) VALUES ({key}, 1, 1, 'node {key}')",
                  "UPDATE tig_nodes SET parent_nid=NULL, node='changed {key}' WHERE nid={key}",
                  "DELETE FROM tig_nodes WHERE nid={key}",
                  "SELECT node FROM tig_nodes WHERE nid={key}"),
    'tig_pairs': ("INSERT INTO tig_pairs (nid, uid, pkey, pval) VALUES (NULL, 2, 'key {key}', 'v')",
                  "UPDATE tig_pairs SET pval='changed' WHERE pkey='key {key}'",
                  "DELETE FROM tig_pairs WHERE pkey='key {key}'",
                  "SELECT pval FROM tig_pairs WHERE pkey='key {key}'"),
}

MATERIALS = [
    Material('ours', OURS, {'/srv/pair': ''}, 'archive', 'repl_pair', 'keep-in-step', 'sql/replication-user.sql',
             'sql/schema.sql', 'sql/rows.sql', 'server-1-bin',
             "INSERT INTO person (pid, name) VALUES (3, 'edith')", "SELECT name FROM person WHERE pid = 3",
             ('setting', 'value'), OUR_TABLES),
    Material('original', ORIGINALS, {'/usr/local/mysql': '', '/tmp/server-': '/tmp-', '/tmp/mysql-': '/mysql-'},
             'tigasedb', 'repl_tig', 'pray4sync', 'sql/repl_user.sql', 'sql/tigase-mysql-schema.sql',
             'sql/test-data-1.sql', 'mysql-server-1-bin',
             "INSERT INTO tig_users (uid, user_id) VALUES (3, 'user3')", "SELECT user_id FROM tig_users WHERE uid = 3",
             ('tig_pairs', 'pval'), THEIR_TABLES),
]


def place_option_files(material, folder, ports):
    """Copies of the option files with the folders and the ports of this run, and nothing else changed."""
    words = {**{re.escape(place): f'{folder}{to}' for place, to in material.folders.items()},
             **{str(7000 + number): str(port) for number, port in ports.items()}}
    pattern = re.compile('|'.join(f'({word})' for word in words))
    values = list(words.values())
    placed = []
    for number in (1, 2):
        text = (material.files / f'etc/server-{number}.cnf').read_text()
        path = folder / f'server-{number}.cnf'
        path.write_text(pattern.sub(lambda match: values[match.lastindex - 1], text))
        (folder / f'tmp-{number}').mkdir()
        placed.append(path)
    return placed
