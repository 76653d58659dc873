"""What replicas do: how fast they apply, how soon they show a commit, whether they keep up, and many of one source.

    [REPLICATION_WORK=apply,visible,keep_up,fan_out]    each is a module here
"""
import importlib

from settings import names

TITLE = 'Replication'


def run():
    for name in names('REPLICATION_WORK', 'apply,visible,keep_up,fan_out'):
        yield from importlib.import_module(name).run()
