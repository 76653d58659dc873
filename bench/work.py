"""What is measured: sysbench's scripts with their options, and how many times MariaDB's rate is wanted."""
from dataclasses import dataclass, field
from pathlib import Path

NO_RANGES = dict.fromkeys(('simple-ranges', 'sum-ranges', 'order-ranges', 'distinct-ranges'), 0)


def only(kind):
    """Of the read-only transaction, ten of one kind of range and nothing else."""
    return ['--point-selects=0', '--skip-trx=on',
            *(f'--{name}={10 if name == kind else 0}' for name in NO_RANGES)]


@dataclass
class Work:
    name: str
    script: str
    goal: float          # times MariaDB; of reads that have a wall, the part of the wall
    options: list = field(default_factory=list)
    has_wall: bool = False
    threads: tuple = (1, 8, 32)


TEXT = ['--db-ps-mode=disable']
WORK = [
    Work('point select', 'oltp_point_select', 0.9, has_wall=True),
    Work('point select, text', 'oltp_point_select', 0.9, TEXT, has_wall=True),
    Work('ranges of 100', 'oltp_read_only', 1.4, only('simple-ranges')),
    Work('sums over 100', 'oltp_read_only', 1.4, only('sum-ranges')),
    Work('ordered 100', 'oltp_read_only', 1.4, only('order-ranges')),
    Work('distinct of 100', 'oltp_read_only', 1.4, only('distinct-ranges')),
    Work('read only', 'oltp_read_only', 1.4),
    Work('read write', 'oltp_read_write', 2.0),
    Work('read write, text', 'oltp_read_write', 2.0, TEXT),
    Work('write only', 'oltp_write_only', 2.0),
    Work('insert', 'oltp_insert', 3.0),
    Work('update indexed', 'oltp_update_index', 2.0),
    Work('update not indexed', 'oltp_update_non_index', 2.0),
    Work('delete', 'oltp_delete', 2.0),
    Work('one hot row', str(Path(__file__).parent / 'hot_row.lua'), 2.0, threads=(32,)),
]
