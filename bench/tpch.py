"""A set of tables and questions in the manner of TPC-H, small: who ordered which parts of whom, when and for how much.

Rows are made by a fixed seed, four lines an order on average, and written as files that LOAD DATA reads."""
import datetime
import random

SEED = 3
SEGMENTS = ('AUTOMOBILE', 'BUILDING', 'FURNITURE', 'MACHINERY', 'HOUSEHOLD')
PRIORITIES = ('1-URGENT', '2-HIGH', '3-MEDIUM', '4-NOT SPECIFIED', '5-LOW')
MODES = ('REG AIR', 'AIR', 'RAIL', 'SHIP', 'TRUCK', 'MAIL', 'FOB')
FIRST_DAY = datetime.date(1992, 1, 1)
DAYS = 2400

TABLES = {
    'region': 'r_regionkey INT PRIMARY KEY, r_name CHAR(25)',
    'nation': 'n_nationkey INT PRIMARY KEY, n_name CHAR(25), n_regionkey INT',
    'supplier': 's_suppkey INT PRIMARY KEY, s_name CHAR(25), s_nationkey INT, s_acctbal DECIMAL(15,2), KEY (s_nationkey)',
    'customer': 'c_custkey INT PRIMARY KEY, c_name VARCHAR(25), c_nationkey INT, c_phone CHAR(15), '
                'c_acctbal DECIMAL(15,2), c_mktsegment CHAR(10), KEY (c_nationkey)',
    'part': 'p_partkey INT PRIMARY KEY, p_name VARCHAR(55), p_brand CHAR(10), p_type VARCHAR(25), p_size INT, '
            'p_retailprice DECIMAL(15,2)',
    'orders': 'o_orderkey INT PRIMARY KEY, o_custkey INT, o_orderstatus CHAR(1), o_totalprice DECIMAL(15,2), '
              'o_orderdate DATE, o_orderpriority CHAR(15), o_comment VARCHAR(79), KEY (o_custkey), KEY (o_orderdate)',
    'lineitem': 'l_orderkey INT, l_partkey INT, l_suppkey INT, l_linenumber INT, l_quantity DECIMAL(15,2), '
                'l_extendedprice DECIMAL(15,2), l_discount DECIMAL(15,2), l_tax DECIMAL(15,2), l_returnflag CHAR(1), '
                'l_linestatus CHAR(1), l_shipdate DATE, l_commitdate DATE, l_receiptdate DATE, l_shipinstruct CHAR(25), '
                'l_shipmode CHAR(10), l_comment VARCHAR(44), PRIMARY KEY (l_orderkey, l_linenumber), '
                'KEY (l_partkey, l_suppkey), KEY (l_shipdate)',
}

REVENUE = 'SUM(l_extendedprice * (1 - l_discount))'
QUERIES = {
    'sums by group (1)':
        'SELECT l_returnflag, l_linestatus, SUM(l_quantity), SUM(l_extendedprice), ' + REVENUE + ', '
        'SUM(l_extendedprice * (1 - l_discount) * (1 + l_tax)), AVG(l_quantity), AVG(l_discount), COUNT(*) '
        "FROM lineitem WHERE l_shipdate <= '1998-06-02' GROUP BY 1, 2 ORDER BY 1, 2",
    'three tables, ten best (3)':
        'SELECT l_orderkey, ' + REVENUE + ' revenue, o_orderdate FROM customer, orders, lineitem '
        "WHERE c_mktsegment = 'BUILDING' AND c_custkey = o_custkey AND l_orderkey = o_orderkey "
        "AND o_orderdate < '1995-03-15' AND l_shipdate > '1995-03-15' "
        'GROUP BY l_orderkey, o_orderdate ORDER BY revenue DESC, l_orderkey LIMIT 10',
    'EXISTS (4)':
        "SELECT o_orderpriority, COUNT(*) FROM orders WHERE o_orderdate >= '1993-07-01' AND o_orderdate < '1993-10-01' "
        'AND EXISTS (SELECT * FROM lineitem WHERE l_orderkey = o_orderkey AND l_commitdate < l_receiptdate) '
        'GROUP BY 1 ORDER BY 1',
    'six tables (5)':
        'SELECT n_name, ' + REVENUE + ' revenue FROM customer, orders, lineitem, supplier, nation, region '
        'WHERE c_custkey = o_custkey AND l_orderkey = o_orderkey AND l_suppkey = s_suppkey '
        'AND c_nationkey = s_nationkey AND s_nationkey = n_nationkey AND n_regionkey = r_regionkey '
        "AND r_name = 'REGION2' AND o_orderdate >= '1994-01-01' AND o_orderdate < '1995-01-01' "
        'GROUP BY n_name ORDER BY revenue DESC',
    'one sum of few rows (6)':
        "SELECT SUM(l_extendedprice * l_discount) FROM lineitem WHERE l_shipdate >= '1994-01-01' "
        "AND l_shipdate < '1995-01-01' AND l_discount BETWEEN 0.05 AND 0.07 AND l_quantity < 24",
    'four tables, twenty best (10)':
        'SELECT c_custkey, c_name, ' + REVENUE + ' revenue, c_acctbal, n_name FROM customer, orders, lineitem, nation '
        "WHERE c_custkey = o_custkey AND l_orderkey = o_orderkey AND o_orderdate >= '1993-10-01' "
        "AND o_orderdate < '1994-01-01' AND l_returnflag = 'R' AND c_nationkey = n_nationkey "
        'GROUP BY c_custkey, c_name, c_acctbal, n_name ORDER BY revenue DESC, c_custkey LIMIT 20',
    'CASE over a join (12)':
        "SELECT l_shipmode, SUM(CASE WHEN o_orderpriority IN ('1-URGENT', '2-HIGH') THEN 1 ELSE 0 END) "
        "FROM orders, lineitem WHERE o_orderkey = l_orderkey AND l_shipmode IN ('MAIL', 'SHIP') "
        'AND l_commitdate < l_receiptdate AND l_shipdate < l_commitdate '
        "AND l_receiptdate >= '1994-01-01' AND l_receiptdate < '1995-01-01' GROUP BY 1 ORDER BY 1",
    'outer join, grouped twice (13)':
        'SELECT c_count, COUNT(*) customers FROM (SELECT c_custkey, COUNT(o_orderkey) c_count '
        "FROM customer LEFT JOIN orders ON c_custkey = o_custkey AND o_comment NOT LIKE '%special%requests%' "
        'GROUP BY c_custkey) counts GROUP BY c_count ORDER BY customers DESC, c_count DESC',
    'share of a month (14)':
        "SELECT 100.00 * SUM(CASE WHEN p_type LIKE 'PROMO%' THEN l_extendedprice * (1 - l_discount) ELSE 0 END) / "
        + REVENUE + " FROM lineitem, part WHERE l_partkey = p_partkey AND l_shipdate >= '1995-09-01' "
        "AND l_shipdate < '1995-10-01'",
    'correlated average (17)':
        "SELECT SUM(l_extendedprice) / 7.0 FROM lineitem, part WHERE p_partkey = l_partkey AND p_brand = 'Brand#23' "
        'AND l_quantity < (SELECT 0.2 * AVG(l_quantity) FROM lineitem WHERE l_partkey = p_partkey)',
    'IN a grouped query (18)':
        'SELECT c_name, o_orderkey, SUM(l_quantity) FROM customer, orders, lineitem WHERE o_orderkey IN '
        '(SELECT l_orderkey FROM lineitem GROUP BY l_orderkey HAVING SUM(l_quantity) > 250) '
        'AND c_custkey = o_custkey AND o_orderkey = l_orderkey GROUP BY c_name, o_orderkey ORDER BY 2 LIMIT 100',
    'NOT EXISTS (22)':
        "SELECT LEFT(c_phone, 2) code, COUNT(*), SUM(c_acctbal) FROM customer WHERE LEFT(c_phone, 2) IN ('13', '31', '23') "
        'AND c_acctbal > (SELECT AVG(c_acctbal) FROM customer WHERE c_acctbal > 0) '
        'AND NOT EXISTS (SELECT * FROM orders WHERE o_custkey = c_custkey) GROUP BY 1 ORDER BY 1',
    'sort':
        'SELECT l_orderkey, l_linenumber, l_extendedprice FROM lineitem '
        'ORDER BY l_extendedprice DESC, l_orderkey, l_linenumber LIMIT 5 OFFSET 50000',
    'count distinct': 'SELECT COUNT(DISTINCT l_partkey, l_suppkey) FROM lineitem',
    'count': 'SELECT COUNT(*) FROM lineitem',
    'LIKE': "SELECT COUNT(*) FROM orders WHERE o_comment LIKE '%special%'",
}


def day(number):
    return (FIRST_DAY + datetime.timedelta(days=number)).isoformat()


def write(folder, name, rows):
    with open(folder / f'{name}.tsv', 'w') as file:
        file.writelines('\t'.join(map(str, row)) + '\n' for row in rows)


def write_tables(folder, orders):
    """As many orders, a tenth of that customers, about as many parts."""
    dice = random.Random(SEED)
    money = lambda low, high: f'{dice.uniform(low, high):.2f}'   # noqa: E731
    customers, parts, suppliers = max(orders // 10, 100), max(orders // 8, 100), max(orders // 120, 25)
    write(folder, 'region', ((i, f'REGION{i}') for i in range(5)))
    write(folder, 'nation', ((i, f'NATION{i}', i % 5) for i in range(25)))
    write(folder, 'supplier', ((i, f'Supplier#{i:09}', dice.randrange(25), money(-999, 9999))
                               for i in range(1, suppliers + 1)))
    write(folder, 'customer', ((i, f'Customer#{i:09}', dice.randrange(25), f'{dice.randrange(10, 35)}-555',
                                money(-999, 9999), dice.choice(SEGMENTS)) for i in range(1, customers + 1)))
    write(folder, 'part', ((i, f'part {dice.choice(("green", "red", "blue"))} {i}',
                            f'Brand#{dice.randrange(1, 6)}{dice.randrange(1, 6)}',
                            dice.choice(('STANDARD', 'SMALL', 'PROMO')) + ' ' + dice.choice(('BRASS', 'STEEL', 'TIN')),
                            dice.randrange(1, 51), 900 + i % 1000) for i in range(1, parts + 1)))
    headers, lines = [], []
    for order in range(1, orders + 1):
        ordered = dice.randrange(DAYS)
        of_order = [line(dice, order, number, ordered, parts, suppliers)
                    for number in range(1, dice.randrange(1, 8) + 1)]
        lines += of_order
        total = sum(float(one[5]) for one in of_order)
        headers.append((order, dice.randrange(1, customers + 1), dice.choice('OFP'), f'{total:.2f}', day(ordered),
                        dice.choice(PRIORITIES), 'no special requests' if dice.random() < .02 else 'as always'))
    write(folder, 'orders', headers)
    write(folder, 'lineitem', lines)


def line(dice, order, number, ordered, parts, suppliers):
    quantity, part = dice.randrange(1, 51), dice.randrange(1, parts + 1)
    shipped = ordered + dice.randrange(1, 122)
    return (order, part, (part * 7 + dice.randrange(4) * 131) % suppliers + 1, number, quantity,
            f'{quantity * (900 + part % 1000) / 10:.2f}', dice.randrange(11) / 100, dice.randrange(9) / 100,
            dice.choice('NRA'), 'OF'[shipped > 1300], day(shipped), day(ordered + dice.randrange(30, 91)),
            day(shipped + dice.randrange(1, 31)), 'NONE', dice.choice(MODES), 'nothing to be said')
