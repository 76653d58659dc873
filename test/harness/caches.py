"""Which caches a server has, and whatever else makes it faster and changes no answer."""
import re
import subprocess


def options_without_caches(program):
    """All of them off: {name: 0}. They are the options named gemel-...-cache, with or without a unit behind,
    gemel-...-pushdown, gemel-direct-reads and gemel-stages."""
    text = subprocess.run([program, '--help'], check=True, capture_output=True, text=True).stdout
    names = re.findall(r'^ +--(gemel-(?:\w+-(?:cache(?:-\w+)?|pushdown)|direct-reads|stages))=', text, re.MULTILINE)
    assert names, 'the server names no caches'
    return dict.fromkeys(names, 0)
