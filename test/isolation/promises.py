"""What each level lets through, as docs/isolation.md tells it: a random run may show nothing else."""

SKEWS = {'fuzzy read', 'G-single', 'lost update', 'G2-item', 'G2'}
PHANTOMS = SKEWS - {'G2-item'}      # rows that are there are locked; what is not there yet is not
DIRTY = {'dirty read', 'G1a', 'G1b', 'G1c'}
SHARE, UPDATE = 'LOCK IN SHARE MODE', 'FOR UPDATE'

# (level, how it reads, shape) -> anomalies; without a shape: in both
GEMEL = {
    ('READ UNCOMMITTED', ''): SKEWS,
    ('READ COMMITTED', ''): SKEWS,
    ('REPEATABLE READ', '', 'list'): SKEWS,
    ('REPEATABLE READ', '', 'set'): {'G2'},
    ('REPEATABLE READ', SHARE): PHANTOMS,
    ('REPEATABLE READ', UPDATE): PHANTOMS,
    ('SERIALIZABLE', ''): set(),
}
INNODB = {
    **GEMEL,
    ('READ UNCOMMITTED', ''): SKEWS | DIRTY,
    ('REPEATABLE READ', SHARE): set(),
    ('REPEATABLE READ', UPDATE): set(),
}


def allowed(promises, level, style, shape):
    return promises[level, style] if (level, style) in promises else promises[level, style, shape]
