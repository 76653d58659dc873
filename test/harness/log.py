"""A server's binary log as stock mariadb-binlog prints it."""
import re
import subprocess


def run_mariadb_binlog(*arguments, check=True):
    run = subprocess.run(['mariadb-binlog', '--no-defaults', *map(str, arguments)], capture_output=True, timeout=60)
    errors = run.stderr.decode(errors='replace')
    if check:
        assert run.returncode == 0 and 'ERROR' not in errors and 'WARNING' not in errors, errors
    return run.stdout.decode(errors='replace')


def log_names(server):
    return [row[0] for row in server.rows('SHOW BINARY LOGS')]


def log_paths(server):
    return [server.datadir / name for name in log_names(server)]


def logged_rows(server, start):
    """
    Rows in the last log file from a position on: "INSERT d.t @1=1 @2='x'", "UPDATE d.t @1=1 -> @2='y'", "DELETE d.t @1=1".
    """
    text = run_mariadb_binlog('-v', '--base64-output=decode-rows', f'--start-position={start}', log_paths(server)[-1])
    rows = []
    for line in re.findall(r'^### (.*?)(?: /\*.*)?$', text, re.MULTILINE):
        head = re.match(r'(INSERT INTO|UPDATE|DELETE FROM) `(\w+)`\.`(\w+)`', line)
        if head:
            rows.append(f'{head[1].split()[0]} {head[2]}.{head[3]}')
        elif line.strip() == 'SET' and rows[-1].startswith('UPDATE'):
            rows[-1] += ' ->'
        elif line.strip() not in ('SET', 'WHERE'):
            rows[-1] += ' ' + line.strip()
    return rows
